"""Both verifiers, this project's and the independent program, against a running service: what they confirm, and nothing else.

Their chain is the service's own node. For the many changed proofs both run in this process and the node's answers are remembered,
because they do not depend on the change: a proof that names another transaction asks another question, which goes to the node.
"""

import base64
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from support.drill import City, permit
from support.live_service import live_service

from ledger.adapters.chain.facts import read_chain_facts
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.bundle.verifier import Verdict, verify_proof
from ledger.errors import VerificationError
from ledger.log.proof_file import parse_proof
from ledger.log.trust import TrustFile, parse_trust_file

PROGRAM = Path(__file__).with_name("independent_verifier.py")
KINDS = ("anchored directly", "anchored by a later head", "redacted")
WITHHELD = ["/event/data/org:resource", "/event/data/amount"]


class Case(NamedTuple):
    """One proof and the event that it is of."""

    proof: bytes
    event: bytes


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("verifier")
    with live_service(folder / "data") as live:
        city = City(live, folder)
        try:
            yield city
        finally:
            city.close()


@pytest.fixture(scope="module")
def cases(city: City) -> dict[str, Case]:
    """Sends until one publication was anchored by itself and one by a later head."""
    found: dict[str, Case] = {}
    sizes: dict[int, int] = {}
    for number in range(200):
        receipt = city.send(number).receipt
        assert receipt.checkpoint is not None
        sizes[number] = int(receipt.checkpoint.split("\n")[1])
        if number % 4 == 3:  # some publications share an anchor, and the last of them has its own
            city.wait_until_final()
            for earlier in range(number - 3, number + 1):
                at = sizes[earlier]
                raw = city.client.proof("urn:city:permit-office", f"case-{earlier}:0", as_of_tree_size=at)
                later = json.loads(raw)["anchor"]["consistency_path"] != []
                found.setdefault(KINDS[later], Case(raw, json.dumps(permit(earlier)).encode()))
        if len(found) == 2:
            break
    raw = city.client.proof("urn:city:permit-office", "case-0:0", redact=WITHHELD)
    return {**found, "redacted": Case(raw, json.dumps(permit(0)).encode())}


@pytest.fixture(scope="module")
def independent() -> ModuleType:
    spec = importlib.util.spec_from_file_location("independent_verifier_live", PROGRAM)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class RememberedNode:
    """Asks the service's node each question once."""

    def __init__(self, ask: Any) -> None:
        self._ask, self._answers = ask, dict[str, Any]()

    def __call__(self, method: str, params: list[Any]) -> Any:
        key = json.dumps([method, params])
        if key not in self._answers:
            self._answers[key] = self._ask(method, params)
        return self._answers[key]


class RememberedRpc(JsonRpc):
    """The same for this project's verifier."""

    def __init__(self, node: RememberedNode) -> None:
        super().__init__("http://127.0.0.1")
        self._node = node

    def call(self, method: str, *parameters: Any) -> Any:
        return self._node(method, list(parameters))


@pytest.fixture(scope="module")
def node(city: City, independent: ModuleType) -> RememberedNode:
    return RememberedNode(independent.http_rpc(city.live.rpc_url))


def is_refused(independent: ModuleType, *inputs: Any) -> bool:
    try:
        independent.verify(*inputs)
    except independent.Refused:
        return True
    return False


def verdict(raw: bytes, trust: TrustFile, rpc: JsonRpc) -> Verdict:
    """By this project's verifier, with what the chain says about the proof as it is."""
    try:
        parsed = parse_proof(raw)
    except VerificationError:
        return verify_proof(raw, trust).verdict
    facts = None if parsed.anchor is None else read_chain_facts(rpc, parsed.anchor)
    return verify_proof(raw, trust, facts).verdict


def run(city: City, folder: Path, case: Case) -> subprocess.CompletedProcess[str]:
    """As a third party would: the program alone, in a folder of its own, isolated from this project."""
    (folder / "proof.json").write_bytes(case.proof)
    (folder / "event.json").write_bytes(case.event)
    arguments = ["--event", "event.json", "--proof", "proof.json", "--trust", city.live.trust_path]
    command = [sys.executable, "-I", PROGRAM, *arguments, "--rpc", city.live.rpc_url]
    return subprocess.run(
        [*map(str, command)], cwd=folder, env={}, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("kind", KINDS)
def test_independent_program_confirms_a_live_event(
    kind: str, city: City, cases: dict[str, Case], tmp_path: Path
) -> None:
    done = run(city, tmp_path, cases[kind])
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.endswith("CONFIRMED\n")
    path = json.loads(cases[kind].proof)["anchor"]["consistency_path"]
    assert bool(path) == (kind == "anchored by a later head") or kind == "redacted"
    assert f"({len(WITHHELD) if kind == 'redacted' else 0} of its fields withheld)" in done.stdout


def test_independent_program_refuses_the_proof_of_another_event(
    city: City, cases: dict[str, Case], tmp_path: Path
) -> None:
    other = json.dumps(permit(0) | {"id": "case-other:0"}).encode()
    done = run(city, tmp_path, cases["anchored directly"]._replace(event=other))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("REFUSED: the event differs at /event/")


@pytest.mark.parametrize("kind", [KINDS[-1], *(pytest.param(kind, marks=pytest.mark.long) for kind in KINDS[:-1])])
def test_proof_with_any_changed_byte_is_refused_by_both_verifiers(
    kind: str, city: City, cases: dict[str, Case], independent: ModuleType, node: RememberedNode
) -> None:
    raw, event = cases[kind]
    trust_raw = city.live.trust_path.read_bytes()
    trust, rpc = parse_trust_file(trust_raw), RememberedRpc(node)
    assert independent.verify(raw, trust_raw, node, event)
    assert verdict(raw, trust, rpc) is Verdict.VALID
    for position, byte in enumerate(raw):
        changed = raw[:position] + bytes([byte ^ 0x01]) + raw[position + 1 :]
        assert verdict(changed, trust, rpc) is Verdict.INVALID, f"byte {position}"
        for other in (changed, raw[:position] + bytes([byte ^ 0x20]) + raw[position + 1 :]):
            assert is_refused(independent, other, trust_raw, node, event), f"byte {position} changed to {other}"


def other_forms(raw: bytes) -> dict[str, bytes]:
    """Spellings of the same proof that are not its one form."""
    proof = json.loads(raw)
    head, _, lines = proof["checkpoint"].partition("\n\n")
    first, second = lines.splitlines()

    def with_note(note: str) -> bytes:
        value = json.loads(raw) | {"checkpoint": note}
        return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()

    name, encoded = second.rsplit(" ", 1)
    signature = base64.b64decode(encoded)
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    s = order - int.from_bytes(signature[36:68])
    high = base64.b64encode(signature[:36] + s.to_bytes(32) + bytes([55 - signature[68]])).decode()
    return {
        "newline at the end": raw + b"\n",
        "second value": raw + raw,
        "byte order mark": b"\xef\xbb\xbf" + raw,
        "indented": json.dumps(proof, indent=1, ensure_ascii=False).encode(),
        "escaped": json.dumps(proof, separators=(",", ":"), sort_keys=True).encode(),
        "keys in other order": json.dumps(dict(reversed(proof.items())), separators=(",", ":"), ensure_ascii=False).encode(),
        "duplicate key": raw[:-1] + b',"v":1}',
        "version as float": raw[:-2] + b"1.0}",
        "unknown member": raw[:-1] + b',"w":1}',
        "signature lines exchanged": with_note(f"{head}\n\n{second}\n{first}\n"),
        "signature line repeated": with_note(f"{head}\n\n{first}\n{second}\n{second}\n"),
        "signature with high s": with_note(f"{head}\n\n{first}\n{name} {high}\n"),
        "cut": raw[:-1],
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_independent_program_refuses_every_other_form(
    kind: str, city: City, cases: dict[str, Case], independent: ModuleType, node: RememberedNode
) -> None:
    raw, event = cases[kind]
    trust = city.live.trust_path.read_bytes()
    for form, changed in other_forms(raw).items():
        assert changed != raw, form
        assert is_refused(independent, changed, trust, node, event), form
