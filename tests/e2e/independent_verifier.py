"""A second verifier of CityLedger proofs, written from the format text alone.

It imports nothing of the project: the standard library, ``cryptography`` (Ed25519, SM3), ``coincurve`` (secp256k1 recovery)
and pycryptodome (keccak-256) are all it knows. It is one file on purpose, to be carried away: one argument, read whole.

    python independent_verifier.py --event EVENT.json --proof PROOF.json --trust trust.json --rpc http://127.0.0.1:8545

It prints what it established, one line a step, and exits with 0; with 5 when all of that holds but the contract has marked the
log as equivocated. Anything else ends with one line ``REFUSED: why`` and 1.
Section numbers in comments are those of the format text (FORMATS.md).
"""

import argparse
import base64
import hashlib
import hmac
import json
import math
import re
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from coincurve import PublicKey
from Crypto.Hash import keccak
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SM3, Hash

Rpc = Callable[[str, list[Any]], Any]
DOMAIN = b"cityledger/v1/"
HEX32 = re.compile(r"[0-9a-f]{64}")
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
NOT_IN_EVENT = {"traceparent", "tracestate", "ledgersigalg", "ledgerkeyid", "ledgersig"}


class Refused(Exception):  # noqa: N818 - it is the verdict, not a fault of the program
    """The proof does not hold, or is not in its one canonical form."""


def require(condition: object, why: str) -> None:
    if not condition:
        raise Refused(why)


# --- JSON in its one form (RFC 8785), section 1 ---------------------------------------------------------------------


quoted = json.JSONEncoder(ensure_ascii=False).encode
STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"?|([\[{])|([\]}])', re.DOTALL)


def number_text(value: float) -> str:
    """ECMAScript's Number::toString, from the shortest digits that Python's ``repr`` gives."""
    require(math.isfinite(value), "NaN or infinity")
    if value == 0:
        return "0"
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or "0") - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        text = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        text = digits[:point] + "." + digits[point:]
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        text = digits[0] + ("." + digits[1:] if digits[1:] else "") + f"e{point - 1:+d}"
    return ("-" if value < 0 else "") + text


def jcs_text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (int, float)):
        if float(value).is_integer():
            require(abs(value) <= 2**53 - 1, "an integral number beyond 2^53 - 1")
            return str(int(value))
        return number_text(value)
    if isinstance(value, list):
        return "[" + ",".join(map(jcs_text, value)) + "]"
    keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(quoted(key) + ":" + jcs_text(value[key]) for key in keys) + "}"


def jcs(value: Any) -> bytes:
    return jcs_text(value).encode()  # a lone surrogate raises UnicodeEncodeError here


def object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    require(len(result) == len(pairs), "a JSON object names a key twice")
    return result


def refuse_constant(name: str) -> None:
    raise Refused(f"{name} is no JSON number")


def refuse_deep(text: str) -> None:
    # The parser is recursive, and what is deeper than any proof could end the process.
    depth = 0
    for opens, closes in STRING_OR_BRACKET.findall(text):
        depth += bool(opens) - bool(closes)
        require(depth <= 64, "JSON nests deeper than any proof")


def parse_any(raw: bytes) -> Any:
    text = raw.decode()
    refuse_deep(text)
    return json.loads(text, object_pairs_hook=object_without_duplicates, parse_constant=refuse_constant)


def parse_canonical(raw: bytes, what: str) -> Any:
    value = parse_any(raw)
    require(jcs(value) == raw, f"the {what} is not in canonical form")
    return value


def fields(value: Any, names: str, what: str) -> list[Any]:
    """The members of an object that must have exactly these names, in this order."""
    require(
        isinstance(value, dict) and sorted(value) == sorted(names.split()), f"{what} has other members than {names}"
    )
    return [value[name] for name in names.split()]


def from_hex(value: Any, what: str) -> bytes:
    require(isinstance(value, str) and HEX32.fullmatch(value), f"{what} is not 32 bytes of lower-case hex")
    return bytes.fromhex(value)


def from_0x(value: Any, size: int, what: str) -> bytes:
    matched = isinstance(value, str) and re.fullmatch(r"0x[0-9a-f]*", value) and len(value) == 2 + 2 * size
    require(matched, f"{what} is not {size} bytes of 0x-prefixed lower-case hex")
    return bytes.fromhex(value[2:])


def from_base64(text: str, what: str) -> bytes:
    value = base64.b64decode(text, validate=True)
    require(base64.b64encode(value).decode() == text, f"{what} is not canonical base64")
    return value


def count(value: Any, what: str) -> int:
    require(type(value) is int and 0 <= value <= 2**53 - 1, f"{what} is not a natural number")
    return value


# --- hashes -----------------------------------------------------------------------------------------------------------


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def keccak256(*parts: bytes) -> bytes:
    return keccak.new(digest_bits=256, data=b"".join(parts)).digest()


def sm3(data: bytes) -> bytes:
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize()


def domain(name: str) -> bytes:
    return DOMAIN + name.encode() + b"\n"


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01", left, right)


def tree_root(leaf_hashes: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, straight from the definition."""
    if not leaf_hashes:
        return sha256()
    if len(leaf_hashes) == 1:
        return leaf_hashes[0]
    split = 1 << (len(leaf_hashes) - 1).bit_length() - 1
    return node(tree_root(leaf_hashes[:split]), tree_root(leaf_hashes[split:]))


def root_from_inclusion(leaf_hash: bytes, leaf_index: int, tree_size: int, path: list[bytes]) -> bytes:
    """RFC 9162, 2.1.3.2."""
    require(leaf_index < tree_size, "the leaf is not in a tree of that size")
    fn, sn, r = leaf_index, tree_size - 1, leaf_hash
    for p in path:
        require(sn, "the inclusion path is too long")
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, "the inclusion path is too short")
    return r


def check_consistency(size_1: int, root_1: bytes, size_2: int, root_2: bytes, path: list[bytes]) -> None:
    """RFC 9162, 2.1.4.2."""
    if size_1 == size_2:
        require(root_1 == root_2 and not path, "one size, two roots (or a path where there is none)")
        return
    require(0 < size_1 < size_2 and path, "sizes or path of the consistency proof are wrong")
    nodes = [root_1, *path] if size_1 & (size_1 - 1) == 0 else path
    fn, sn = size_1 - 1, size_2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = nodes[0]
    for c in nodes[1:]:
        require(sn, "the consistency path is too long")
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0 and fr == root_1 and sr == root_2, "the anchored head and the checkpoint are not one history")


# --- opening against entry, sections 1 to 4 ---------------------------------------------------------------------------


def scalars(value: Any, pointer: str = "") -> list[tuple[str, Any]]:
    """Every scalar, ``{}`` and ``[]`` with its JSON pointer."""
    if isinstance(value, dict) and value:
        escaped = {key: key.replace("~", "~0").replace("/", "~1") for key in value}
        return [leaf for key in value for leaf in scalars(value[key], f"{pointer}/{escaped[key]}")]
    if isinstance(value, list) and value:
        return [leaf for index, item in enumerate(value) for leaf in scalars(item, f"{pointer}/{index}")]
    return [(pointer, value)]


def field_leaf(salt: str, pointer: str, value: Any) -> bytes:
    return sha256(b"\x00", jcs([salt, pointer, value]))


def commit_fields(leaf_hashes: list[bytes]) -> bytes:
    return sha256(domain("body-fields"), len(leaf_hashes).to_bytes(8, "big"), tree_root(leaf_hashes))


def open_whole_body(body: Any, salt: bytes, kind: str, entry_sm3: bytes) -> tuple[bytes, dict[str, Any]]:
    """(commitment, what is disclosed by pointer) of a full opening."""
    event, signature = fields(body, "event signature", "the body")
    require(isinstance(event, dict) and not NOT_IN_EVENT & set(event), "the event holds what does not belong to it")
    if signature is not None:
        require(
            all(isinstance(part, str) for part in fields(signature, "alg key_id value", "the signature")), "signature"
        )
    raw = jcs(body)
    require(sm3(domain("body-sm3") + salt + raw) == entry_sm3, "the SM3 commitment opens to something else")
    leaves = sorted(scalars(body), key=lambda leaf: leaf[0].encode())
    if kind == "whole":
        return sha256(domain("body-whole"), salt, raw), dict(leaves)
    salts = [hmac.digest(salt, domain("field") + pointer.encode(), "sha256").hex() for pointer, _ in leaves]
    hashes = [field_leaf(field_salt, *leaf) for field_salt, leaf in zip(salts, leaves, strict=True)]
    return commit_fields(hashes), dict(leaves)


def open_redacted_body(body: list[Any]) -> tuple[bytes, dict[str, Any]]:
    """(commitment, what is disclosed by pointer) of an opening with withheld fields."""
    disclosed: dict[str, Any] = {}
    hashes, last = [], b""
    for leaf in body:
        if isinstance(leaf, str):
            hashes.append(from_hex(leaf, "a withheld field"))
            continue
        require(isinstance(leaf, list) and len(leaf) == 3 and isinstance(leaf[1], str), "a disclosed field")
        salt, pointer, value = leaf
        from_hex(salt, "the salt of a field")
        require(not isinstance(value, (dict, list)) or not value, "a disclosed field is no scalar")
        require(pointer.encode() > last, "disclosed fields are out of order")
        last, disclosed[pointer] = pointer.encode(), value
        hashes.append(field_leaf(salt, pointer, value))
    return commit_fields(hashes), disclosed


def check_opening(opening: Any, entry: list[bytes], origin: str) -> tuple[dict[str, Any] | None, int]:
    """(disclosed values by JSON pointer into the body, or None when erased; number of withheld fields)."""
    body, body_salt, envelope, envelope_salt, version = fields(
        opening, "body body_salt envelope envelope_salt v", "the opening"
    )
    require(type(version) is int and version == 1, "the opening's version is not 1")
    salt = from_hex(envelope_salt, "the envelope's salt")
    require(sha256(domain("envelope"), salt, jcs(envelope)) == entry[1], "the envelope is not the committed one")
    names = "body_kind origin received_at rule_version signer_key_id submitter tags type v"
    kind, envelope_origin, _, _, signer, _, _, event_type, _ = fields(envelope, names, "the envelope")
    require(envelope_origin == origin, "the envelope belongs to another log")
    require(kind in {"whole", "fields"}, "the body kind is unknown")
    if body is None:
        require(body_salt is None, "an erased body has no salt")
        return None, 0
    if isinstance(body, list):
        require(kind == "fields" and body_salt is None, "only a body of kind fields can be redacted")
        commitment, disclosed = open_redacted_body(body)
    else:
        commitment, disclosed = open_whole_body(body, from_hex(body_salt, "the body's salt"), kind, entry[2])
        require(disclosed.get("/signature/key_id") == signer, "the envelope names another signer")
    require(commitment == entry[0], "the body is not the committed one")
    require(disclosed.get("/event/type", event_type) == event_type, "the envelope names another type")
    return disclosed, len(body) - len(disclosed) if isinstance(body, list) else 0


def event_as_logged(raw: bytes) -> dict[str, Any]:
    """``E`` of a CloudEvent in structured mode (section 1); JSON spelling is free here, meaning is not."""
    event: dict[str, Any] = {}
    for name, value in parse_any(raw).items():
        if name in NOT_IN_EVENT or (value is None and name != "data"):
            continue
        if name != "data" and not isinstance(value, str):
            require(isinstance(value, (bool, int)), f"attribute {name} has a type that CloudEvents does not know")
            value = jcs_text(value)  # noqa: PLW2901 - the attribute in its string form
        event[name] = value
    media_type = event.get("datacontenttype", "application/json").partition(";")[0].strip().lower()
    is_json = media_type in {"application/json", "text/json"} or media_type.endswith("+json")
    if is_json and "data_base64" in event:
        event["data"] = parse_any(base64.b64decode(event.pop("data_base64"), validate=True))
    if is_json and "data" in event:
        event.setdefault("datacontenttype", "application/json")
    elif "data" in event and isinstance(event["data"], str):
        event["data_base64"] = base64.b64encode(event.pop("data").encode()).decode()
    return event


def check_event(event: dict[str, Any], disclosed: dict[str, Any] | None, withheld: int) -> int:
    """Compares every disclosed field with ``event``; returns how many fields of the event are withheld.

    Of the withheld fields up to three may be the submitter's signature and not the event's.
    """
    require(disclosed is not None, "the event was erased; nothing is left that could be compared")
    assert disclosed is not None
    known = {f"/event{pointer}": value for pointer, value in scalars(event)}
    shown = {pointer: value for pointer, value in disclosed.items() if pointer.startswith("/event/")}
    require({"/event/source", "/event/id"} <= set(shown), "source and id are withheld; this may be any event")
    for pointer, value in shown.items():
        require(pointer in known and jcs(known[pointer]) == jcs(value), f"the event differs at {pointer}")
    missing = len(known) - len(shown)
    require(missing <= withheld, "the event holds more fields than were logged")
    require(missing >= withheld - 3, "the event holds fewer fields than were logged")
    return missing


# --- checkpoint, section 5 --------------------------------------------------------------------------------------------


def abi(*words: int | bytes) -> bytes:
    """Static ABI encoding: numbers, and addresses or hashes left-padded to 32 bytes."""
    return b"".join(w.to_bytes(32, "big") if isinstance(w, int) else w.rjust(32, b"\0") for w in words)


def parse_verifier_key(text: str) -> tuple[str, bytes, bytes]:
    """(name, key id, Ed25519 public key) of a C2SP verifier key."""
    name, key_id, encoded = text.split("+", 2)
    key = from_base64(encoded, "the verifier key")
    require(len(key) == 33 and key[0] == 1, "the verifier key is not Ed25519")
    expected = sha256(name.encode(), b"\n", key)[:4]
    require(key_id == expected.hex(), "the verifier key's id is wrong")
    return name, expected, key[1:]


def recover_address(digest: bytes, signature: bytes) -> bytes:
    r, s, v = signature[:32], signature[32:64], signature[64]
    require(v in {27, 28} and int.from_bytes(s, "big") <= SECP256K1_ORDER // 2, "v is not 27 or 28, or s is high")
    key = PublicKey.from_signature_and_message(r + s + bytes([v - 27]), digest, hasher=None)
    return keccak256(key.format(compressed=False)[1:])[12:]


def open_checkpoint(note: Any, log: dict[str, Any], log_id: bytes, chain_id: int, contract: bytes) -> tuple[int, bytes]:
    """(tree size, root hash) of a note that holds exactly the log's two signatures, both good."""
    require(isinstance(note, str), "the checkpoint is no text")
    origin, key_id, public_key = parse_verifier_key(log["verifier_key"])
    name = re.escape(origin)
    pattern = rf"({name}\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{{43}}=)\n)\n— {name} ([A-Za-z0-9+/=]+)\n— {name} ([A-Za-z0-9+/=]+)\n"
    match = re.fullmatch(pattern, note)
    require(match, "the checkpoint is not a note of this log with its two signatures")
    assert match is not None
    text, tree_size, root_hash = match[1], int(match[2]), from_base64(match[3], "the root hash")
    first, second = (from_base64(match[line], "a signature line") for line in (4, 5))
    require(first[:4] == key_id and len(first) == 68, "the first signature is not by the checkpoint key")
    Ed25519PublicKey.from_public_bytes(public_key).verify(first[4:], text.encode())
    address = bytes.fromhex(log["anchor_address"][2:])
    anchor_key_id = sha256(origin.encode(), b"\n\xff", b"cityledger/eip712-checkpoint/v1", address)[:4]
    require(second[:4] == anchor_key_id and len(second) == 69, "the second signature is not by the anchor key")
    domain_type = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    names = keccak256(b"CityLedger EvidenceLog"), keccak256(b"1")
    separator = keccak256(abi(keccak256(domain_type), *names, chain_id, contract))
    type_hash = keccak256(b"Checkpoint(bytes32 logId,uint64 treeSize,bytes32 rootHash)")
    struct_hash = keccak256(abi(type_hash, log_id, tree_size, root_hash))
    digest = keccak256(b"\x19\x01", separator, struct_hash)
    require(recover_address(digest, second[4:]) == address, "the anchor key did not sign this checkpoint")
    return tree_size, root_hash


def trusted_log(trust: Any, note: Any) -> tuple[dict[str, Any], bytes]:
    """The trust file's log that the checkpoint names, and its log id computed here."""
    chain, logs, profile, signatures, version, witnesses = fields(
        trust, "chain logs profile signatures v witnesses", "the trust file"
    )
    require(
        version == 1 and profile == "development" and signatures == [] and witnesses == [], "trust file of another form"
    )
    fields(chain, "chain_id evidence_log evidence_log_code_hash genesis_hash", "the trust file's chain")
    origin = str(note).partition("\n")[0]
    found = [log for log in logs if log["origin"] == origin]
    require(len(found) == 1, "the trust file does not know the checkpoint's log")
    fields(found[0], "anchor_address log_id origin receipt_key verifier_key", "a log of the trust file")
    name, _, public_key = parse_verifier_key(found[0]["verifier_key"])
    require(name == origin, "the trust file's verifier key is for another origin")
    log_type = (
        b"CityLedgerLog(uint256 chainId,address evidenceLog,string origin,bytes32 checkpointKey,address anchorKey)"
    )
    contract, anchor_key = (bytes.fromhex(text[2:]) for text in (chain["evidence_log"], found[0]["anchor_address"]))
    words = chain["chain_id"], contract, keccak256(origin.encode()), public_key, anchor_key
    log_id = keccak256(abi(keccak256(log_type), *words))
    require("0x" + log_id.hex() == found[0]["log_id"], "the trust file's log id does not follow from its keys")
    return found[0], log_id


# --- the chain, section 6 ---------------------------------------------------------------------------------------------


def check_chain(anchor: dict[str, Any], chain: dict[str, Any], rpc: Rpc) -> None:
    """The transaction of the anchor is in the canonical block it names, and made the contract record this head."""
    require(int(rpc("eth_chainId", []), 16) == chain["chain_id"], "the node is on another chain")
    genesis = rpc("eth_getBlockByNumber", ["0x0", False])
    require(genesis and genesis["hash"] == chain["genesis_hash"], "the node's chain began with another block")
    code = bytes.fromhex(rpc("eth_getCode", [anchor["contract"], "latest"])[2:])
    code_hash = "0x" + keccak256(code).hex()
    require(code_hash == chain["evidence_log_code_hash"], "other code stands at the contract's address")
    receipt = rpc("eth_getTransactionReceipt", [anchor["tx_hash"]])
    require(receipt and receipt["transactionHash"] == anchor["tx_hash"], "the chain does not know the transaction")
    require(int(receipt["status"], 16) == 1, "the transaction failed")
    block = rpc("eth_getBlockByNumber", [hex(anchor["block_number"]), False])
    hashes = {receipt["blockHash"], block and block["hash"], anchor["block_hash"]}
    require(hashes == {anchor["block_hash"]}, "the block is not in the chain any more")
    require(int(receipt["blockNumber"], 16) == anchor["block_number"], "the transaction is in another block")
    topic = "0x" + keccak256(b"HeadAnchored(bytes32,uint64,bytes32)").hex()
    topics = [topic, anchor["log_id"], f"0x{anchor['tree_size']:064x}"]
    recorded = [
        chain_event["data"]
        for chain_event in receipt["logs"]
        if chain_event["address"].lower() == anchor["contract"] and chain_event["topics"] == topics
    ]
    require("0x" + anchor["root_hash"] in recorded, "the transaction recorded no such head")


def check_head(anchor: dict[str, Any], tree_size: int, root_hash: bytes, rpc: Rpc) -> str | None:
    """The contract's head contradicts neither anchor nor checkpoint; a warning when the log is marked as equivocated.

    A mark takes nothing from what the contract recorded, and ``check_chain`` has shown that it recorded this anchor.
    """
    call = {"to": anchor["contract"], "data": "0x" + keccak256(b"head(bytes32)")[:4].hex() + anchor["log_id"][2:]}
    answer = bytes.fromhex(rpc("eth_call", [call, "latest"])[2:])
    require(len(answer) == 4 * 32, "the contract does not know the log")
    held = {int.from_bytes(answer[:32], "big"): answer[32:64]}
    require(anchor["tree_size"] <= max(held), "the contract's head is smaller than the anchored one")
    marked = any(answer[96:])
    if tree_size > anchor["tree_size"]:
        topic = "0x" + keccak256(b"HeadAnchored(bytes32,uint64,bytes32)").hex()
        for event in contract_events(anchor, [topic, anchor["log_id"], f"0x{tree_size:064x}"], rpc):
            held[tree_size] = bytes.fromhex(event["data"][2:])
    for size, root in ((tree_size, root_hash), (anchor["tree_size"], bytes.fromhex(anchor["root_hash"]))):
        require(held.get(size, root) == root, f"the chain holds another root of size {size}")
    if not marked:
        return None
    forks = (
        b"HeadForked(bytes32,uint64,bytes32,bytes32)",
        b"ForkReported(bytes32,uint64,bytes32,bytes32,uint64,bytes32)",
    )
    events = contract_events(anchor, [["0x" + keccak256(fork).hex() for fork in forks], anchor["log_id"]], rpc)
    require(events, "the log is marked as equivocated, but no event says where")
    block = min(int(event["blockNumber"], 16) for event in events)
    return f"8 BUT the contract has marked this log as equivocated at block {block}: believe only what the chain holds"


def contract_events(anchor: dict[str, Any], topics: list[Any], rpc: Rpc) -> list[dict[str, Any]]:
    query = {"address": anchor["contract"], "topics": topics, "fromBlock": "0x0", "toBlock": "latest"}
    events: list[dict[str, Any]] = rpc("eth_getLogs", [query])
    return events


def http_rpc(url: str) -> Rpc:
    def call(method: str, params: list[Any]) -> Any:
        request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        headers = {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(url, request, headers), timeout=20) as reply:
            answer = json.load(reply)
        require("error" not in answer, f"the node refused {method}")
        return answer["result"]

    return call


# --- the whole --------------------------------------------------------------------------------------------------------


def verify(proof_raw: bytes, trust_raw: bytes, rpc: Rpc, event_raw: bytes | None = None) -> list[str]:
    """What was established, one sentence a step. Raises ``Refused`` for everything else."""
    try:
        return _verify(proof_raw, trust_raw, rpc, event_raw)
    except InvalidSignature:
        raise Refused("the checkpoint key did not sign this checkpoint") from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        raise Refused(f"malformed: {type(error).__name__}: {error}") from error


def _verify(proof_raw: bytes, trust_raw: bytes, rpc: Rpc, event_raw: bytes | None) -> list[str]:
    proof = parse_canonical(proof_raw, "proof")
    trust = parse_canonical(trust_raw, "trust file")
    anchor, note, entry_object, path, leaf_index, opening, version = fields(
        proof, "anchor checkpoint entry inclusion_path leaf_index opening v", "the proof"
    )
    require(type(version) is int and version == 1, "the proof's version is not 1")
    said = ["1 the proof and the trust file are in canonical form"]

    *commitments, entry_version = fields(entry_object, "body envelope sm3 v", "the entry")
    require(type(entry_version) is int and entry_version == 1, "the entry's version is not 1")
    entry = [from_hex(value, "a commitment of the entry") for value in commitments]
    log, log_id = trusted_log(trust, note)
    disclosed, withheld = check_opening(opening, entry, log["origin"])
    said.append("2 the opening is what the entry commits to")
    if event_raw is not None:
        missing = check_event(event_as_logged(event_raw), disclosed, withheld)
        said.append(f"3 the event is the one in the opening ({missing} of its fields withheld)")

    chain = trust["chain"]
    contract = bytes.fromhex(chain["evidence_log"][2:])
    tree_size, root_hash = open_checkpoint(note, log, log_id, chain["chain_id"], contract)
    said.append(f"4 both keys of the log signed the checkpoint of size {tree_size}")
    leaf_index = count(leaf_index, "leaf_index")
    leaf_hash = sha256(b"\x00", jcs(entry_object))
    computed = root_from_inclusion(leaf_hash, leaf_index, tree_size, [from_hex(p, "the inclusion path") for p in path])
    require(computed == root_hash, "the entry is not in the checkpoint's tree")
    said.append(f"5 the entry is leaf {leaf_index} of that tree")

    require(anchor is not None, "the proof holds no anchor")
    names = "block_hash block_number chain_id consistency_path contract log_id root_hash tree_size tx_hash"
    _, number, chain_id, steps, anchor_contract, anchor_log_id, anchor_root, anchor_size, _ = fields(
        anchor, names, "anchor"
    )
    for name in ("block_hash", "tx_hash", "log_id"):
        from_0x(anchor[name], 32, name)
    trusted = (chain["chain_id"], contract, log_id)
    named = (count(chain_id, "chain_id"), from_0x(anchor_contract, 20, "contract"), bytes.fromhex(anchor_log_id[2:]))
    require(named == trusted, "the anchor is in another chain, contract or log")
    count(number, "block_number")
    heads = [(tree_size, root_hash), (count(anchor_size, "tree_size"), from_hex(anchor_root, "the anchored root"))]
    require(leaf_index < anchor_size, "the anchored head does not cover the leaf")
    (size_1, root_1), (size_2, root_2) = sorted(heads, key=lambda head: head[0])
    check_consistency(size_1, root_1, size_2, root_2, [from_hex(p, "the consistency path") for p in steps])
    said.append(f"6 the anchored head of size {anchor_size} and the checkpoint are one history")
    check_chain(anchor, chain, rpc)
    said.append(f"7 the contract recorded that head in block {number} of the chain (development chain, no consensus)")
    said.append(check_head(anchor, tree_size, root_hash, rpc) or "8 the contract marks no fork of the log")
    return said


def main() -> int:
    parser = argparse.ArgumentParser(description="Confirms one event from its proof, a trust file and a chain node.")
    parser.add_argument("--event", type=Path, required=True, help="the CloudEvent in structured mode")
    parser.add_argument("--proof", type=Path, required=True)
    parser.add_argument("--trust", type=Path, required=True)
    parser.add_argument("--rpc", required=True, help="JSON-RPC URL of a node of the chain")
    options = parser.parse_args()
    try:
        inputs = (
            options.proof.read_bytes(),
            options.trust.read_bytes(),
            http_rpc(options.rpc),
            options.event.read_bytes(),
        )
        said = verify(*inputs)
    except (Refused, OSError) as error:
        print(f"REFUSED: {error}")
        return 1
    is_marked = said[-1].startswith("8 BUT")
    print("\n".join([*said, "CONFIRMED, BUT THE LOG IS MARKED AS EQUIVOCATED" if is_marked else "CONFIRMED"]))
    return 5 if is_marked else 0


if __name__ == "__main__":
    sys.exit(main())
