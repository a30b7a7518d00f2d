"""A second verifier of filed agreements, written from the formats alone: anyone checks one with what they were given, and the chain.

It imports nothing of the project: the standard library, ``coincurve`` (secp256k1 recovery) and pycryptodome (keccak-256) are all it knows;
SM2 is written out here, over the standard library's SM3.
It is one file on purpose, to be carried away: one argument, read whole.

    python independent_agreement_verifier.py --agreement agreement.json --manifest manifest.json --rpc http://127.0.0.1:8545

``agreement.json`` is the answer of ``GET /v1/agreements/{id}``; ``manifest.json`` says which contracts on which chain are meant, and comes from
somebody else (the council). Who may see less, or more, says so:

    --opening FILE          a list of leaves ``[salt, pointer, value]`` or hashes, in place of the disclosed part and its salt
    --confidential FILE     the confidential part in clear, as ``cityledger sign open --out`` saves it
    --participant CODE=SALT the salt of a body's id, which ties its subject code to the body that signed; once for each party

It prints one numbered line a step, PASSED, NOT SHOWN (for want of a salt or of SM2 signatures) or FAILED, and ends at the first that failed. Exit codes: 0 filed
and in force, 5 the same but it was ended, 1 something failed, 2 the command line is wrong.
"""

import argparse
import hashlib
import hmac
import json
import re
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from coincurve import PublicKey
from Crypto.Hash import keccak

Rpc = Callable[[str, list[Any]], Any]
REGISTRY, PARTICIPANTS = "DigitalContractRegistry", "ParticipantRegistry"
BUSINESS, PROVIDERS, CONSUMER, PLATFORMS = 1, 0b010101, 0b000010, 3 << 17
ARBITRATOR_OR_REGULATOR = 1 << 23 | 1 << 21
FILED, TERMINATED = 2, 3
SM2_PRIME = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
SM2_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
SM2_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
SM2_BASE = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
SM2_SIGNER = b"1234567812345678"
HALF_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141 // 2

SIGNATURE = "(bytes32,address,bytes32,uint256,bytes)"
RECIPIENT = "(bytes32,uint8,uint32,uint32,uint32)"
COMPONENT = f"(uint8,uint8,bytes3,uint64,uint64,uint32,uint32,{RECIPIENT}[])"
AGREEMENT = (
    "(bytes32,bytes32,bytes32,uint32,bytes32[],bytes32,bytes32,bytes32,bool,uint32,uint8,uint64,uint64,bytes32,bytes32)"
)
TERMS = "(bytes32,bytes32,bool,uint8,bool,uint64,bytes3,bytes32)"
CONCLUDE = f"conclude({AGREEMENT},{COMPONENT}[],{SIGNATURE}[])"
FILE = f"file(bytes32,bytes32,{SIGNATURE})"
TERMINATE = f"terminate(bytes32,uint64,bytes32,uint256,{SIGNATURE}[])"
CONCLUDED = f"AgreementConcluded(bytes32,bytes32,bytes32,{AGREEMENT},{TERMS})"

TAIL = "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
AGREEMENT_TYPE = (
    "Agreement(bytes32 agreementId,bytes32 orderId,bytes32 productId,uint32 productVersion,bytes32[] parties,"
    "bytes32 contractDigest,bytes32 ruleVersion,bytes32 priceRuleDigest,bool silenceAccepts,uint32 answerSeconds,"
    "uint8 payBasis,uint64 validFrom,uint64 validUntil,bytes32 replaces,ComponentTerms[] components," + TAIL
)
COMPONENT_TYPE = (
    "ComponentTerms(uint8 component,uint8 bases,bytes3 currency,uint64 maxUnitPrice,uint64 fixedAmount,"
    "uint32 firstPeriod,uint32 lastPeriod,Recipient[] recipients)"
)
RECIPIENT_TYPE = "Recipient(bytes32 recipient,uint8 part,uint32 share,uint32 minShare,uint32 maxShare)"
FILING_TYPE = "AgreementFiling(bytes32 agreementId,bytes32 contractDigest,bytes32 filingDigest," + TAIL
TERMINATION_TYPE = "Termination(bytes32 agreementId,uint64 effectiveAt,bytes32 reasonDigest,uint256 nonce," + TAIL


class Failed(Exception):  # noqa: N818 - it is the verdict, not a fault of the program
    """A step does not hold."""


def require(condition: object, why: str) -> None:
    if not condition:
        raise Failed(why)


# --- JSON, hashes and ABI -----------------------------------------------------------------------------------------------


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    require(len(found) == len(pairs), "a JSON object names a key twice")
    return found


def read_json(path: Path) -> Any:
    return json.loads(path.read_bytes(), object_pairs_hook=without_duplicates)


def jcs(value: Any) -> bytes:
    """RFC 8785; of numbers that are no integers those whose shortest form Python and ECMAScript write alike."""
    if isinstance(value, float):
        require(value.is_integer() or 1e-4 <= abs(value) < 1e15, "a number outside of what this program writes")
        value = int(value) if value.is_integer() else value
    require(isinstance(value, bool) or not isinstance(value, int) or abs(value) < 2**53, "an integer beyond 2^53 - 1")
    if isinstance(value, list):
        return b"[" + b",".join(map(jcs, value)) + b"]"
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return b"{" + b",".join(jcs(key) + b":" + jcs(value[key]) for key in keys) + b"}"
    return json.dumps(value, ensure_ascii=False).encode()


def hex32(value: Any, what: str) -> bytes:
    require(isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value), f"{what} is not 64 lower-case hex digits")
    return bytes.fromhex(value)


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def keccak256(*parts: bytes) -> bytes:
    return keccak.new(digest_bits=256, data=b"".join(parts)).digest()


def domain(name: str) -> bytes:
    return b"cityledger/v1/" + name.encode() + b"\n"


def word(value: bytes | int) -> bytes:
    """An address or a number as the ABI has it; what is 32 bytes long stays."""
    return value.to_bytes(32, "big") if isinstance(value, int) else value.rjust(32, b"\0")


def number(octets: bytes) -> int:
    return int.from_bytes(octets, "big")


def split_types(text: str) -> list[str]:
    """The types between the commas of a list, whatever is nested in them."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return found


def is_dynamic(kind: str) -> bool:
    return kind == "bytes" or kind.endswith("]") or (kind[0] == "(" and any(map(is_dynamic, split_types(kind[1:-1]))))


def width(kind: str) -> int:
    return sum(map(width, split_types(kind[1:-1]))) if kind[0] == "(" and not is_dynamic(kind) else 32


def decode(kind: str, data: bytes, at: int = 0) -> Any:
    """A value of a Solidity type: words as bytes, arrays and structs as lists. ``at`` is where its head begins."""
    require(at + 32 <= len(data), "call data or an answer ends early")
    if kind == "bytes":
        length = number(data[at : at + 32])
        require(at + 32 + length <= len(data), "call data ends early")
        return data[at + 32 : at + 32 + length]
    if kind.endswith("[]"):
        length = number(data[at : at + 32])
        require(length <= 1_000, "an array is longer than any here")
        return decode_all([kind[:-2]] * length, data, at + 32)
    return decode_all(split_types(kind[1:-1]), data, at) if kind[0] == "(" else data[at : at + 32]


def decode_all(kinds: list[str], data: bytes, base: int) -> list[Any]:
    found, at = [], base
    for kind in kinds:
        if is_dynamic(kind):
            require(at + 32 <= len(data), "call data ends early")
            found.append(decode(kind, data, base + number(data[at : at + 32])))
            at += 32
        else:
            found.append(decode(kind, data, at))
            at += width(kind)
    return found


def call_arguments(signature: str, data: bytes) -> list[Any]:
    require(
        data[:4] == keccak256(signature.encode())[:4], "the transaction called another function than the one that signs"
    )
    return decode_all(split_types(signature.partition("(")[2][:-1]), data[4:], 0)


# --- the digest over both parts ------------------------------------------------------------------------------------------


def tree_root(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, straight from the definition."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", tree_root(leaves[:split]), tree_root(leaves[split:]))


def scalars(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Every scalar, ``{}`` and ``[]`` with its JSON pointer (RFC 6901)."""
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from scalars(member, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list) and value:
        for index, member in enumerate(value):
            yield from scalars(member, f"{pointer}/{index}")
    else:
        yield pointer, value


def leaf_hash(salt: str, pointer: str, value: Any) -> bytes:
    return sha256(b"\x00", jcs([salt, pointer, value]))


def part_leaves(name: str, part: Any, salt: bytes) -> list[bytes]:
    """The hashes of a part's leaves, in the order of the UTF-8 bytes of their pointers."""
    require(isinstance(part, dict) and part, f"there is no {name} part")
    leaves = sorted(scalars(part, f"/{name}"), key=lambda leaf: leaf[0].encode())
    salts = [hmac.digest(salt, domain("agreement-field") + pointer.encode(), "sha256").hex() for pointer, _ in leaves]
    return [leaf_hash(own, *leaf) for own, leaf in zip(salts, leaves, strict=True)]


def open_leaves(opening: list[Any]) -> tuple[list[bytes], dict[str, Any]]:
    """Hashes of all leaves, and what is shown by pointer."""
    hashes, shown, last = [], {}, ""
    for leaf in opening:
        if isinstance(leaf, str):
            hashes.append(hex32(leaf, "a withheld leaf"))
            continue
        salt, pointer, value = leaf
        hex32(salt, "the salt of a leaf")
        require(pointer > last, "the shown leaves are out of order")
        require(not isinstance(value, (dict, list)) or not value, "a shown leaf is no single value")
        shown[pointer], last = value, pointer
        hashes.append(leaf_hash(salt, pointer, value))
    return hashes, shown


# --- the chain -------------------------------------------------------------------------------------------------------------


class Chain:
    """The contracts that a manifest names, on the node that answers."""

    def __init__(self, rpc: Rpc, manifest: dict[str, Any]) -> None:
        self.rpc, self.chain_id, self.genesis = rpc, manifest["chain_id"], manifest["genesis_hash"]
        self.note = " (development chain, no consensus)" if manifest["profile"] == "development" else ""
        found = {one["name"]: one for one in manifest["contracts"]}
        self.contracts = {name: found[name] for name in (REGISTRY, PARTICIPANTS)}
        self.registry = bytes.fromhex(found[REGISTRY]["address"][2:])

    def check(self) -> None:
        require(int(self.rpc("eth_chainId", []), 16) == self.chain_id, "the node is on another chain than the manifest")
        genesis = self.rpc("eth_getBlockByNumber", ["0x0", False])
        require(genesis["hash"] == self.genesis, "the node's chain began with another block")
        for name, contract in self.contracts.items():
            code = bytes.fromhex(self.rpc("eth_getCode", [contract["address"], "latest"])[2:])
            require(
                "0x" + keccak256(code).hex() == contract["code_hash"], f"other code stands at the address of {name}"
            )
        answered = self.ask(REGISTRY, "participants()")[12:32]
        require(
            answered.hex() == self.contracts[PARTICIPANTS]["address"][2:].lower(), "the contracts are of two suites"
        )

    def ask(self, name: str, signature: str, *words: bytes | int) -> bytes:
        data = keccak256(signature.encode())[:4] + b"".join(map(word, words))
        call = {"to": self.contracts[name]["address"], "data": "0x" + data.hex()}
        return bytes.fromhex(self.rpc("eth_call", [call, "latest"])[2:])

    def events(self, signature: str, agreement_id: bytes) -> list[dict[str, Any]]:
        topics = ["0x" + keccak256(signature.encode()).hex(), "0x" + agreement_id.hex()]
        asked = {"address": "0x" + self.registry.hex(), "topics": topics, "fromBlock": "0x0", "toBlock": "latest"}
        found = self.rpc("eth_getLogs", [asked])
        return [one for one in found if one["topics"][:2] == topics and one["address"] == asked["address"]]

    def act(self, event: dict[str, Any], signature: str) -> tuple[list[Any], "Block"]:
        """Arguments of the call that made an event, and its block."""
        receipt = self.rpc("eth_getTransactionReceipt", [event["transactionHash"]])
        sent = self.rpc("eth_getTransactionByHash", [event["transactionHash"]])
        require(
            receipt and sent and int(receipt["status"], 16) == 1,
            "the chain does not know the transaction, or it failed",
        )
        block = self.rpc("eth_getBlockByNumber", [receipt["blockNumber"], False])
        require(block and block["hash"] == receipt["blockHash"], "the block is not in the chain any more")
        require(
            (sent["to"] or "").lower() == "0x" + self.registry.hex(),
            "the call came by way of another contract; its signatures are not in it",
        )
        return call_arguments(signature, bytes.fromhex(sent["input"][2:])), Block(block, receipt)

    def separator(self) -> bytes:
        kind = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        names = keccak256(f"CityLedger {REGISTRY}".encode()), keccak256(b"1")
        return keccak256(keccak256(kind), *names, word(self.chain_id), word(self.registry))


class Block:
    """Where a transaction is."""

    def __init__(self, block: dict[str, Any], receipt: dict[str, Any]) -> None:
        self.number, self.time = int(block["number"], 16), int(block["timestamp"], 16)
        self.logs = receipt["logs"]

    def __str__(self) -> str:
        return f"block {self.number} of {datetime.fromtimestamp(self.time, UTC):%Y-%m-%d %H:%M:%S} UTC"


def signing_digest(chain: Chain, head: bytes, signer: bytes, sm2_digest: bytes, deadline: bytes) -> bytes:
    """EIP-712, of an act with the tail that every act has."""
    return keccak256(b"\x19\x01", chain.separator(), keccak256(head, signer, sm2_digest, deadline))


def check_signature(chain: Chain, head: bytes, party: list[Any], block: Block, roles: int) -> tuple[bytes, str]:
    """The body that signed, and a sentence about it; ``roles`` are those any one of which will do, 0 for any."""
    signer, key, sm2_digest, deadline, signature = party
    digest = signing_digest(chain, head, signer, sm2_digest, deadline)
    require(number(deadline) >= block.time, "a signature was relayed after its deadline")
    key_record = chain.ask(PARTICIPANTS, "keyOf(bytes32,address)", signer, key[12:])
    if number(key_record[32:64]):
        answer = chain.rpc("eth_call", [{"to": "0x" + key[12:].hex(), "data": erc1271(digest, signature)}, "latest"])
        require(answer[:10] == "0x1626ba7e", "the contract that is the key does not confirm the signature (ERC-1271)")
    else:
        require(recover(digest, signature) == key[12:], "the named key did not sign this")
    # A key is valid from the end of its block and invalid from the block of its revocation, so either end of this block will do.
    states = (
        chain.ask(PARTICIPANTS, "signingStateAt(bytes32,address,uint256)", signer, key[12:], at)
        for at in (block.number - 1, block.number)
    )
    able = any(state[31] & BUSINESS and (not roles or number(state[96:128]) & roles) for state in states)
    require(able, "the key was no business key of a body with the needed role in that block")
    topics = [
        "0x" + keccak256(b"PartySigned(bytes32,bytes32,address,bytes32)").hex(),
        "0x" + signer.hex(),
        "0x" + digest.hex(),
    ]
    logged = [one for one in block.logs if one["topics"] == topics and one["address"] == "0x" + chain.registry.hex()]
    require(
        len(logged) == 1 and logged[0]["data"] == "0x" + (key + sm2_digest).hex(),
        "the contract logged another signature",
    )
    return signer, f"body 0x{signer.hex()[:16]}... by its key 0x{key[12:].hex()}"


def erc1271(digest: bytes, signature: bytes) -> str:
    padded = signature + bytes(-len(signature) % 32)
    selector = keccak256(b"isValidSignature(bytes32,bytes)")[:4]
    return "0x" + (selector + digest + word(64) + word(len(signature)) + padded).hex()


def recover(digest: bytes, signature: bytes) -> bytes:
    require(len(signature) == 65 and signature[64] in {27, 28}, "a signature is not 65 bytes with v 27 or 28")
    require(number(signature[32:64]) <= HALF_ORDER, "a signature has a high s")
    public = PublicKey.from_signature_and_message(signature[:64] + bytes([signature[64] - 27]), digest, hasher=None)
    return keccak256(public.format(compressed=False)[1:])[12:]


def sm3(*parts: bytes) -> bytes:
    return hashlib.new("sm3", b"".join(parts)).digest()


Point = tuple[int, int] | None


def sm2_sum(first: Point, second: Point) -> Point:
    if first is None or second is None:
        return first or second
    (x1, y1), (x2, y2) = first, second
    if x1 == x2 and (y1 + y2) % SM2_PRIME == 0:
        return None
    rise, run = (3 * (x1 * x1 - 1), 2 * y1) if first == second else (y2 - y1, x2 - x1)
    slope = rise * pow(run, -1, SM2_PRIME)
    x3 = (slope * slope - x1 - x2) % SM2_PRIME
    return x3, (slope * (x1 - x3) - y1) % SM2_PRIME


def sm2_product(times: int, point: Point) -> Point:
    found: Point = None
    for digit in f"{times:b}":
        found = sm2_sum(found, found)
        found = sm2_sum(found, point) if digit == "1" else found
    return found


@cache
def check_sm2(public_key: bytes, message: bytes, signature: bytes) -> None:
    """GB/T 32918.2, section 7.1, with the default signer id; the key is x || y, the signature r || s."""
    (x, y), (r, s) = ((number(one[:32]), number(one[32:])) for one in (public_key, signature))
    require(x < SM2_PRIME and y < SM2_PRIME, "an SM2 key is no point")
    require((y * y - x**3 + 3 * x - SM2_B) % SM2_PRIME == 0, "an SM2 key is no point of the curve")
    require(0 < r < SM2_ORDER and 0 < s < SM2_ORDER and (r + s) % SM2_ORDER, "an SM2 signature is out of range")
    curve = b"".join(map(word, (SM2_PRIME - 3, SM2_B, *SM2_BASE)))
    z = sm3((8 * len(SM2_SIGNER)).to_bytes(2, "big"), SM2_SIGNER, curve, public_key)
    point = sm2_sum(sm2_product(s, SM2_BASE), sm2_product((r + s) % SM2_ORDER, (x, y)))
    require(
        point is not None and (number(sm3(z, message)) + point[0]) % SM2_ORDER == r,
        "an SM2 signature is not by its key over this agreement",
    )


def hash_components(components: list[Any]) -> bytes:
    """EIP-712 hash of the array of component terms."""
    hashes = []
    for *plain, recipients in components:
        inner = [keccak256(keccak256(RECIPIENT_TYPE.encode()), *recipient) for recipient in recipients]
        hashes.append(keccak256(keccak256((COMPONENT_TYPE + RECIPIENT_TYPE).encode()), *plain, keccak256(*inner)))
    return keccak256(*hashes)


# --- the steps ---------------------------------------------------------------------------------------------------------------


class Verification:
    """The steps in their order; each says what it established, or raises ``Failed``."""

    def __init__(self, agreement: dict[str, Any], chain: Chain, bodies: dict[str, bytes], **more: Any) -> None:
        self.agreement, self.chain, self.bodies = agreement, chain, bodies
        self.opening, self.confidential = more.get("opening"), more.get("confidential")
        self.is_ended = False

    def steps(self) -> Iterator[str | None]:
        """One sentence a step; None where what it needs was not given."""
        yield self.digest()
        yield self.confidential_part()
        self.chain.check()
        yield f"the node is on chain {self.chain.chain_id}, and the contracts of the manifest stand there{self.chain.note}"
        yield self.name_on_chain()
        yield self.conclusion()
        yield self.terms()
        yield self.signatures()
        yield self.sm2_signatures()
        yield self.parties()
        yield self.filing()
        yield self.end()

    def digest(self) -> str:
        self.contract_hash = hex32(self.agreement["contract_hash"], "contract_hash")
        if self.opening is not None:
            self.hashes, self.shown = open_leaves(self.opening)
        else:
            salt, disclosed = hex32(self.agreement["disclosed_salt"], "disclosed_salt"), self.agreement["disclosed"]
            withheld = [hex32(one, "a leaf hash") for one in self.agreement["confidential"]["leaf_hashes"]]
            self.hashes = withheld + part_leaves("disclosed", disclosed, salt)
            self.shown = dict(scalars(disclosed, "/disclosed"))
        require(self.hashes, "there are no leaves")
        found = sha256(domain("agreement"), len(self.hashes).to_bytes(8, "big"), tree_root(self.hashes))
        require(found == self.contract_hash, f"the fields lead to {found.hex()}, not to contract_hash")
        return f"{len(self.shown)} fields shown and {len(self.hashes) - len(self.shown)} withheld lead to {found.hex()}"

    def confidential_part(self) -> str | None:
        if self.confidential is None:
            return None
        salt = hex32(self.confidential["salt"], "the salt of the confidential part")
        leaves = part_leaves("confidential", self.confidential["confidential"], salt)
        require(leaves == self.hashes[: len(leaves)], "the confidential part is not the one under the digest")
        shown = sum(pointer.startswith("/disclosed/") for pointer in self.shown)
        is_whole = self.opening is not None or len(leaves) + shown == len(self.hashes)
        require(is_whole, "the confidential part lacks fields")
        return f"the confidential part has {len(leaves)} fields, and they are under the digest"

    def name_on_chain(self) -> str | None:
        self.agreement_id = hex32(self.agreement["chain_agreement_id"], "chain_agreement_id")
        if self.agreement.get("salt") is None:
            return None
        self.salt = hex32(self.agreement["salt"], "salt")
        name = self.agreement["agreement_id"]
        found = sha256(domain("agreement-id"), self.salt, name.encode())
        require(found == self.agreement_id, "the salted contract id is another one than chain_agreement_id")
        return f"{name} is 0x{found.hex()} on the chain"

    def conclusion(self) -> str:
        concluded = self.chain.events(CONCLUDED, self.agreement_id)
        require(len(concluded) == 1, "the registry has concluded no such agreement")
        arguments, self.concluded = self.chain.act(concluded[0], CONCLUDE)
        self.act, components, self.parties_signed = arguments
        require(self.act[0] == self.agreement_id, "the transaction concluded another agreement")
        require(self.act[5] == self.contract_hash, "what was signed has another contractDigest than contract_hash")
        require(hash_components(components) == self.act[14], "the components are not those that were signed")
        record = self.chain.ask(REGISTRY, "agreementOf(bytes32)", self.agreement_id)
        self.status, on_record, self.filing_digest = number(record[:32]), record[192:224], record[256:288]
        require(on_record == self.contract_hash, "the registry has another contractDigest on record")
        return f"concluded in {self.concluded}, with contractDigest equal to contract_hash"

    def terms(self) -> str:
        """What of the disclosed part stands on the chain too says the same there; fields that are withheld are not compared."""
        first, until = (f"{self.shown.get(f'/disclosed/valid_{name}')}T00:00:00+08:00" for name in ("from", "until"))
        days = self.shown.get("/disclosed/answer_working_days")
        said: dict[str, tuple[int, Callable[[], bytes | int]]] = {
            "/disclosed/items/0/product_version": (3, lambda: self.shown["/disclosed/items/0/product_version"]),
            "/disclosed/rule_version": (6, lambda: hex32(self.shown["/disclosed/rule_version"], "rule_version")),
            "/disclosed/silence_accepts": (8, lambda: int(self.shown["/disclosed/silence_accepts"])),
            "/disclosed/answer_working_days": (9, lambda: (2 * days + 10) * 86_400),
            "/disclosed/pay_basis": (10, lambda: ["collected", "accrued"].index(self.shown["/disclosed/pay_basis"])),
            "/disclosed/valid_from": (11, lambda: int(datetime.fromisoformat(first).timestamp())),
            "/disclosed/valid_until": (
                12,
                lambda: int((datetime.fromisoformat(until) + timedelta(days=1)).timestamp()) - 1,
            ),
        }
        compared = [pointer for pointer in said if pointer in self.shown]
        for pointer in compared:
            place, expected = said[pointer]
            require(word(expected()) == self.act[place], f"{pointer} differs from what was signed for the chain")
        return (
            f"{len(compared)} of the {len(said)} terms that also stand on the chain are shown, and say the same there"
        )

    def signatures(self) -> str:
        parties, kind = self.act[4], keccak256((AGREEMENT_TYPE + COMPONENT_TYPE + RECIPIENT_TYPE).encode())
        require(len(parties) == len(self.parties_signed) >= 2, "not every party has signed")
        self.head = b"".join([kind, *self.act[:4], keccak256(*parties), *self.act[5:]])
        said = []
        for place, (body, party) in enumerate(zip(parties, self.parties_signed, strict=True)):
            roles = {0: PROVIDERS, 1: CONSUMER}.get(place, 0)
            signer, sentence = check_signature(self.chain, self.head, party, self.concluded, roles)
            require(signer == body, "another body signed in the place of a party")
            require(number(party[2]), "a party has not signed by SM2")
            said.append(sentence)
        return "signed by " + "; ".join(said)

    def sm2_signatures(self) -> str | None:
        """The SM2 signature whose digest each party's other signature covers: so the body itself says that the SM2 key is its own."""
        shown = self.agreement.get("signatures")
        if shown is None or any(one["sm2"] is None for one in shown):
            return None
        require(len(shown) == len(self.parties_signed), "the SM2 signatures are not one for each party")
        named = zip(
            shown, self.party_codes(), strict=False
        )  # further parties than these two have no place in the disclosed part
        require(all(code in (None, one["participant"]) for one, code in named), "an SM2 signature is of another party")
        for one, (signer, _, sm2_digest, deadline, _) in zip(shown, self.parties_signed, strict=True):
            key, signature = (bytes.fromhex(one["sm2"][name]) for name in ("public_key", "signature"))
            require(
                len(key) == 65 and key[0] == 4 and len(signature) == 64, "an SM2 key or signature has another length"
            )
            found = sm3(domain("sm2-signature"), key[1:], signature)
            require(found == sm2_digest, "an SM2 signature is another than the one whose digest was signed")
            check_sm2(key[1:], signing_digest(self.chain, self.head, signer, bytes(32), deadline), signature)
        return "signed by SM2 too: " + "; ".join(f"by the key {one['sm2']['public_key'][:18]}..." for one in shown)

    def parties(self) -> str | None:
        """The subject codes of provider and consumer, for the parties whose salt was given."""
        known = [(place, code) for place, code in enumerate(self.party_codes()) if code in self.bodies]
        for place, code in known:
            found = sha256(domain("participant-id"), self.bodies[code], code.encode())
            require(found == self.act[4][place], f"{code} is another body than the one that signed in its place")
        return f"{' and '.join(code for _, code in known)} signed as the disclosed part says" if known else None

    def party_codes(self) -> list[str | None]:
        """Of provider and consumer, None where the field is withheld."""
        places = {self.shown.get(f"/disclosed/parties/{at}/party_type"): at for at in range(20)}
        return [self.shown.get(f"/disclosed/parties/{places.get(kind)}/entity_id") for kind in ("01", "02")]

    def filing(self) -> str:
        filed = self.chain.events("AgreementFiled(bytes32,bytes32,bytes32)", self.agreement_id)
        require(len(filed) == 1 and self.status >= FILED, "the registry has no filing of this agreement")
        (agreement_id, filing_digest, platform), block = self.chain.act(filed[0], FILE)
        require(
            agreement_id == self.agreement_id and filing_digest == self.filing_digest, "another filing is on record"
        )
        head = keccak256(FILING_TYPE.encode()) + agreement_id + self.contract_hash + filing_digest
        signer, sentence = check_signature(self.chain, head, platform, block, PLATFORMS)
        require("0x" + signer.hex() == filed[0]["topics"][2], "another platform is logged")
        paper, note = self.agreement.get("filing"), "the filing paper was not compared"
        if self.agreement.get("salt") is not None and paper is not None:
            found = sha256(domain("agreement-filing"), self.salt, jcs(paper))
            require(found == filing_digest, "the filing paper is another one than the one filed")
            require(paper["contract_id"] == self.agreement["agreement_id"], "the filing is of another contract id")
            require(paper["contract_hash"] == self.contract_hash.hex(), "the filing is of another contract hash")
            note = f"under its contract id by {paper['filed_by']}"
        return f"filed in {block}, {note}; signed by {sentence}"

    def end(self) -> str:
        ended = self.chain.events("AgreementTerminated(bytes32,uint64,bytes32)", self.agreement_id)
        require(bool(ended) == (self.status == TERMINATED), "status and events of the registry differ")
        if not ended:
            require(not self.agreement.get("ended"), "it is said to have ended, and the chain has no end of it")
            return "the registry has no end of it before its last day"
        self.is_ended = True
        last = ended[-1]
        (agreement_id, effective_at, reason, nonce, signers), block = self.chain.act(last, TERMINATE)
        require(
            agreement_id == self.agreement_id and last["data"][66:] == reason.hex(), "the end on record is another one"
        )
        head = keccak256(TERMINATION_TYPE.encode()) + agreement_id + effective_at + reason + nonce
        roles = ARBITRATOR_OR_REGULATOR if len(signers) == 1 else 0
        said = [check_signature(self.chain, head, one, block, roles) for one in signers]
        require(roles or [body for body, _ in said] == self.act[4][:2], "others than both parties ended it")
        if self.agreement.get("ended") and self.agreement.get("salt") is not None:
            found = sha256(domain("agreement-reason"), self.salt, jcs(self.agreement["ending"]))
            require(found == reason, "the stated reason is another one than the one that was signed")
        return f"ENDED in {block}; signed by " + "; ".join(sentence for _, sentence in said)


def verify(verification: Verification) -> tuple[list[str], str | None]:
    """The numbered lines, and why a step failed, or None."""
    said, steps = [], verification.steps()
    while True:
        try:
            sentence = next(steps)
        except StopIteration:
            return said, None
        except Failed as failure:
            return [*said, f"{len(said) + 1} FAILED: {failure}"], str(failure)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as error:
            return [*said, f"{len(said) + 1} FAILED: malformed: {type(error).__name__}: {error}"], "malformed"
        said.append(
            f"{len(said) + 1} {'NOT SHOWN: what this step needs was not given' if sentence is None else f'PASSED: {sentence}'}"
        )


def http_rpc(url: str) -> Rpc:
    def call(method: str, params: list[Any]) -> Any:
        request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        headers = {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(url, request, headers), timeout=20) as reply:
            answer = json.load(reply)
        require("error" not in answer, f"the node refused {method}: {answer.get('error')}")
        return answer["result"]

    return call


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks a filed agreement from what one was given, and a chain node.")
    parser.add_argument("--agreement", type=Path, required=True, help="the answer of GET /v1/agreements/{id}")
    parser.add_argument(
        "--manifest", type=Path, required=True, help="manifest.json of the contracts, from somebody else"
    )
    parser.add_argument("--rpc", required=True, help="JSON-RPC URL of a node of the chain")
    parser.add_argument("--opening", type=Path, help="leaves, in place of the disclosed part and its salt")
    parser.add_argument("--confidential", type=Path, help="the confidential part in clear, with its salt")
    parser.add_argument("--participant", action="append", default=[], metavar="CODE=SALT", help="salt of a party's id")
    options = parser.parse_args()
    try:
        more = {name: read_json(path) for name in ("opening", "confidential") if (path := getattr(options, name))}
        bodies = {code: hex32(salt, "a salt") for code, _, salt in (one.partition("=") for one in options.participant)}
        chain = Chain(http_rpc(options.rpc), read_json(options.manifest))
        verification = Verification(read_json(options.agreement), chain, bodies, **more)
        said, failure = verify(verification)
    except (Failed, OSError, ValueError, KeyError, TypeError) as error:
        print(f"FAILED: {type(error).__name__}: {error}")
        return 1
    print("\n".join(said))
    print("FAILED" if failure else "FILED, BUT ENDED" if verification.is_ended else "FILED AND IN FORCE")
    return 1 if failure else 5 if verification.is_ended else 0


if __name__ == "__main__":
    sys.exit(main())
