"""Filing and termination by the interfaces of TC609-6-2025-14 annex B, over the same use cases as the rest; in memory."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.contract_steps import NAME, abstract_of, create, sm2, strategy
from support.product_world import CODES, a_world, acting, settle
from support.trade_ends import inbox, put_keys_on_file, said_of
from support.trade_steps import Trade

from ledger.domain.policies.national import encode_strategy
from ledger.domain.termination import END_BY_EXPIRY
from ledger.errors import AccessError, ConflictError, InputError, NotFoundError, SignatureError
from ledger.services import agreement_endings
from ledger.services.agreement_objects import act_of_agreement, disclosed_of
from ledger.services.business import StoredObject
from ledger.services.contract_interfaces import (
    REASON,
    ContractEnd,
    ContractFiling,
    register_contract,
    terminate_contract,
)


@pytest.fixture(scope="module")
def made() -> Trade:
    """Made once; every test goes on from a copy."""
    trade = Trade(a_world()).draft().offered().confirmed().generated().signed()
    put_keys_on_file(trade)
    return trade


@pytest.fixture
def signed(made: Trade) -> Trade:
    return copy.deepcopy(made)


def own_strategy(trade: Trade) -> dict[str, Any]:
    """The agreement's first permission, as B.5 says it."""
    [policy] = disclosed_of(trade.agreement).read_policies()
    said = encode_strategy(policy.permissions[0], policy.scope)
    return {**said, "subjectInfo": {**said["subjectInfo"], "dataProductEntityId": CODES["provider"]}}


def register(
    trade: Trade,
    name: str,
    *,
    said: dict[str, Any] | None = None,
    signers: tuple[tuple[str, str], ...] = (("bank", "bank"), ("provider", "provider")),
    contract_name: str = NAME,
) -> StoredObject:
    """``signers`` are pairs of who is named and who signed."""
    said = said or own_strategy(trade)
    abstract = abstract_of(trade.agreement_id, said, contract_name)
    signatories = [(CODES[named], bytes.fromhex(sm2(by, abstract))) for named, by in signers]
    with acting(trade.world, name) as uow:
        return register_contract(uow, trade.agreement_id, ContractFiling(contract_name, said, signatories))


def terminate(
    trade: Trade, who: str = "bank", *, by: str | None = None, contract_id: str = "", **members: Any
) -> StoredObject:
    scheduled = datetime.fromtimestamp(act_of_agreement(trade.agreement).valid_until, UTC)
    request = {"contractId": trade.agreement_id, "issuerEntityId": CODES[who]}
    defaults = {
        "name": NAME,
        "issuer": CODES[who],
        "terminate_type": "01",
        "scheduled_at": scheduled,
        "agreed_at": trade.world.now + timedelta(days=1),
        "request": request,
        "signature": bytes.fromhex(sm2(who, request)),
    }
    with acting(trade.world, by or who) as uow:
        return terminate_contract(uow, contract_id or trade.agreement_id, ContractEnd(**defaults | members))


def test_platform_files_and_a_repeat_is_answered_as_it_stands(signed: Trade) -> None:
    assert register(signed, "trading").state == "filing"
    assert register(signed, "trading").state == "filing"
    settle(signed.world)
    filed = register(signed, "trading")
    assert (filed.state, filed.document["filed"]["tx_hash"]) == ("filed", "01" * 32)
    assert len(said_of(signed, "agreement.filing_asked")) == 1


def test_party_asks_its_platform_to_file_once(signed: Trade) -> None:
    assert register(signed, "bank").state == "signed"
    assert register(signed, "bank").state == "signed"
    assert inbox(signed, "trading") == ["filing_requested"]
    assert len(said_of(signed, "agreement.filing_requested")) == 1
    signed.filed()
    assert register(signed, "provider").document["filed"] is not None


def test_what_is_filed_is_the_agreement_signed_by_both(signed: Trade) -> None:
    other = own_strategy(signed)
    other["constraints"] = strategy(signed, calls=2)["constraints"]
    with pytest.raises(InputError, match="strategy"):
        register(signed, "trading", said=other)
    elsewhere = {**own_strategy(signed), "subjectInfo": {"dataProductId": "691310000MA0000007L3101000000015"}}
    with pytest.raises(InputError, match="product"):
        register(signed, "trading", said=elsewhere)
    with pytest.raises(InputError, match="Name"):
        register(signed, "trading", contract_name="另一份")
    with pytest.raises(InputError, match="each party"):
        register(signed, "trading", signers=(("bank", "bank"),))
    with pytest.raises(InputError, match="each party"):
        register(signed, "trading", signers=(("bank", "bank"), ("trading", "trading")))
    with pytest.raises(SignatureError):
        register(signed, "trading", signers=(("bank", "bank"), ("provider", "bank")))
    assert signed.agreement.state == "signed"


def test_prohibition_is_no_strategy_to_file_by(signed: Trade) -> None:
    """A strategy does not say its kind: signed, a prohibition would read like a permission."""
    [policy] = disclosed_of(signed.agreement).read_policies()
    assert policy.prohibitions
    with pytest.raises(InputError, match="no permission"):
        register(signed, "trading", said=encode_strategy(policy.prohibitions[0], policy.scope))


def test_nobody_else_files(signed: Trade) -> None:
    with pytest.raises(AccessError):
        register(signed, "regulator")
    for name in ("stranger", "other_trading"):
        with pytest.raises(NotFoundError):
            register(signed, name)


def test_contract_that_is_not_signed_on_the_chain_is_not_filed() -> None:
    trade = Trade(a_world()).draft().offered().confirmed().generated()
    put_keys_on_file(trade)
    with pytest.raises(ConflictError, match="sign on the chain"):
        register(trade, "bank")


def test_early_end_is_asked_for_and_signed_by_both(signed: Trade) -> None:
    signed.filed()
    assert terminate(signed).state == "ending"
    assert terminate(signed).state == "ending", "asked for already"
    settle(signed.world)
    assert terminate(signed).state == "terminated"
    voucher = signed.world.objects["termination_voucher", signed.agreement_id].document["voucher"]
    assert (voucher["reason"], voucher["erminateType"]) == (REASON, "01")


def test_end_at_expiry_is_told_of_once_it_has_come(signed: Trade) -> None:
    signed.filed()
    expiry = {"terminate_type": "02", "agreed_at": None}
    with pytest.raises(ConflictError, match="not over"):
        terminate(signed, **expiry)
    signed.world.now = signed.world.deadlines["agreement", signed.agreement_id, END_BY_EXPIRY].due_at + timedelta(
        seconds=1
    )
    with signed.world.begin() as uow:
        agreement_endings.end_when_due(uow, signed.agreement_id, END_BY_EXPIRY)
    assert terminate(signed, **expiry).document["ending"]["ground"] == "expiry"


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"by": "provider"}, AccessError),
        ({"name": "另一份"}, InputError),
        ({"scheduled_at": datetime(2027, 1, 1, tzinfo=UTC)}, InputError),
        ({"terminate_type": "03"}, InputError),
        ({"agreed_at": None}, InputError),
        ({"terminate_type": "02"}, InputError),
        ({"signature": bytes(64)}, SignatureError),
        ({"request": {}}, SignatureError),
        ({"contract_id": "8" * 47}, NotFoundError),
    ],
)
def test_end_that_is_not_in_order_is_refused(signed: Trade, members: dict[str, Any], error: type[Exception]) -> None:
    signed.filed()
    with pytest.raises(error):
        terminate(signed, **members)
    assert signed.agreement.state == "filed"


def test_nobody_else_ends_a_contract(signed: Trade) -> None:
    for name, error in (("trading", AccessError), ("regulator", AccessError)):
        with pytest.raises(error):
            terminate(signed, name)


def test_contract_that_no_agreement_adopted_is_given_up(signed: Trade) -> None:
    contract_id = create(signed, contractName="另一份").object_id
    assert terminate(signed, contract_id=contract_id).state == "given_up"
    with pytest.raises(NotFoundError):
        terminate(signed, "provider", contract_id=create(signed, contractName="第三份").object_id)
