"""One table of problems: every error has its row, the README states it, and rendering adds nothing of ours or the caller's."""

import re
from pathlib import Path

from api.app import build_app_without_parts  # which also brings in every module whose errors the API can meet
from api.judging import PROOFS_WAITING_MAX
from api.problems import INTERNAL, PROBLEMS, problem_document, problem_response
from api.routers import events, log
from ledger.errors import InputError, InvalidEventError, LedgerError, OverloadedError

API = Path(__file__).resolve().parents[2] / "api"
PROBLEMS_PAGE = (API / "PROBLEMS.md").read_text(encoding="utf-8")
ROUTES_PAGE = (API / "ROUTES.md").read_text(encoding="utf-8")
README = (API / "README.md").read_text(encoding="utf-8")

OURS = {"ledger_error", "integrity", "entry_lost", "seal_broken", "settings", "embedded_part", "refused_by_service"}
"""Failures of the operator's own store or machine, and the client's error, which who asks another service handles: ``internal_error``."""

ELSEWHERE = {
    **dict.fromkeys(
        (
            *("unexplained_act", "wrong_chain", "wrong_contract", "deadline_over", "key_not_signer", "other_body"),
            *("document_changed", "paper_unseen", "paper_not_in_act", "wrong_password", "keystore_damaged"),
        ),
        "raised where a person signs, on the machine that has the key",
    ),
    **dict.fromkeys(
        ("no_recipient_key", "sealed_part_malformed", "sealed_for_others", "ciphertext_changed", "seal_mismatch"),
        "raised where a party opens its confidential part, which the service cannot",
    ),
    "invalid_split": "raised by the split of a sum, which no route computes",
}
"""Codes that no answer has, and why; a test holds that nothing which serves names these errors."""

SERVING = ("api", "ledger/services", "ledger/log", "ledger/adapters/sql", "ledger/adapters/oidc")


_CHAIN_ERRORS = "ledger.adapters.chain.errors"
"""Of the worker's connection to the chain; one of them has a name and a code that a signer's error has too."""


def subclasses(kind: type[LedgerError]) -> set[type[LedgerError]]:
    return {kind}.union(*(subclasses(child) for child in kind.__subclasses__()))


def served_errors() -> set[type[LedgerError]]:
    """Errors of the modules that the API is made of."""
    prefixes = (
        "api.",
        "ledger.errors",
        "ledger.services.",
        "ledger.domain.",
        "ledger.log.",
        "ledger.adapters.sql.log_store",
    )
    return {kind for kind in subclasses(LedgerError) if kind.__module__.startswith(prefixes)}


def test_every_error_that_the_api_can_meet_has_a_row_or_is_ours() -> None:
    without = {kind for kind in served_errors() if kind.code not in PROBLEMS}
    assert {kind.code for kind in without} - OURS - ELSEWHERE.keys() == set()
    assert PROBLEMS.keys() & (OURS | ELSEWHERE.keys()) == set()
    for kind in without:
        assert problem_document(kind("secret"))["code"] == INTERNAL


def test_errors_of_elsewhere_are_named_by_nothing_that_serves() -> None:
    kinds = [kind for kind in subclasses(LedgerError) if kind.code in ELSEWHERE and kind.__module__ != _CHAIN_ERRORS]
    assert {kind.code for kind in kinds} >= {"wrong_chain", "invalid_split"}
    for path in (path for folder in SERVING for path in (API.parent / folder).rglob("*.py")):
        words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        assert words & {kind.__name__ for kind in kinds} == set(), path


def test_titles_of_the_table_are_those_of_the_errors() -> None:
    for kind in served_errors():
        if kind.code in PROBLEMS:
            assert PROBLEMS[kind.code][1] == kind.title, kind


def test_readme_states_the_table() -> None:
    stated = {
        code: int(status)
        for status, codes in re.findall(r"^\| (\d{3}) \| ([a-z0-9_, ]+) \|$", PROBLEMS_PAGE, re.MULTILINE)
        for code in codes.split(", ")
    }
    assert stated == {code: status for code, (status, _) in PROBLEMS.items()}


def test_readme_states_the_limits_that_no_setting_has() -> None:
    parameters = build_app_without_parts().openapi()["paths"]["/v1/events/proof"]["get"]["parameters"]
    redactions = next(each for each in parameters if each["name"] == "redact")["schema"]["maxItems"]
    assert events.SEARCH_ITEMS_MAX == log.ANCHORS_MAX
    limits = f"{events.SEARCH_ITEMS_MAX:,}; {redactions}; {PROOFS_WAITING_MAX}, above it 429"
    assert (
        f"| items of a page; `redact` of one proof; proofs that wait to be verified, in one process | {limits} | |"
        in README
    )


def test_problem_names_core_attributes_and_nothing_the_caller_made_up() -> None:
    assert "'subject'" in problem_document(InvalidEventError("attribute 'subject' is empty"))["detail"]
    assert "secret" not in problem_document(InvalidEventError("attribute 'secret' is empty"))["detail"]


def test_facts_that_are_not_meant_for_callers_stay_inside() -> None:
    document = problem_document(InputError("x", limit=3, path="/var/lib", raw=b"y"))
    assert document["limit"] == 3
    assert {"path", "raw"}.isdisjoint(document)


def test_retry_after_is_at_least_a_second() -> None:
    assert problem_response(OverloadedError(retry_after_s=0.2)).headers["retry-after"] == "1"
    assert problem_response(OverloadedError(retry_after_s=7)).headers["retry-after"] == "7"
