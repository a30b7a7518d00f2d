"""Contracts begun by connectors: created under an id of the platform, negotiated in rounds, signed, adopted by the agreement; in memory."""

import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.contract_steps import NAME, abstract_of, agreed, create, negotiate, sm2, strategy
from support.product_world import CODES, a_world, acting
from support.trade_ends import put_keys_on_file, said_of
from support.trade_steps import BANK_NODE, PROVIDER_NODE, Trade, new_agreement, suspend

from ledger.domain.agreement import ContradictoryPolicyError
from ledger.domain.agreement_id import parse_agreement_id
from ledger.domain.agreement_status import AgreementStatus
from ledger.domain.contract_draft import ROUNDS_MAX, status_of_draft
from ledger.domain.policies.defects import InvalidPolicyError
from ledger.errors import AccessError, ConflictError, IllegalTransitionError, InputError, NotFoundError, SignatureError
from ledger.log.timestamps import format_time
from ledger.services import agreements, contract_drafts
from ledger.services.bodies import BodyNotAbleError
from ledger.services.order_objects import ProductNotOfferedError


@pytest.fixture(scope="module")
def ordered() -> Trade:
    """Made once; every test goes on from a copy."""
    trade = Trade(a_world()).draft().offered().confirmed()
    put_keys_on_file(trade)
    return trade


@pytest.fixture
def trade(ordered: Trade) -> Trade:
    return copy.deepcopy(ordered)


def status(trade: Trade, contract_id: str) -> AgreementStatus:
    stored = trade.world.objects["contract_draft", contract_id]
    return status_of_draft(stored.state, stored.document)


def test_contract_is_created_under_an_id_of_the_platform_and_found_again(trade: Trade) -> None:
    made = create(trade)
    parts = parse_agreement_id(made.object_id)
    assert (parts.subject, parts.issued_at) == (CODES["trading"], trade.world.now)
    assert status(trade, made.object_id) == "01"
    assert create(trade) == made, "the same request again"
    issued = format_time(trade.world.now)
    trade.world.now += timedelta(days=1)
    ends = format_time(trade.world.now + timedelta(days=364))
    assert create(trade, issueTime=issued, activationTime=issued, endTime=ends) == made, "also long after"
    trade.world.now -= timedelta(days=1)
    assert len(said_of(trade, "contract_draft.created")) == 1
    assert create(trade, contractName="另一份合约").object_id != made.object_id


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"issuerEntityId": CODES["provider"]}, AccessError),
        ({"issuerId": PROVIDER_NODE}, AccessError),
        ({"signMode": "03"}, InputError),
        ({"contractName": " "}, InputError),
        ({"contractAbstract": ""}, InputError),
        ({"endTime": "2026-01-01T00:00:00Z"}, InputError),
        ({"issueTime": "2026-11-02T10:00:00Z"}, InputError),
    ],
)
def test_creation_that_is_not_in_order_is_refused(
    trade: Trade, members: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        create(trade, **members)
    assert said_of(trade, "contract_draft.created") == []


def test_creation_is_signed_by_its_issuer_who_is_in_good_standing(trade: Trade) -> None:
    with pytest.raises(SignatureError):
        create(trade, signed_by="provider")
    suspend(trade.world, "bank")
    with pytest.raises(BodyNotAbleError):
        create(trade)


def test_body_has_so_many_open_contracts(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract_drafts, "OPEN_MAX", 1)
    first = create(trade).object_id
    with pytest.raises(ConflictError, match="at most"):
        create(trade, contractName="第二份")
    with acting(trade.world, "bank") as uow:
        contract_drafts.give_up_contract(uow, first)
    assert status(trade, first) == AgreementStatus.TERMINATED
    create(trade, contractName="第二份")


def test_contract_is_negotiated_until_both_say_the_same(trade: Trade) -> None:
    contract_id = create(trade).object_id
    assert negotiate(trade, "bank", contract_id, strategy(trade, calls=1_000)).state == "negotiating"
    assert status(trade, contract_id) == "02"
    negotiate(trade, "provider", contract_id, strategy(trade, calls=500))
    again = negotiate(trade, "provider", contract_id, strategy(trade, calls=500))
    assert len(again.document["proposals"]) == 2, "what is said again changes nothing"
    done = negotiate(trade, "bank", contract_id, strategy(trade, calls=500))
    assert (done.state, status(trade, contract_id)) == ("agreed", "03")
    assert [data["by"] for data in said_of(trade, "contract_draft.proposed")] == [CODES["bank"], CODES["provider"]]
    with pytest.raises(ConflictError, match="otherwise"):
        negotiate(trade, "bank", contract_id, strategy(trade, calls=900))


def test_provider_begins_too_and_names_the_consumers_node(trade: Trade) -> None:
    contract_id = create(trade, "provider").object_id
    nobody = strategy(trade, executionNodeInfo={"providerNodeId": PROVIDER_NODE})
    with pytest.raises(InputError, match="consumerNodeId"):
        negotiate(trade, "provider", contract_id, nobody)
    negotiate(trade, "provider", contract_id, strategy(trade))
    assert negotiate(trade, "bank", contract_id, strategy(trade)).state == "agreed"


def test_others_see_nothing_of_a_contract_and_the_counterpart_from_the_first_proposal_on(trade: Trade) -> None:
    contract_id = create(trade).object_id
    for name in ("provider", "stranger", "trading", "regulator"):
        with pytest.raises(NotFoundError):
            negotiate(trade, name, contract_id, strategy(trade))
    negotiate(trade, "bank", contract_id, strategy(trade))
    with acting(trade.world, "provider") as uow:
        assert uow.get("contract_draft", contract_id).state == "negotiating"


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"subjectInfo": {}}, InputError),
        ({"subjectInfo": {"dataProductId": "691310000MA0000007L3101000000015"}}, ProductNotOfferedError),
        ({"actions": ["export"]}, InvalidPolicyError),
        ({"actions": ["distribute"]}, ContradictoryPolicyError),
        ({"executionNodeInfo": {}}, InputError),
    ],
)
def test_proposal_that_nobody_can_mean_is_refused(
    trade: Trade, members: dict[str, Any], error: type[Exception]
) -> None:
    contract_id = create(trade).object_id
    with acting(trade.world, "bank") as uow, pytest.raises(error):
        contract_drafts.negotiate_contract(uow, contract_id, NAME, strategy(trade, **members), [])
    with pytest.raises(InputError, match="contractName"):
        negotiate(trade, "bank", contract_id, strategy(trade), contract_name="另一份")
    assert trade.world.objects["contract_draft", contract_id].state == "created"


def test_rounds_are_bounded(trade: Trade) -> None:
    contract_id = create(trade).object_id
    for number in range(ROUNDS_MAX):
        negotiate(trade, ("bank", "provider")[number % 2], contract_id, strategy(trade, calls=number + 1))
    with pytest.raises(ConflictError, match="at most"):
        negotiate(trade, "bank", contract_id, strategy(trade, calls=9_999))


def test_final_confirmation_has_each_partys_own_signature(trade: Trade) -> None:
    said = strategy(trade)
    contract_id = create(trade).object_id
    negotiate(trade, "bank", contract_id, said)
    with pytest.raises(ConflictError, match="agreed"):
        negotiate(trade, "bank", contract_id, said, "bank")
    assert (
        negotiate(trade, "provider", contract_id, said, "provider").document["signatures"][0]["participant"]
        == CODES["provider"]
    )
    done = negotiate(trade, "bank", contract_id, said, "bank", "provider")
    assert [one["participant"] for one in done.document["signatures"]] == [CODES["provider"], CODES["bank"]]
    forged = bytes.fromhex(sm2("bank", abstract_of(contract_id, strategy(trade, calls=2))))
    with acting(trade.world, "bank") as uow, pytest.raises(InputError, match="each party"):
        contract_drafts.negotiate_contract(uow, contract_id, NAME, said, [(CODES["trading"], forged)])
    other = create(trade, contractAbstract="另一份").object_id
    negotiate(trade, "bank", other, said)
    with acting(trade.world, "provider") as uow, pytest.raises(SignatureError):
        contract_drafts.negotiate_contract(uow, other, NAME, said, [(CODES["bank"], forged)])


def test_agreement_takes_id_and_policy_of_the_contract_that_was_negotiated(trade: Trade) -> None:
    contract_id = agreed(trade, strategy(trade, calls=77))
    new = replace(new_agreement(), contract_id=contract_id)
    made = trade.do("provider", agreements.generate_agreement, new)
    assert made.object_id == contract_id
    [policy] = made.document["disclosed"]["policies"]
    assert policy["permission"] == [
        {"action": "read", "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": 77}]}
    ]
    assert policy["prohibition"] == [{"action": "distribute"}], "what the listed product forbids stays forbidden"
    assert made.document["issued_by"] == CODES["trading"]
    assert trade.world.objects["contract_draft", contract_id].state == "adopted"
    with acting(trade.world, "bank") as uow, pytest.raises(IllegalTransitionError):
        contract_drafts.give_up_contract(uow, contract_id)


def test_agreement_does_not_adopt_what_is_not_agreed_or_says_something_else(trade: Trade) -> None:
    contract_id = create(trade).object_id
    negotiate(trade, "bank", contract_id, strategy(trade))
    with pytest.raises(IllegalTransitionError):
        trade.do("bank", agreements.generate_agreement, replace(new_agreement(), contract_id=contract_id))
    negotiate(trade, "provider", contract_id, strategy(trade))
    for members in ({"name": "另一份"}, {"provider_node": PROVIDER_NODE[:-9] + "00000009"}):
        with pytest.raises((ConflictError, InputError)):
            trade.do("bank", agreements.generate_agreement, replace(new_agreement(**members), contract_id=contract_id))
    assert trade.world.objects["contract_draft", contract_id].state == "agreed"
    assert trade.order.document["agreement_id"] is None


def test_given_up_contract_is_over(trade: Trade) -> None:
    contract_id = agreed(trade, strategy(trade))
    with acting(trade.world, "regulator") as uow, pytest.raises(NotFoundError):
        contract_drafts.give_up_contract(uow, contract_id)
    with acting(trade.world, "provider") as uow:
        contract_drafts.give_up_contract(uow, contract_id)
    assert status(trade, contract_id) == AgreementStatus.SIGNING_FAILED
    with pytest.raises(ConflictError):
        negotiate(trade, "bank", contract_id, strategy(trade, calls=3))


def test_creation_of_another_time_is_not_taken(trade: Trade) -> None:
    for off in (timedelta(minutes=6), timedelta(minutes=-6)):
        with pytest.raises(InputError, match="5 minutes"):
            create(trade, issueTime=format_time(trade.world.now + off))
    assert create(trade, issueTime=format_time(trade.world.now - timedelta(minutes=4)), issuerId=BANK_NODE)
