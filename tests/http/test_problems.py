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

OURS = {"ledger_error", "integrity", "seal_broken", "settings", "embedded_part", "refused_by_service"}
"""Failures of the operator's own store or machine, and the client's error: their answer is ``internal_error``."""


def subclasses(kind: type[LedgerError]) -> set[type[LedgerError]]:
    return {kind}.union(*(subclasses(child) for child in kind.__subclasses__()))


def served_errors() -> set[type[LedgerError]]:
    """Errors of the modules that the API is made of."""
    prefixes = ("api.", "ledger.errors", "ledger.services.", "ledger.log.", "ledger.adapters.sql.log_store")
    return {kind for kind in subclasses(LedgerError) if kind.__module__.startswith(prefixes)}


def test_every_error_that_the_api_can_meet_has_a_row_or_is_ours() -> None:
    client_side = {"refused_by_service", "service_unavailable"}
    for kind in served_errors():
        if kind.code not in PROBLEMS:
            assert kind.code in OURS | client_side or kind.code not in {
                e.code for e in served_errors() if e is not kind
            }
            assert problem_document(kind("secret"))["code"] == INTERNAL


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
