"""Every transition table of the domain, walked at random against a second description of what may follow what.

The second description is written as the design tells it: the ways that an object may go, one line each. A table without one fails here.
"""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from support.repository import ROOT

import ledger.domain
import ledger.services
from ledger.domain.transitions import TransitionTable
from ledger.errors import IllegalTransitionError

ELSEWHERE = {
    "participant": "tests/property/test_participant_life.py",
    "product_version": "tests/unit/test_product_life.py",
    "negotiation": "tests/unit/test_negotiation_life.py",
    "demand": "tests/unit/test_demand_matching.py",
    "order": "tests/unit/test_order_life.py",
}
"""Tables with a machine of their own, that knows more of them."""

WAYS = {
    "account": ["active -withdraw-> withdrawn"],
    "act": [
        "open -sign-> open",
        "open -complete-> calling -confirm-> final",
        "final -lose-> calling -refuse-> refused",
        "open -withdraw-> withdrawn",
    ],
    "agreement": [
        "generated -sign-> signing -sign-> signing -complete_signatures-> signed -file-> filing -confirm_filing-> filed",
        "generated -abandon-> abandoned",
        "signing -abandon-> abandoned",
        "signing -return_to_generated-> generated",
        "filing -refuse_filing-> signed -end-> ending -return_to_signed-> signed",
        "filed -instruct-> in_performance -end-> ending -return_to_in_performance-> in_performance",
        "filed -end-> ending -return_to_filed-> filed",
        "ending -confirm_end-> terminated",
        *(f"{state} -expire-> terminated" for state in ("signed", "filed", "in_performance")),
        *(f"{state} -report_breach-> {state} -end_by_rule-> terminated" for state in ("filed", "in_performance")),
    ],
    "application": [
        "submitted -pass_first_review-> first_reviewed -pass_final_review-> approved",
        "first_reviewed -refer_to_line_authority-> with_line_authority -consent-> approved",
        *(f"{state} -refuse-> refused" for state in ("submitted", "first_reviewed", "with_line_authority")),
        *(f"{state} -withdraw-> withdrawn" for state in ("submitted", "first_reviewed", "with_line_authority")),
    ],
    "authorisation": [
        "in_force -issue_token-> in_force -end_token-> in_force -ask_widening-> in_force -widen-> in_force",
        "in_force -suspend-> suspended -end_token-> suspended -resume-> in_force",
        *(f"{state} -withdraw-> withdrawn" for state in ("in_force", "suspended")),
        *(f"{state} -give_up-> given_up" for state in ("in_force", "suspended")),
    ],
    "authorisation_widening": ["asked -grant-> granted", "asked -refuse-> refused", "asked -take_back-> taken_back"],
    "bid": ["submitted -select-> selected", "submitted -pass_over-> passed_over", "submitted -close-> closed"],
    "connector_credential": ["set -replace-> set -remove-> removed -set_again-> set"],
    "contract_draft": [
        "created -propose-> negotiating -propose-> negotiating -agree-> agreed -sign-> agreed -adopt-> adopted",
        *(f"{state} -give_up-> given_up" for state in ("created", "negotiating", "agreed")),
    ],
    "control_instruction": [
        "issued -receive-> received -enforce-> in_force -enforce-> in_force -fail-> failed -fail-> failed -enforce-> in_force",
        "received -fail-> failed",
        *(f"{state} -end-> ended" for state in ("received", "in_force", "failed")),
        "issued -withdraw-> withdrawn",
    ],
    "demand_notice": ["sent -push-> sent"],
    "destruction": [
        "owed -hand_in-> handed_in -contest-> contested -hand_in-> handed_in -accept-> accepted",
    ],
    "dispute": [
        "complained -answer-> negotiating -ask_mediation-> mediating -end_mediation-> mediation_failed -refer-> referring",
        "referring -confirm_referral-> referred -rule-> ruling -confirm_ruling-> ruled",
        "mediation_failed -refer_off_chain-> referred -rule_off_chain-> ruled",
        "referring -return_to_mediation_failed-> mediation_failed",
        "ruling -return_to_referred-> referred",
        "complained -write-> complained -ask_mediation-> mediating",
        *(
            f"{state} -write-> {state} -propose-> {state} -accept-> {state} -settle-> settled"
            for state in ("negotiating", "mediating", "mediation_failed")
        ),
        *(f"{state} -write-> {state}" for state in ("referring", "referred", "ruling")),
        *(f"{state} -withdraw-> withdrawn" for state in ("complained", "negotiating", "mediating", "mediation_failed")),
    ],
    "negotiation_message": [
        "waiting -deliver-> delivered",
        "waiting -give_up-> refused",
        "waiting -overtake-> overtaken",
    ],
    "notice": ["sent -read-> read"],
    "platform_act": ["intended -acknowledge-> acknowledged", "intended -refuse-> refused"],
    "product": [
        "active -freeze-> freezing -confirm-> frozen -thaw-> thawing -confirm-> active",
        "freezing -return_to_active-> active",
        "thawing -return_to_frozen-> frozen",
        "freezing -withhold-> withheld -freeze-> freezing -return_to_withheld-> withheld",
        "withheld -thaw-> thawing -return_to_withheld-> withheld",
    ],
    "product_filing": ["given -release-> free -give-> given"],
    "termination_voucher": ["issued -sign-> signed"],
    "usage_token": ["issued -revoke-> revoked", "issued -expire-> expired"],
    "violation": [
        "entered -appeal-> appealed -lift-> lifted",
        "appealed -uphold-> upheld -claim_repair-> repair_claimed -accept_repair-> repaired",
        "entered -claim_repair-> repair_claimed -refuse_repair-> upheld",
    ],
    "waiting_application": ["waiting -take_up-> taken_up", "waiting -drop-> dropped"],
}
UNCHANGING = {"metadata_check", "execution_report", "dispute_message"}
"""Kinds that are recorded once and have no life after that."""

ENDS = {
    "account": {"withdrawn"},
    "act": {"withdrawn", "refused"},
    "agreement": {"abandoned", "terminated"},
    "application": {"approved", "refused", "withdrawn"},
    "authorisation": {"withdrawn", "given_up"},
    "authorisation_widening": {"granted", "refused", "taken_back"},
    "bid": {"selected", "passed_over", "closed"},
    "connector_credential": set[str](),
    "contract_draft": {"adopted", "given_up"},
    "control_instruction": {"ended", "withdrawn"},
    "demand_notice": set[str](),
    "destruction": {"accepted"},
    "dispute": {"settled", "ruled", "withdrawn"},
    "negotiation_message": {"delivered", "refused", "overtaken"},
    "notice": {"read"},
    "platform_act": {"acknowledged", "refused"},
    "product": set[str](),
    "product_filing": set[str](),
    "termination_voucher": {"signed"},
    "usage_token": {"revoked", "expired"},
    "violation": {"lifted", "repaired"},
    "waiting_application": {"taken_up", "dropped"},
}


def tables() -> dict[str, list[TransitionTable]]:
    """Every table in a module of ``ledger.domain``, by the kind of its objects."""
    found: dict[str, list[TransitionTable]] = {}
    for module in pkgutil.walk_packages(ledger.domain.__path__, "ledger.domain."):
        for value in vars(importlib.import_module(module.name)).values():
            for table in value.values() if isinstance(value, Mapping) else (value,):
                if isinstance(table, TransitionTable) and table not in found.setdefault(table.kind, []):
                    found[table.kind].append(table)
    return {kind: each for kind, each in found.items() if each}


def kinds_in_calls(method: str) -> dict[str, set[str]]:
    """Every kind that a use case gives to ``uow.<method>`` -> the modules; kinds are named by constants."""
    found: dict[str, set[str]] = {}
    for module in pkgutil.walk_packages(ledger.services.__path__, "ledger.services."):
        loaded = importlib.import_module(module.name)
        for call in ast.walk(ast.parse(inspect.getsource(loaded))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == f"uow.{method}":
                kind = call.args[0]
                assert isinstance(kind, ast.Name), f"{module.name}: {ast.unparse(call)}"
                found.setdefault(getattr(loaded, kind.id), set()).add(module.name)
    return found


def test_every_kind_that_is_made_has_a_table() -> None:
    made = kinds_in_calls("create")
    assert {"act", "participant", "product_version", "product_filing"} <= made.keys()
    assert made.keys() - tables().keys() == UNCHANGING


def test_kind_without_a_table_is_never_changed() -> None:
    for module in {name for kind in UNCHANGING for name in kinds_in_calls("create")[kind]}:
        assert "uow.change(" not in inspect.getsource(importlib.import_module(module))


def moves_of(ways: list[str]) -> dict[tuple[str, str], str]:
    moves = {}
    for way in ways:
        steps = [step.removeprefix("-").removesuffix("->") for step in way.split()]
        for place in range(0, len(steps) - 1, 2):
            moves[steps[place], steps[place + 1]] = steps[place + 2]
    return moves


MACHINES = {"RuleBasedStateMachine", "TableWalk"}


@pytest.mark.parametrize("path", ELSEWHERE.values())
def test_file_of_a_machine_elsewhere_has_one(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    bases = {ast.unparse(base) for made in ast.walk(tree) if isinstance(made, ast.ClassDef) for base in made.bases}
    assert bases & MACHINES, path


def test_every_table_has_a_machine() -> None:
    assert set(tables()) == WAYS.keys() | ELSEWHERE.keys()
    assert all(len(tables()[kind]) == 1 for kind in WAYS)
    assert WAYS.keys() == ENDS.keys()


@pytest.mark.parametrize("kind", WAYS)
def test_table_lets_pass_what_the_design_tells_and_nothing_else(kind: str) -> None:
    [table] = tables()[kind]
    moves = moves_of(WAYS[kind])

    class Life(RuleBasedStateMachine):
        state = table.initial

        @rule(act=st.sampled_from(sorted(table.acts)))
        def any_act(self, act: str) -> None:
            expected = moves.get((self.state, act))
            if expected is not None:
                self.state = table.next(self.state, act)
                assert self.state == expected
                return
            with pytest.raises(IllegalTransitionError) as refused:
                table.next(self.state, act)
            allowed = sorted(each for where, each in moves if where == self.state)
            assert refused.value.facts == {"state": self.state, "allowed": allowed}
            assert "Nothing was changed" in refused.value.detail

        @rule(data=st.data())
        def allowed_act(self, data: Any) -> None:
            allowed = table.allowed(self.state)
            if allowed:
                self.any_act(data.draw(st.sampled_from(allowed)))

        @invariant()
        def ends_where_the_design_ends(self) -> None:
            assert (self.state in ENDS[kind]) == (not table.allowed(self.state))

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Life, settings=settings(max_examples=25, stateful_step_count=20, deadline=None)
    )
    assert table.acts == {act for _, act in moves}
