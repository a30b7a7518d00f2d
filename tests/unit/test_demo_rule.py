"""The story says that the settlement rule is approved once the contract says so, and not before."""

from pathlib import Path

import pytest
from support.demo_play import TODAY, PlayedCity, PlayedService

from ledger.adapters.chain.bindings.settlement_rules import RuleStatus
from ledger.demo import rule
from ledger.demo.offices import Papers
from ledger.errors import ConflictError


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlayedCity:
    monkeypatch.setattr(rule, "_ask", lambda *_: bytes(32))
    return PlayedCity(PlayedService(lambda *_: {}), tmp_path)


def test_rule_that_the_contract_did_not_take_is_not_said_to_be_approved(
    city: PlayedCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule, "_send", lambda *_: None)
    monkeypatch.setattr(rule, "_status", lambda *_: RuleStatus.UNKNOWN)
    with pytest.raises(ConflictError, match="not approved"):
        rule.approve_rule(city, Papers(TODAY))
    assert city.said == []


def test_rule_that_the_contract_took_is_said_to_be_approved(city: PlayedCity, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    monkeypatch.setattr(rule, "_send", lambda *_: sent.append(_))
    monkeypatch.setattr(rule, "_status", lambda *_: RuleStatus.APPROVED if sent else RuleStatus.UNKNOWN)
    rule.approve_rule(city, Papers(TODAY))
    assert len(sent) == len(city.said) == 1
