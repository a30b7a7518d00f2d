"""Signed acts: what does not fit its Solidity type, its contract or its shape is refused."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain import typed_acts
from ledger.domain.acts.delivery_receipts import Acknowledgement, UsageClaim
from ledger.domain.acts.digital_contract_registry import ComponentTerms, Recipient
from ledger.domain.acts.kinds import Component, OrderStatus, Part, ProductActKind
from ledger.domain.acts.orders import OrderClosing
from ledger.domain.acts.participant_registry import Admission, KeyGrant
from ledger.domain.acts.product_registry import ProductAct, ProductFreeze
from ledger.domain.typed_acts import Act, Domain, Tail
from ledger.errors import MalformedEvidenceError, MisuseError

ID = bytes(31) + b"\x01"
TAIL = Tail(ID, 2_000_000_000)
DOMAIN = Domain("Orders", 2026, bytes(20))
CLOSING = OrderClosing(ID, OrderStatus.REJECTED, ID)
CLAIM = UsageClaim(ID, 0, 0, 1, 1, 1, 1, ID, 202611)


@pytest.mark.parametrize(
    ("act", "changes", "sentence"),
    [
        (CLOSING, {"order_id": ID[1:]}, "bytes32 takes 32 bytes"),
        (CLOSING, {"order_id": ID.hex()}, "bytes32 takes 32 bytes"),
        (CLOSING, {"order_id": bytearray(ID)}, "bytes32 takes 32 bytes"),
        (CLOSING, {"status": 4}, "4 is not a OrderStatus"),
        (CLOSING, {"status": ProductActKind.LIST}, "is not a OrderStatus"),
        (ProductAct(ID, 1, ProductActKind.LIST, ID, 0), {"version": 2**32}, r"2\^32"),
        (ProductAct(ID, 1, ProductActKind.LIST, ID, 0), {"version": -1}, r"2\^32"),
        (ProductAct(ID, 1, ProductActKind.LIST, ID, 0), {"version": True}, r"2\^32"),
        (ProductAct(ID, 1, ProductActKind.LIST, ID, 0), {"nonce": 2**256}, r"2\^256"),
        (ProductFreeze(ID, frozen=True, reason_digest=ID, nonce=0), {"frozen": 1}, "1 is not a bool"),
        (Acknowledgement(CLAIM, 1, ID), {"claim": ID}, "is not a UsageClaim"),
        (Acknowledgement(CLAIM, 1, ID), {"claim": replace(CLAIM, units=2**64)}, "UsageClaim: "),
        (Admission(ID, 1, ID, ID, 1, ()), {"keys": [KeyGrant(bytes(20), 1)]}, "is not a tuple"),
        (Admission(ID, 1, ID, ID, 1, ()), {"keys": (KeyGrant(bytes(21), 1),)}, "address takes 20 bytes"),
        (Admission(ID, 1, ID, ID, 1, ()), {"keys": (KeyGrant(bytes(20), 256),)}, r"2\^8"),
    ],
)
def test_act_with_a_value_that_does_not_fit_is_refused(act: Act, changes: dict[str, Any], sentence: str) -> None:
    typed_acts.encode_head(act)
    with pytest.raises(MalformedEvidenceError, match=sentence):
        typed_acts.encode_head(replace(act, **changes))  # type: ignore[type-var]  # every act is a dataclass


@pytest.mark.parametrize(
    "tail", [replace(TAIL, signer=b""), replace(TAIL, sm2_signature_digest=b""), replace(TAIL, deadline=2**256)]
)
def test_tail_that_does_not_fit_is_refused(tail: Tail) -> None:
    with pytest.raises(MalformedEvidenceError):
        typed_acts.act_struct_hash(CLOSING, tail)


@pytest.mark.parametrize("domain", [replace(DOMAIN, chain_id=-1), replace(DOMAIN, verifying_contract=bytes(19))])
def test_domain_that_does_not_fit_is_refused(domain: Domain) -> None:
    with pytest.raises(MalformedEvidenceError):
        typed_acts.act_signing_digest(CLOSING, TAIL, domain)


def test_act_under_another_contracts_domain_is_a_defect() -> None:
    with pytest.raises(MisuseError, match="OrderClosing is an act of Orders, not of Payouts"):
        typed_acts.act_signing_digest(CLOSING, TAIL, replace(DOMAIN, contract="Payouts"))


def test_act_hashed_without_its_tail_is_a_defect() -> None:
    with pytest.raises(MisuseError, match="hashed with its tail"):
        typed_acts.hash_struct(CLOSING)


@pytest.mark.parametrize(("public_key", "signature"), [(bytes(65), bytes(64)), (bytes(64), bytes(63))])
def test_sm2_digest_of_wrong_lengths_is_refused(public_key: bytes, signature: bytes) -> None:
    with pytest.raises(MalformedEvidenceError):
        typed_acts.sm2_signature_digest(public_key, signature)


def test_sm2_message_does_not_depend_on_the_sm2_digest() -> None:
    signed = replace(TAIL, sm2_signature_digest=ID)
    message = typed_acts.act_sm2_message(CLOSING, signed, DOMAIN)
    assert message == typed_acts.act_signing_digest(CLOSING, TAIL, DOMAIN)
    assert message != typed_acts.act_signing_digest(CLOSING, signed, DOMAIN)


def test_referenced_types_follow_sorted_and_once() -> None:
    assert typed_acts.type_string(ComponentTerms) == (
        "ComponentTerms(uint8 component,uint8 bases,bytes3 currency,uint64 maxUnitPrice,uint64 fixedAmount,"
        "uint32 firstPeriod,uint32 lastPeriod,Recipient[] recipients)"
        "Recipient(bytes32 recipient,uint8 part,uint32 share,uint32 minShare,uint32 maxShare)"
    )


def test_hash_of_components_is_over_their_struct_hashes() -> None:
    recipient = Recipient(ID, Part.PUBLIC, 1_000_000, 0, 1_000_000)
    terms = ComponentTerms(Component.USAGE_SHARE, 1, b"CNY", 1, 0, 202601, 202612, (recipient,))
    assert typed_acts.hash_array((terms, terms)) == typed_acts.keccak256(typed_acts.hash_struct(terms) * 2)
    assert typed_acts.hash_array(()) == typed_acts.keccak256(b"")
