"""An agreement is signed by each party with EIP-712 and with SM2; without the second signature nothing is taken, and nothing is lost."""

from dataclasses import replace
from typing import Any

import pytest
from support.both_schemes import signed_by_both
from support.product_world import (
    CODES,
    KEYS,
    SM2_ON_FILE,
    SM2_SECRETS,
    a_world,
    acting,
    address,
    open_act,
    settle,
    sign_as,
)
from support.trade_steps import Trade

from ledger.domain.typed_acts import Tail, act_sm2_message
from ledger.errors import InvalidActSignatureError, Sm2KeyMissingError, Sm2SignatureMissingError
from ledger.log.signatures import verify_sm2
from ledger.services import agreements
from ledger.services.acts import act_of, sign_act


@pytest.fixture
def trade() -> Trade:
    """An agreement that waits for both signatures."""
    made = Trade(a_world()).draft().offered().confirmed().generated()
    made.agree("bank", agreements.ask_signatures)
    return made


def keys_of_bank(trade: Trade, *public_keys: str, revoked_at: str | None = None) -> None:
    """The SM2 keys that the bank has on file from now on."""
    keys = [{"public_key": one, "added_at": "", "revoked_at": revoked_at} for one in public_keys]
    with trade.world.begin() as uow:
        bank = uow.find("participant", CODES["bank"])
        assert bank is not None
        uow.change(bank, act="x", document={**bank.document, "sm2_keys": keys})


def sign(trade: Trade, *, sm2: bool = True) -> None:
    with acting(trade.world, "bank") as uow:
        sign_as(uow, open_act(trade.world), 1, "bank", sm2=sm2)


def test_signature_without_sm2_is_refused_and_the_other_partys_stays(trade: Trade) -> None:
    with acting(trade.world, "provider") as uow:
        sign_as(uow, open_act(trade.world), 0, "provider")
    before = dict(trade.world.objects)

    with pytest.raises(Sm2SignatureMissingError, match=r"Nothing was changed.*Sign again with both keys"):
        sign(trade, sm2=False)

    assert trade.world.objects == before
    sign(trade)
    [act] = [one for (kind, _), one in trade.world.objects.items() if kind == "act" and one.state == "calling"]
    assert act.document["function"] == "conclude"


def test_framework_agreement_needs_both_too() -> None:
    trade = Trade(a_world()).framework()
    trade.agree("bank", agreements.ask_signatures)
    with pytest.raises(Sm2SignatureMissingError):
        sign(trade, sm2=False)
    settle(trade.world)
    assert trade.agreement.state == "signed"


@pytest.mark.parametrize("revoked_at", [None, "2026-11-02T00:00:00Z"], ids=["none", "an ended one"])
@pytest.mark.parametrize("sm2", [True, False])
def test_body_without_a_valid_key_on_file_is_told_how_to_put_one_there(
    trade: Trade, revoked_at: str | None, *, sm2: bool
) -> None:
    keys_of_bank(trade, *([SM2_ON_FILE["bank"]] if revoked_at else []), revoked_at=revoked_at)
    with pytest.raises(Sm2KeyMissingError, match=r"Put a key on file .*add-sm2-key"):
        sign(trade, sm2=sm2)
    keys_of_bank(trade, SM2_ON_FILE["bank"])
    sign(trade)


def test_sm2_signature_of_another_key_or_another_act_is_refused(trade: Trade) -> None:
    keys_of_bank(trade, SM2_ON_FILE["provider"])
    with pytest.raises(InvalidActSignatureError, match="no valid one of the body"):
        sign(trade)
    keys_of_bank(trade, SM2_ON_FILE["bank"])
    act = open_act(trade.world)
    said: Any = act_of(act)
    tail = Tail(bytes.fromhex(act.document["signers"][1]["body_id"]), int(trade.world.now.timestamp()) + 86_400)
    with acting(trade.world, "bank") as uow:
        other = replace(said, contract_digest=b"\x01" * 32)
        domain = uow.domain_of(said.CONTRACT)
        _, sm2 = signed_by_both(KEYS["bank"], SM2_SECRETS["bank"], other, tail, domain)
        signature, _ = signed_by_both(KEYS["bank"], None, said, replace(tail, sm2_signature_digest=sm2.digest), domain)  # type: ignore[union-attr]
        with pytest.raises(InvalidActSignatureError):
            sign_act(
                uow,
                act.object_id,
                place=1,
                key=address("bank"),
                deadline=tail.deadline,
                signature=signature,
                sm2=sm2,
            )
    sign(trade)


def test_orders_and_filings_go_without(trade: Trade) -> None:
    settle(trade.world)
    assert trade.order.state == "in_force"
    assert trade.filed().agreement.state == "filed"
    given = [
        (one.document["step"], signature["sm2"] is not None)
        for (kind, _), one in trade.world.objects.items()
        if kind == "act"
        for signature in one.document["signatures"].values()
    ]
    assert {step for step, by_both in given if by_both} == {"trade.agreement.conclude"}
    assert {"trade.order.place", "trade.agreement.file"} <= {step for step, _ in given}


def test_concluded_agreement_keeps_what_anyone_checks_the_digests_on_the_chain_with(trade: Trade) -> None:
    assert trade.agreement.document["signatures"] is None
    act = open_act(trade.world)
    settle(trade.world)
    kept = trade.agreement.document["signatures"]
    assert [one["participant"] for one in kept] == [CODES["provider"], CODES["bank"]]
    assert [one["sm2"]["public_key"] for one in kept] == [SM2_ON_FILE["provider"], SM2_ON_FILE["bank"]]
    signed = trade.world.objects["act", act.object_id].document
    for place, one in enumerate(kept):
        signer, given = signed["signers"][place], signed["signatures"][str(place)]
        tail = Tail(bytes.fromhex(signer["body_id"]), given["deadline"])
        with trade.world.begin() as uow:
            message = act_sm2_message(act_of(act), tail, uow.domain_of(act_of(act).CONTRACT))
        verify_sm2(bytes.fromhex(one["sm2"]["public_key"]), message, bytes.fromhex(one["sm2"]["signature"]))
