"""``api/APPLICATIONS.md`` says what the code does: routes, codes of refusals, bounds and events that it names are there."""

import re

from support.repository import ROOT

from api.problems import PROBLEMS
from api.roles import MATRIX
from ledger.domain.application import ASPECTS
from ledger.domain.authorisation import LIFE, WIDENING_DAYS_MAX
from ledger.services import applications, authorisations, usage_tokens

PAGE = (ROOT / "api" / "APPLICATIONS.md").read_text(encoding="utf-8")
ROUTES = {path for _, path in MATRIX if re.match("/v1/(applications|authorisations|usage-token)", path)}


def test_page_names_every_step_that_has_a_route() -> None:
    steps = {path.rpartition("/")[2] for path in ROUTES if "}" in path and not path.endswith("}")}
    named = {word for quoted in re.findall(r"`([^`]+)`", PAGE) for word in re.split(r"[/ ?]", quoted)}
    assert steps - {"grant"} <= named, "the grant of a widening is told in words"


def test_routes_that_the_page_names_are_served() -> None:
    named = set(re.findall(r"`(?:GET|POST) (/v1/[^`?]*)", PAGE))
    assert named and named <= ROUTES


def test_codes_of_refusals_are_those_of_the_table() -> None:
    refusals = PAGE.partition("What refuses a use:")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z]+_[a-z_]+|forbidden)`", refusals)) | {"authorisation_too_wide"}
    assert named <= PROBLEMS.keys() and len(named) == 8


def test_bounds_and_words_are_those_of_the_code() -> None:
    assert f"{applications.OPEN_APPLICATIONS_MAX} open applications" in PAGE
    assert all(aspect in PAGE for aspect in ASPECTS)
    assert WIDENING_DAYS_MAX == 92 and "a quarter at most" in PAGE
    assert {"suspend", "resume", "withdraw", "give_up"} < {act for _, act in LIFE.moves}
    kinds = "application,authorisation,usage_token"
    assert f"org.cityledger.{{{kinds}}}.*.v1" in PAGE
    for module, kind in zip((applications, authorisations, usage_tokens), kinds.split(","), strict=True):
        assert f"org.cityledger.{kind}." == module.EVENT.partition("{}")[0]
