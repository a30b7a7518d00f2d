"""The independent verifier: accepts the worked examples, and nothing that differs from them in one byte.

The chain of these tests is a double that states the facts the worked examples were made with; the run against a real node
is in ``test_independent_verifier_live.py``.
"""

import base64
import importlib.util
import json
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest

VERIFIER = Path(__file__).with_name("independent_verifier.py")
VECTORS = Path(__file__).parents[1] / "vectors" / "formats"
CODE = "0x6001600155"
GENESIS = "0x" + "11" * 32


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("independent_verifier", VERIFIER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


independent = _load()
PROOFS = {case["name"]: case["proof_jcs"].encode() for case in json.loads((VECTORS / "proofs.json").read_text())}
ANCHORED = [name for name, raw in PROOFS.items() if json.loads(raw)["anchor"] is not None]
CHANGED_IN_EVERY_CHECK = {"anchored by a later head", "redacted: group withheld", "erased"}
CHANGED = [pytest.param(name, marks=() if name in CHANGED_IN_EVERY_CHECK else pytest.mark.long) for name in ANCHORED]
"""Each byte of each is changed: minutes for all of them."""
assert set(ANCHORED) >= CHANGED_IN_EVERY_CHECK

FULL = [name for name in ANCHORED if isinstance(json.loads(PROOFS[name])["opening"]["body"], dict)]


def trust_file() -> bytes:
    """The worked example's trust file, with the genesis and the code of the double."""
    trust = json.loads((VECTORS / "trust.json").read_text())
    code_hash = "0x" + independent.keccak256(bytes.fromhex(CODE[2:])).hex()
    trust["chain"] |= {"evidence_log_code_hash": code_hash, "genesis_hash": GENESIS}
    return independent.jcs(trust)


class ChainDouble:
    """Plays the node on which the worked examples' anchors were mined."""

    def __init__(self) -> None:
        self.code, self.genesis, self.chain_id, self.status = CODE, GENESIS, 31337, "0x1"
        anchors = [json.loads(raw)["anchor"] for raw in PROOFS.values()]
        self.anchors = [anchor for anchor in anchors if anchor is not None]
        newest = max(self.anchors, key=lambda anchor: anchor["tree_size"])
        self.head, self.marked = (newest["tree_size"], newest["root_hash"]), 0

    def __call__(self, method: str, params: list[Any]) -> Any:
        return getattr(self, method)(*params)

    def eth_chainId(self) -> str:  # noqa: N802 - the method's name in the protocol
        return hex(self.chain_id)

    def eth_getCode(self, _address: str, _block: str) -> str:  # noqa: N802
        return self.code

    def eth_getBlockByNumber(self, number: str, _full: bool) -> dict[str, str] | None:  # noqa: N802
        if number == "0x0":
            return {"hash": self.genesis}
        found = [anchor for anchor in self.anchors if hex(anchor["block_number"]) == number]
        return {"hash": found[0]["block_hash"]} if found else None

    def eth_getTransactionReceipt(self, tx_hash: str) -> dict[str, Any] | None:  # noqa: N802
        found = [anchor for anchor in self.anchors if anchor["tx_hash"] == tx_hash]
        if not found:
            return None
        topic = "0x" + independent.keccak256(b"HeadAnchored(bytes32,uint64,bytes32)").hex()
        return {
            "transactionHash": tx_hash,
            "blockHash": found[0]["block_hash"],
            "blockNumber": hex(found[0]["block_number"]),
            "status": self.status,
            "logs": [
                {
                    "address": anchor["contract"],
                    "topics": [topic, anchor["log_id"], f"0x{anchor['tree_size']:064x}"],
                    "data": "0x" + anchor["root_hash"],
                }
                for anchor in found
            ],
        }

    def eth_call(self, _call: dict[str, str], _block: str) -> str:
        return f"0x{self.head[0]:064x}{self.head[1]}{0:064x}{self.marked:064x}"

    def eth_getLogs(self, query: dict[str, Any]) -> list[dict[str, str]]:  # noqa: N802
        is_about_marks = isinstance(query["topics"][0], list)
        return [{"blockNumber": "0x9"}, {"blockNumber": "0x8"}] if is_about_marks else []


CHAIN = ChainDouble()


@pytest.mark.parametrize("name", ANCHORED)
def test_independent_verifier_anchored_example_is_confirmed(name: str) -> None:
    said = independent.verify(PROOFS[name], trust_file(), CHAIN)
    assert said[-2].startswith("7 the contract recorded that head in block 7")
    assert said[-1] == "8 the contract marks no fork of the log"


@pytest.mark.parametrize("name", ANCHORED)
def test_independent_verifier_anchored_example_of_a_marked_log_is_confirmed_with_a_warning(name: str) -> None:
    chain = ChainDouble()
    chain.marked = 1
    said = independent.verify(PROOFS[name], trust_file(), chain)
    assert said[-1].startswith("8 BUT the contract has marked this log as equivocated at block 8")


def test_independent_verifier_head_that_contradicts_the_anchor_is_refused() -> None:
    for marked in (0, 1):
        chain = ChainDouble()
        size, chain.marked = chain.head[0], marked
        for head in ((12, "00" * 32), (size, "00" * 32)):
            chain.head = head
            with pytest.raises(independent.Refused, match=r"head is smaller|another root of size"):
                independent.verify(PROOFS["anchored by a later head"], trust_file(), chain)


@pytest.mark.parametrize("name", FULL)
def test_independent_verifier_event_of_the_proof_is_confirmed(name: str) -> None:
    event = json.dumps(json.loads(PROOFS[name])["opening"]["body"]["event"], indent=2).encode()
    assert "3 the event is the one in the opening (0 of its fields withheld)" in independent.verify(
        PROOFS[name], trust_file(), CHAIN, event
    )


def test_independent_verifier_changed_event_is_refused() -> None:
    event = json.loads(PROOFS["anchored directly, full"])["opening"]["body"]["event"]
    event["data"]["org:group"] = "Group 2"
    with pytest.raises(independent.Refused, match="the event differs"):
        independent.verify(PROOFS["anchored directly, full"], trust_file(), CHAIN, json.dumps(event).encode())


def test_independent_verifier_event_with_an_added_field_is_refused() -> None:
    event = json.loads(PROOFS["anchored directly, full"])["opening"]["body"]["event"]
    event["data"]["added"] = 1
    with pytest.raises(independent.Refused, match="the event holds more"):
        independent.verify(PROOFS["anchored directly, full"], trust_file(), CHAIN, json.dumps(event).encode())


def test_independent_verifier_redacted_example_counts_withheld_fields() -> None:
    event = json.dumps(json.loads(PROOFS["anchored directly, full"])["opening"]["body"]["event"]).encode()
    said = independent.verify(PROOFS["redacted: group withheld"], trust_file(), CHAIN, event)
    assert "3 the event is the one in the opening (1 of its fields withheld)" in said


def test_independent_verifier_erased_example_confirms_no_event() -> None:
    event = json.dumps(json.loads(PROOFS["anchored directly, full"])["opening"]["body"]["event"]).encode()
    with pytest.raises(independent.Refused, match="erased"):
        independent.verify(PROOFS["erased"], trust_file(), CHAIN, event)


def test_independent_verifier_unanchored_example_is_refused() -> None:
    with pytest.raises(independent.Refused, match="holds no anchor"):
        independent.verify(PROOFS["not anchored yet"], trust_file(), CHAIN)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"chain_id": 1}, "another chain"),
        ({"genesis": "0x" + "22" * 32}, "began with another block"),
        ({"code": "0x00"}, "other code"),
        ({"status": "0x0"}, "failed"),
        ({"anchors": []}, "does not know the transaction"),
    ],
)
def test_independent_verifier_chain_that_differs_is_refused(facts: dict[str, Any], why: str) -> None:
    chain = ChainDouble()
    vars(chain).update(facts)
    with pytest.raises(independent.Refused, match=why):
        independent.verify(PROOFS["anchored directly, full"], trust_file(), chain)


def assert_refused(raw: bytes, what: str) -> None:
    try:
        independent.verify(raw, TRUST, CHAIN)
    except independent.Refused:
        return
    pytest.fail(f"accepted a proof with {what}")


TRUST = trust_file()


@pytest.mark.parametrize("name", CHANGED)
def test_independent_verifier_any_changed_byte_is_refused(name: str) -> None:
    raw = PROOFS[name]
    for position, byte in enumerate(raw):
        # the neighbour, the other case or a control character, and the next digit or letter
        for other in {byte ^ 0x01, byte ^ 0x20, (byte + 1) & 0x7F} - {byte}:
            assert_refused(raw[:position] + bytes([other]) + raw[position + 1 :], f"byte {position} changed to {other}")


@pytest.mark.parametrize("name", CHANGED)
def test_independent_verifier_any_removed_or_added_byte_is_refused(name: str) -> None:
    raw = PROOFS[name]
    for position in range(len(raw) + 1):
        assert_refused(raw[:position] + b" " + raw[position:], f"a space at {position}")
        if position < len(raw):
            assert_refused(raw[:position] + raw[position + 1 :], f"byte {position} removed")


def non_canonical_forms(raw: bytes) -> dict[str, bytes]:
    proof = json.loads(raw)
    swapped = json.loads(raw)
    head, _, lines = swapped["checkpoint"].partition("\n\n")
    first, second = lines.splitlines()
    swapped["checkpoint"] = f"{head}\n\n{second}\n{first}\n"
    repeated = json.loads(raw)
    repeated["checkpoint"] += second + "\n"
    added = json.loads(raw) | {"note": None}
    high = json.loads(raw)
    name, encoded = second.rsplit(" ", 1)
    signature = base64.b64decode(encoded)
    s = independent.SECP256K1_ORDER - int.from_bytes(signature[36:68], "big")
    high_s = signature[:36] + s.to_bytes(32, "big") + bytes([55 - signature[68]])
    high["checkpoint"] = f"{head}\n\n{first}\n{name} {base64.b64encode(high_s).decode()}\n"
    upper = re.sub(rb'"root_hash":"([0-9a-f]+)"', lambda m: b'"root_hash":"' + m[1].upper() + b'"', raw)
    return {
        "newline at the end": raw + b"\n",
        "second value": raw + raw,
        "byte order mark": b"\xef\xbb\xbf" + raw,
        "indented": json.dumps(proof, indent=1, ensure_ascii=False).encode(),
        "spaces": json.dumps(proof, ensure_ascii=False).encode(),
        "escaped": json.dumps(proof, separators=(",", ":"), sort_keys=True).encode(),
        "keys in other order": json.dumps(
            dict(reversed(proof.items())), separators=(",", ":"), ensure_ascii=False
        ).encode(),
        "duplicate key": raw[:-1] + b',"v":1}',
        "version as float": raw[:-2] + b"1.0}",
        "version as true": raw[:-2] + b"true}",
        "upper-case hex": upper,
        "signature lines swapped": independent.jcs(swapped),
        "signature line repeated": independent.jcs(repeated),
        "high s": independent.jcs(high),
        "unknown member": independent.jcs(added),
        "empty": b"",
        "nested beyond measure": b"[" * 100_000,
    }


@pytest.mark.parametrize("form", list(non_canonical_forms(PROOFS["anchored by a later head"])))
def test_independent_verifier_non_canonical_form_is_refused(form: str) -> None:
    for name in ANCHORED:
        changed = non_canonical_forms(PROOFS[name])[form]
        assert changed != PROOFS[name]
        assert_refused(changed, form)


class _RpcHandler(BaseHTTPRequestHandler):
    """Serves the chain double over HTTP, for the run as a program."""

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps(
            {"jsonrpc": "2.0", "id": call["id"], "result": CHAIN(call["method"], call["params"])}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: object) -> None:
        """Nothing on the test's standard error."""


@pytest.fixture
def rpc_url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _RpcHandler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def run(tmp_path: Path, proof: bytes, rpc_url: str) -> subprocess.CompletedProcess[str]:
    event = json.loads(PROOFS["anchored directly, full"])["opening"]["body"]["event"]
    files = {"event": json.dumps(event).encode(), "proof": proof, "trust": trust_file()}
    arguments = [sys.executable, "-I", str(VERIFIER), "--rpc", rpc_url]
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        arguments += [f"--{name}", str(tmp_path / name)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60)


@pytest.mark.parametrize("name", ["anchored directly, full", "redacted: group withheld"])
def test_independent_verifier_as_a_program_confirms(name: str, tmp_path: Path, rpc_url: str) -> None:
    done = run(tmp_path, PROOFS[name], rpc_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("CONFIRMED\n")


def test_independent_verifier_as_a_program_refuses_without_traceback(tmp_path: Path, rpc_url: str) -> None:
    done = run(tmp_path, PROOFS["anchored directly, full"] + b" ", rpc_url)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("REFUSED: ")


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_independent_verifier_numbers_are_written_as_rfc_8785_appendix_b_does(bits: str, text: str) -> None:
    assert independent.number_text(struct.unpack(">d", bytes.fromhex(bits))[0]) == text


def test_independent_verifier_imports_nothing_of_the_project() -> None:
    text = VERIFIER.read_text()
    imported = set(re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE))
    allowed = {"coincurve", "Crypto", "cryptography"} | set(sys.stdlib_module_names)
    assert imported <= allowed
