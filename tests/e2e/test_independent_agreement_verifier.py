"""The independent verifier of agreements, on the real contracts: it confirms what was filed, and nothing that differs from it.

Bodies, rule, product and order are those of ``test_contract_life``; the agreement is built, hashed, signed and filed as the service does it.
"""

import copy
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from e2e.test_contract_life import (
    platforms_and_regulator_approve_a_rule,
    the_consumer_orders_and_the_provider_confirms,
    the_operator_admits_the_bodies,
    the_product_is_registered_reviewed_filed_and_listed,
)
from support import sm2_reference
from support.agreements import BANK, CONFIDENTIAL, PROVIDER, agreement_policy, disclosed
from support.suite import deploy_whole_suite
from support.trade.market import DAY, Market
from support.trade.parties import Bodies, bodies_of
from support.trade.product import ORDER, PRICE_RULE, PRODUCT, UNIT_PRICE, conclusion_of

from ledger.adapters.chain.suite_manifest import encode_manifest
from ledger.adapters.embedded.anvil import EmbeddedAnvil
from ledger.adapters.embedded.ports import free_port
from ledger.bundle.agreement_chain import agreement_chain_id, agreement_reason_digest, filing_digest
from ledger.bundle.agreement_digest import (
    AgreementSalts,
    agreement_digest,
    agreement_leaves,
    encode_agreement_opening,
    withhold,
)
from ledger.bundle.confidential_part import ConfidentialPart, encode_confidential
from ledger.domain.acts.digital_contract_registry import Agreement, AgreementFiling, Termination
from ledger.domain.acts.kinds import Part
from ledger.domain.agreement import DisclosedPart
from ledger.domain.agreement_terms import ChainFacts, PayShare, build_agreement_act
from ledger.domain.records import from_json
from ledger.log.signatures import SM2_SIGNER_ID
from ledger.services.participant_records import body_id_of

PROGRAM = Path(__file__).with_name("independent_agreement_verifier.py")
CONTRACT_ID = "84913100003100000010202611221030000000000000A1B"
SALT, SALTS = b"\x12" * 32, AgreementSalts(b"\x13" * 32, b"\x14" * 32)
BODY_SALTS = {PROVIDER: b"\x21" * 32, BANK: b"\x22" * 32}
STEPS = 11


def load() -> Any:
    spec = importlib.util.spec_from_file_location("independent_agreement_verifier", PROGRAM)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


independent = load()


@dataclass
class Filed:
    """A filed agreement on its chain: what the API shows of it, and who made it."""

    url: str
    market: Market
    bodies: Bodies
    act: Agreement
    value: dict[str, Any]
    manifest: bytes


class RememberedRpc:
    """A node's answers, each asked for once: nothing moves on the chain meanwhile."""

    def __init__(self, url: str) -> None:
        self.ask, self.answers = independent.http_rpc(url), {}

    def __call__(self, method: str, params: list[Any]) -> Any:
        name = json.dumps([method, params])
        if name not in self.answers:
            self.answers[name] = self.ask(method, params)
        return self.answers[name]


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filed]:
    folder = tmp_path_factory.mktemp("agreement")
    node = EmbeddedAnvil(folder / "chain", free_port())
    node.start()
    suite = deploy_whole_suite(node.rpc_url, folder)
    yield file_agreement(node.rpc_url, Market(node.rpc_url, suite), encode_manifest(suite.manifest))
    node.stop()


def file_agreement(url: str, market: Market, manifest: bytes) -> Filed:
    """The story up to the filing: the bodies' ids are salted from the subject codes that the disclosed part names."""
    bodies = bodies_of(market)
    named = {"provider": PROVIDER, "consumer": BANK}
    salted = {
        name: replace(getattr(bodies, name), body_id=body_id_of(BODY_SALTS[code], code)) for name, code in named.items()
    }
    bodies = replace(bodies, **salted)
    the_operator_admits_the_bodies(market, bodies)
    rule = platforms_and_regulator_approve_a_rule(market, bodies)
    the_product_is_registered_reviewed_filed_and_listed(market, bodies)
    the_consumer_orders_and_the_provider_confirms(market, bodies)

    part = disclosed(
        rule_version=rule.hex(),
        price={"kind": "per_call", "currency": "CNY", "unit_price": UNIT_PRICE},
        policies=[agreement_policy()],
    )
    leaves = agreement_leaves(part, CONFIDENTIAL, SALTS)
    act = agreement_act(part, bodies, agreement_digest(leaves))
    signers = (bodies.provider.signs(act, sm2=True), bodies.consumer.signs(act, sm2=True))
    market.relay("DigitalContractRegistry", "conclude", **conclusion_of(act), parties=signers)

    paper = {"contract_id": CONTRACT_ID, "contract_hash": act.contract_digest.hex(), "filed_by": "trading", "at": "now"}
    filing = AgreementFiling(act.agreement_id, act.contract_digest, filing_digest(SALT, paper))
    by = {"agreement_id": act.agreement_id, "filing_digest": filing.filing_digest}
    market.relay("DigitalContractRegistry", "file", **by, platform=bodies.trading.signs(filing))
    value = {
        "agreement_id": CONTRACT_ID,
        "contract_hash": act.contract_digest.hex(),
        "disclosed": part,
        "disclosed_salt": SALTS.disclosed.hex(),
        "confidential": {
            "leaf_hashes": [leaf.leaf_hash.hex() for leaf in leaves[: len(CONFIDENTIAL)]],
            "ciphertext": None,
        },
        "salt": SALT.hex(),
        "chain_agreement_id": act.agreement_id.hex(),
        "signatures": [
            {"participant": code, "sm2": body.sm2_beside(act, signed)}
            for code, body, signed in zip(named.values(), (bodies.provider, bodies.consumer), signers, strict=True)
        ],
        "filing": paper,
        "ending": None,
        "ended": None,
    }
    return Filed(url, market, bodies, act, value, manifest)


def agreement_act(part: dict[str, Any], bodies: Bodies, digest: bytes) -> Agreement:
    facts = ChainFacts(
        agreement_id=agreement_chain_id(SALT, CONTRACT_ID),
        order_id=ORDER,
        product_id=PRODUCT,
        provider=bodies.provider.body_id,
        consumer=bodies.consumer.body_id,
        contract_digest=digest,
        price_rule_digest=PRICE_RULE,
        body_ids={PROVIDER: bodies.provider.body_id},
    )
    shares = tuple(PayShare(PROVIDER, part.name.lower(), 1_000_000) for part in Part)
    return build_agreement_act(from_json(DisclosedPart, part), shares, facts)


def check(filed: Filed, value: dict[str, Any], *, manifest: Any = None, rpc: Any = None, **more: Any) -> list[str]:
    """The lines of a verification in this process; raises ``Failed`` with the reason of the step that failed."""
    chain = independent.Chain(rpc or RememberedRpc(filed.url), manifest or json.loads(filed.manifest))
    bodies = more.pop("bodies", BODY_SALTS)
    said, failure = independent.verify(independent.Verification(value, chain, bodies, **more))
    if failure is not None:
        raise independent.Failed(failure)
    return list(said)


def run(filed: Filed, folder: Path, value: Any, *options: str) -> subprocess.CompletedProcess[str]:
    """The program as anyone runs it: on its own, in a folder of its own, isolated from this project."""
    (folder / "agreement.json").write_text(json.dumps(value, ensure_ascii=False, indent=1))
    (folder / "manifest.json").write_bytes(filed.manifest)
    (folder / "opened.json").write_bytes(encode_confidential(ConfidentialPart(CONFIDENTIAL, SALTS.confidential)))
    files = ["--agreement", "agreement.json", "--manifest", "manifest.json", "--rpc", filed.url]
    command = [sys.executable, "-I", str(PROGRAM), *files, *options]
    return subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False, timeout=60)


def test_anyone_confirms_a_filed_agreement(filed: Filed, tmp_path: Path) -> None:
    named = [f"--participant={code}={salt.hex()}" for code, salt in BODY_SALTS.items()]
    done = run(filed, tmp_path, filed.value, "--confidential", "opened.json", *named)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    *steps, verdict = done.stdout.splitlines()
    assert [line.split()[:2] for line in steps] == [[str(number), "PASSED:"] for number in range(1, STEPS + 1)]
    assert verdict == "FILED AND IN FORCE"
    assert f"{PROVIDER} and {BANK} signed as the disclosed part says" in done.stdout
    assert "8 PASSED: signed by SM2 too" in done.stdout
    assert "development chain, no consensus" in done.stdout


def test_what_needs_a_salt_is_said_to_be_not_shown(filed: Filed, tmp_path: Path) -> None:
    done = run(filed, tmp_path, {name: one for name, one in filed.value.items() if name != "salt"})
    assert done.returncode == 0, done.stdout
    silent = [line.split()[0] for line in done.stdout.splitlines() if "NOT SHOWN" in line]
    assert silent == ["2", "4", "9"]
    assert "the filing paper was not compared" in done.stdout


def test_opening_with_withheld_fields_is_confirmed_and_says_how_many(filed: Filed, tmp_path: Path) -> None:
    leaves = agreement_leaves(filed.value["disclosed"], CONFIDENTIAL, SALTS)
    opening = encode_agreement_opening(withhold(withhold(leaves, "/confidential/"), "/disclosed/parties/"))
    (tmp_path / "opening.json").write_text(json.dumps(opening))
    shown = {name: filed.value[name] for name in ("contract_hash", "chain_agreement_id")}
    done = run(filed, tmp_path, shown, "--opening", "opening.json")
    assert done.returncode == 0, done.stdout
    assert f"and {len(CONFIDENTIAL) + 8} withheld lead to" in done.stdout

    for place, leaf in enumerate(opening):
        changed = copy.deepcopy(opening)
        changed[place] = "ab" * 32 if isinstance(leaf, str) else [*leaf[:2], "x"]
        with pytest.raises(independent.Failed, match="not to contract_hash"):
            check(filed, shown, opening=changed)
    with pytest.raises(independent.Failed, match="out of order"):
        check(filed, shown, opening=opening[::-1])


def test_sm2_signatures_that_nobody_showed_are_said_to_be_not_shown(filed: Filed, tmp_path: Path) -> None:
    none = [one | {"sm2": None} for one in filed.value["signatures"]]
    for shown in (filed.value | {"signatures": none}, filed.value | {"signatures": None}):
        done = run(filed, tmp_path, shown)
        assert done.returncode == 0 and "8 NOT SHOWN" in done.stdout, done.stdout


def test_sm2_signature_that_was_changed_or_is_another_partys_is_refused(filed: Filed) -> None:
    rpc, signatures = RememberedRpc(filed.url), filed.value["signatures"]
    provider, consumer = signatures
    others = [
        ("another than the one", [provider | {"sm2": provider["sm2"] | {name: other}}, consumer])
        for name in ("public_key", "signature")
        for other in flips(provider["sm2"][name])
    ]
    others += [
        ("one for each party", [provider]),
        ("one for each party", [*signatures, consumer]),
        ("of another party", [consumer, provider]),
        ("another than the one", [consumer | {"participant": PROVIDER}, consumer]),
        ("malformed", [provider | {"sm2": {}}, consumer]),
    ]
    for why, shown in others:
        with pytest.raises(independent.Failed, match=f"{why}|another length"):
            check(filed, filed.value | {"signatures": shown}, rpc=rpc)
    assert len(others) > 250


def test_sm2_check_takes_what_the_oracle_makes_and_nothing_else() -> None:
    message = b"\x07" * 32
    key = sm2_reference.public_key(11)[1:]
    signature = sm2_reference.sign(11, 13, message, SM2_SIGNER_ID)
    independent.check_sm2(key, message, signature)
    with pytest.raises(independent.Failed, match="not by its key"):
        independent.check_sm2(key, b"\x08" + message[1:], signature)
    with pytest.raises(independent.Failed, match="not by its key"):
        independent.check_sm2(sm2_reference.public_key(12)[1:], message, signature)
    for place in range(0, 64, 7):
        broken = bytes(octet ^ (at == place) for at, octet in enumerate(signature))
        with pytest.raises(independent.Failed, match="not by its key"):
            independent.check_sm2(key, message, broken)
        with pytest.raises(independent.Failed, match="no point of the curve"):
            independent.check_sm2(bytes(octet ^ (at == place) for at, octet in enumerate(key)), message, signature)
    for wrong in (bytes(64), signature[:32] + bytes(32), b"\xff" * 64):
        with pytest.raises(independent.Failed, match="out of range"):
            independent.check_sm2(key, message, wrong)


def flips(text: str) -> Iterator[str]:
    """The text with one character changed, for every character."""
    for place, letter in enumerate(text):
        yield text[:place] + ("0" if letter != "0" else "1") + text[place + 1 :]


def changed_values(value: Any) -> Iterator[Any]:
    """Every value that differs from this one in one place of one scalar, or lacks a member, or has one more."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield {other: one for other, one in value.items() if other != name}
            yield from ({**value, name: other} for other in changed_values(member))
        yield {**value, "another": 1}
    elif isinstance(value, list):
        for place, member in enumerate(value):
            yield value[:place] + value[place + 1 :]
            yield from ([*value[:place], other, *value[place + 1 :]] for other in changed_values(member))
        yield [*value, "another"]
    elif isinstance(value, str):
        yield from flips(value)
        yield value + "0"
    else:
        yield (not value) if isinstance(value, bool) else value + 1


@pytest.mark.parametrize(
    "member",
    [
        *("disclosed", "disclosed_salt", "contract_hash", "chain_agreement_id", "agreement_id", "salt", "filing"),
        "confidential",
    ],
)
def test_every_change_of_what_was_given_is_refused(filed: Filed, member: str) -> None:
    rpc = RememberedRpc(filed.url)
    assert len(check(filed, filed.value, rpc=rpc)) == STEPS
    original = filed.value[member] if member != "confidential" else filed.value[member]["leaf_hashes"]
    tried = 0
    for other in changed_values(original):
        shown = {"leaf_hashes": other} if member == "confidential" else other
        with pytest.raises(independent.Failed):
            check(filed, {**filed.value, member: shown}, rpc=rpc)
        tried += 1
    assert tried > 40


def test_every_change_of_the_confidential_part_and_of_a_bodys_salt_is_refused(filed: Filed) -> None:
    rpc = RememberedRpc(filed.url)
    part = json.loads(encode_confidential(ConfidentialPart(CONFIDENTIAL, SALTS.confidential)))
    assert len(check(filed, filed.value, rpc=rpc, confidential=part)) == STEPS
    for name in ("confidential", "salt"):
        for other in changed_values(part[name]):
            with pytest.raises(independent.Failed):
                check(filed, filed.value, rpc=rpc, confidential={**part, name: other})
    for code, salt in BODY_SALTS.items():
        with pytest.raises(independent.Failed, match=f"{code} is another body"):
            check(filed, filed.value, rpc=rpc, bodies={code: bytes([salt[0] ^ 1]) + salt[1:]})


def test_another_chain_or_contract_is_refused(filed: Filed, tmp_path: Path) -> None:
    manifest = json.loads(filed.manifest)

    def changed(name: str, **members: Any) -> dict[str, Any]:
        contracts = [one | (members if one["name"] == name else {}) for one in manifest["contracts"]]
        return {**manifest, "contracts": contracts}

    council = next(one for one in manifest["contracts"] if one["name"] == "Council")
    elsewhere = {"address": council["address"], "code_hash": council["code_hash"]}
    for other, why in (
        ({**manifest, "chain_id": 1}, "another chain"),
        ({**manifest, "genesis_hash": "0x" + "22" * 32}, "began with another block"),
        (changed("DigitalContractRegistry", code_hash="0x" + "22" * 32), "other code"),
        (changed("DigitalContractRegistry", address="0x" + "22" * 20), "other code"),
        (changed("DigitalContractRegistry", **elsewhere), "refused eth_call|two suites"),
        (changed("ParticipantRegistry", **elsewhere), "two suites"),
    ):
        with pytest.raises(independent.Failed, match=why):
            check(filed, filed.value, manifest=other)
    done = run(replace(filed, url="http://127.0.0.1:9"), tmp_path, filed.value)
    assert done.returncode == 1 and done.stdout.startswith("FAILED") and done.stderr == ""


class LyingRpc(RememberedRpc):
    """A node that says something else in one answer."""

    def __init__(self, url: str, method: str, change: Any) -> None:
        super().__init__(url)
        self.method, self.change = method, change

    def __call__(self, method: str, params: list[Any]) -> Any:
        answer = super().__call__(method, params)
        return self.change(answer) if method == self.method else answer


def test_every_changed_byte_of_the_calls_that_signed_is_refused(filed: Filed) -> None:
    remembered = RememberedRpc(filed.url)
    check(filed, filed.value, rpc=remembered)
    inputs = {
        name: answer["input"] for name, answer in remembered.answers.items() if "eth_getTransactionByHash" in name
    }
    assert len(inputs) == 2
    for name, sent in inputs.items():
        whole = bytes.fromhex(sent[2:])
        for place in (place for place in range(len(whole)) if not is_padding(whole, place)):
            changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
            rpc = RememberedRpc(filed.url)
            rpc.answers = remembered.answers | {name: remembered.answers[name] | {"input": "0x" + changed.hex()}}
            with pytest.raises(independent.Failed):
                check(filed, filed.value, rpc=rpc)


def is_padding(data: bytes, place: int) -> bool:
    """The bytes that fill a signature of 65 bytes up to three words belong to nobody."""
    word = 4 + (place - 4) // 32 * 32
    start = word - 64
    return start >= 36 and int.from_bytes(data[start - 32 : start], "big") == 65 and place > word


def test_failed_transaction_foreign_caller_and_no_filing_are_refused(filed: Filed) -> None:
    for method, change, why in (
        ("eth_getTransactionReceipt", lambda one: one | {"status": "0x0"}, "failed"),
        ("eth_getTransactionReceipt", lambda one: one | {"blockHash": "0x" + "00" * 32}, "not in the chain any more"),
        ("eth_getTransactionReceipt", lambda one: one | {"logs": []}, "logged another signature"),
        ("eth_getTransactionByHash", lambda one: one | {"to": "0x" + "22" * 20}, "by way of another contract"),
        ("eth_getLogs", lambda _: [], "concluded no such agreement"),
        ("eth_chainId", lambda _: "0x1", "another chain"),
    ):
        with pytest.raises(independent.Failed, match=why):
            check(filed, filed.value, rpc=LyingRpc(filed.url, method, change))


class ContractKeyRpc(RememberedRpc):
    """A node on which the bodies' keys are contracts, which confirm signatures or not (ERC-1271)."""

    def __init__(self, url: str, confirmation: str) -> None:
        super().__init__(url)
        self.confirmation = confirmation

    def __call__(self, method: str, params: list[Any]) -> Any:
        selectors = {
            signature: "0x" + independent.keccak256(signature.encode())[:4].hex()
            for signature in ("keyOf(bytes32,address)", "isValidSignature(bytes32,bytes)")
        }
        data = params[0].get("data", "") if method == "eth_call" else ""
        if data.startswith(selectors["isValidSignature(bytes32,bytes)"]):
            return self.confirmation
        answer = super().__call__(method, params)
        is_key = data.startswith(selectors["keyOf(bytes32,address)"])
        return answer[:66] + f"{1:064x}" + answer[130:] if is_key else answer


def test_key_that_is_a_contract_is_asked(filed: Filed) -> None:
    assert len(check(filed, filed.value, rpc=ContractKeyRpc(filed.url, "0x1626ba7e" + "00" * 28))) == STEPS
    for answer in ("0x", "0xffffffff" + "00" * 28):
        with pytest.raises(independent.Failed, match="ERC-1271"):
            check(filed, filed.value, rpc=ContractKeyRpc(filed.url, answer))


def test_agreement_that_was_ended_says_so(filed: Filed, tmp_path: Path) -> None:
    """The last test of the module: what it does to the chain cannot be undone."""
    market, bodies = filed.market, filed.bodies
    reason = {"text": "项目结束", "by": BANK, "at": "now", "ground": "consent", "effective_at": market.now + DAY}
    end = Termination(filed.act.agreement_id, market.now + DAY, agreement_reason_digest(SALT, reason), 0)
    arguments = {"agreement_id": end.agreement_id, "effective_at": end.effective_at, "reason_digest": end.reason_digest}
    signers = (bodies.provider.signs(end), bodies.consumer.signs(end))
    market.relay("DigitalContractRegistry", "terminate", **arguments, nonce=0, signers=signers)

    known = filed.value | {"ending": reason, "ended": {"tx_hash": "0x"}}
    for value in (known, filed.value):  # also what was fetched before it ended
        done = run(filed, tmp_path, value)
        assert (done.returncode, done.stderr) == (5, ""), done.stdout
        assert done.stdout.endswith("FILED, BUT ENDED\n")
    with pytest.raises(independent.Failed, match="another one than the one that was signed"):
        check(filed, known | {"ending": reason | {"text": "其他"}})
