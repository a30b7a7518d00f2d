"""Every state-changing function of the contract suite has a refusal row, and the table of signers in ``contracts/SUITE.md`` is the truth.

The truth is tried in Solidity: ``tests/contracts/behaviours/SignedActs.sol`` reads ``tests/vectors/signers.json`` and holds each row against
the contract with every role. Here functions come from the ABI of the artefacts, tests from the Solidity sources, so that a new function
without a row, a row without a test, and a test that was renamed are errors.
"""

import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
from support.repository import ROOT, tracked_or_new
from support.suite_refusals import CASES, LOG_AND_COUNCIL, UNSIGNED, WRONG_STATE

from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.suite_plan import SUITE
from ledger.domain.acts.kinds import BodyRole

CONTRACTS = tuple(plan.name for plan in SUITE)
SUITE_TEXT = ROOT / "contracts" / "SUITE.md"
README_TEXT = ROOT / "contracts" / "README.md"
ACTS_TABLE = re.compile(r"<!-- acts of roles -->\n(.*?)<!-- /acts of roles -->", re.DOTALL)
ACTS_HEAD = "| role of the body that signs | acts |\n|---|---|\n"
BY_NAME = "named by the state"
TABLE = re.compile(r"<!-- signers -->\n(.*?)<!-- /signers -->", re.DOTALL)
HEAD = "| function | signature of | role, any one of | key | while suspended |\n|---|---|---|---|---|\n"
TESTS = ROOT / "tests" / "contracts"
BEHAVIOUR = "SignedActs.sol"
MIN_REASON = 40
REFUSES = re.compile(r"[Rr]efuse|Call$|^_try|^_approvedBy")
SIGNED_CASES = {
    "wrong role": "_tryEveryRole(act, signer)",
    "wrong signature": "_tryOtherWords(act, signer)",
    "replay": "act.replayError",
    "expired deadline": "_tryTooLate(act, signer)",
    "wrong chain id": "_tryOtherChain(act, signer)",
    "suspended": "_tryWithoutStanding(act, signer)",
}
"""Where the one behaviour tries each case; the state is each function's own."""
REGISTRY_CASES = {
    "wrong role": "test_act_byABodyOfEachRole_isHeldToTheTable",
    "wrong signature": "test_act_withASignatureOfSomethingElse_isRefused",
    "replay": "test_act_asItShouldBe_isDoneOnce",
    "expired deadline": "test_act_afterItsDeadline_isRefused",
    "wrong chain id": "test_act_onAnotherChain_isRefused",
    "suspended": "test_act_bySuspendedBody_isRefusedUnlessItDefends",
}
"""The registry judges itself, without a stub, and tries the same cases by itself."""

NEVER_RAISED = {"AccessManagedRequiredDelay"}
"""Declared by OpenZeppelin's interface; ``AccessManaged`` has the manager refuse an act that is not scheduled instead."""


def signers() -> dict[str, dict[str, dict[str, Any]]]:
    """Rows by function and signature."""
    read = json.loads((ROOT / "tests" / "vectors" / "signers.json").read_text(encoding="utf-8"))
    return {f"{contract}.{name}": rows for contract, functions in read.items() for name, rows in functions.items()}


def functions(contracts: Iterable[str] = CONTRACTS) -> set[str]:
    """State-changing external functions of the contracts, from their ABI."""
    return {
        f"{contract}.{entry['name']}"
        for contract in contracts
        for entry in load_artifact(contract).abi
        if entry["type"] == "function" and entry["stateMutability"] not in {"view", "pure"}
    }


@cache
def source(name: str) -> str:
    return (TESTS / name).read_text(encoding="utf-8")


def functions_of(text: str) -> dict[str, str]:
    """Texts of the functions of a Solidity source by their names; overloads together."""
    texts: dict[str, str] = {}
    for found in re.finditer(r"^    function (\w+)\(.*?^    }$", text, re.MULTILINE | re.DOTALL):
        texts[found[1]] = texts.get(found[1], "") + found[0]
    return texts


def body_of(test: str) -> str:
    """The text of a Solidity test, ``<file without .t.sol>:<name>``; an error when there is none."""
    file, _, name = test.partition(":")
    body = functions_of(source(f"{file}.t.sol")).get(name)
    assert body, f"{test} is not there"
    return body


@cache
def helpers() -> dict[str, str]:
    """Functions of the fixtures that tests inherit."""
    return functions_of(
        "\n".join(path.read_text(encoding="utf-8") for path in sorted((TESTS / "helpers").glob("*.sol")))
    )


def reached_from(test: str) -> str:
    """The text of a Solidity test and of the functions that try a refusal, or make a call, for it."""
    others = helpers() | functions_of(source(f"{test.partition(':')[0]}.t.sol"))
    text, names = body_of(test), {name for name in others if REFUSES.search(name)}
    while called := {name for name in names if re.search(rf"\b{name}\(", text)}:
        names -= called
        text += "".join(others[name] for name in sorted(called))
    return text


def speaks_of(test: str, function: str) -> bool:
    """Whether a test names the function as a whole, itself or in what it calls of its file."""
    return re.search(rf"\b{function.partition('.')[2]}\b", reached_from(test)) is not None


def rendered() -> str:
    """The table of ``contracts/SUITE.md`` as the rows say it."""
    lines = []
    for function, rows in signers().items():
        for row in rows.values():
            roles = ", ".join(row["roles"]) or "any"
            key = row.get("keyInWords", row["key"])
            defence = "yes" if row["defence"] else "no"
            lines.append(f"| {function} | {row['signer']} | {roles} | {key} | {defence} |\n")
    return HEAD + "".join(lines)


def test_the_suite_is_eleven_contracts() -> None:
    assert len(CONTRACTS) == 11
    assert len(functions()) > len(CONTRACTS)


def test_every_function_has_a_refusal_row() -> None:
    assert signers().keys() | UNSIGNED.keys() == functions()


def test_no_function_is_both_signed_and_unsigned() -> None:
    assert signers().keys() & UNSIGNED.keys() == set()
    assert signers().keys() == WRONG_STATE.keys()


@pytest.mark.parametrize("function", sorted(WRONG_STATE))
def test_signed_function_refuses_a_wrong_state(function: str) -> None:
    body = body_of(WRONG_STATE[function])
    assert re.search(r"[Rr]efus|[Rr]evert|checkAct|_tryClose|_forEachAct|_requireNotSigned", body), body
    # the registry's test goes through all of its acts by number
    assert speaks_of(WRONG_STATE[function], function) or WRONG_STATE[function].startswith(
        "ParticipantRegistry.acts:"
    ), body


@pytest.mark.parametrize("function", sorted(UNSIGNED))
def test_unsigned_function_has_its_tests_or_a_reason(function: str) -> None:
    unsigned = UNSIGNED[function]
    assert unsigned.tests.keys() <= set(CASES)
    assert unsigned.tests, "a function without any refusal"
    assert len(unsigned.reason) >= MIN_REASON
    for test in unsigned.tests.values():
        assert speaks_of(test, function), f"{test} does not speak of {function}"


def test_log_and_council_have_their_tests_or_a_reason() -> None:
    assert LOG_AND_COUNCIL.keys() == functions(("EvidenceLog", "Council"))
    for function, refusals in LOG_AND_COUNCIL.items():
        assert refusals.tests.keys() <= set(CASES), function
        assert {"wrong state"} < refusals.tests.keys(), function
        assert len(refusals.reason) >= MIN_REASON
        for test in refusals.tests.values():
            assert body_of(test), function


def test_every_error_of_the_contracts_is_expected_somewhere() -> None:
    contracts = (*CONTRACTS, "EvidenceLog", "Council")
    errors = {entry["name"] for name in contracts for entry in load_artifact(name).abi if entry["type"] == "error"}
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(TESTS.rglob("*.sol")))
    expected = set(re.findall(r"\b(\w+)\.selector\b", text))
    assert errors - expected == NEVER_RAISED
    # a refusal without words would be any refusal
    assert not re.search(r"\.expectRevert\(\)", text)


def test_every_row_is_tried_in_solidity() -> None:
    sources = {path.name: path.read_text(encoding="utf-8") for path in tracked_or_new(ROOT, "tests/contracts/*.t.sol")}
    for function, rows in signers().items():
        contract = function.partition(".")[0]
        for name in rows:
            literal = f'"{function}.{name}"'
            holders = [file for file, text in sources.items() if literal in text and file.startswith(contract)]
            assert len(holders) == 1, f"{literal} stands in {holders}"
            text = sources[holders[0]]
            tries = "_forEachAct(" if contract == "ParticipantRegistry" else "checkAct("
            assert tries in text, holders


def test_the_behaviour_tries_every_case() -> None:
    behaviour = source(f"behaviours/{BEHAVIOUR}")
    found = re.search(r"^    function checkAct\(.*?^    }$", behaviour, re.MULTILINE | re.DOTALL)
    assert found
    for case, call in SIGNED_CASES.items():
        assert call in found[0], case
    assert set(SIGNED_CASES) == set(CASES) - {"wrong state"}
    for case, test in REGISTRY_CASES.items():
        assert "_forEachAct(" in body_of(f"ParticipantRegistry.acts:{test}"), case
    assert set(REGISTRY_CASES) == set(SIGNED_CASES)


def test_table_of_signers_is_what_the_contracts_were_tried_with() -> None:
    found = TABLE.search(SUITE_TEXT.read_text(encoding="utf-8"))
    assert found, "contracts/SUITE.md has no table of signers"
    assert found[1] == rendered()


def in_words(contract: str, names: set[str]) -> str:
    return f"{contract}: {', '.join(sorted(names))}"


def acts_of_roles() -> str:
    """The table of ``contracts/README.md`` as the rows say it: what each role signs, and what a body signs that the state names."""
    names = [*(str(role.name) for role in BodyRole), BY_NAME]
    acts: dict[str, dict[str, set[str]]] = {name: {} for name in names}
    for function, rows in signers().items():
        contract, _, name = function.partition(".")
        for role in [role for row in rows.values() for role in row["roles"] or [BY_NAME]]:
            acts[role].setdefault(contract, set()).add(name)
    lines = [
        f"| {role} | {'; '.join(in_words(*entry) for entry in found.items())} |\n"
        for role, found in acts.items()
        if found
    ]
    return ACTS_HEAD + "".join(lines)


def test_acts_of_roles_are_what_the_contracts_were_tried_with() -> None:
    found = ACTS_TABLE.search(README_TEXT.read_text(encoding="utf-8"))
    assert found, "contracts/README.md has no table of acts of roles"
    assert found[1] == acts_of_roles()
