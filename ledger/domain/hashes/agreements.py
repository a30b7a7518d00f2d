"""How streams, statements and lines are named, and what bookings are held against (``AgreementTypedData.sol``)."""

from dataclasses import dataclass
from typing import Annotated

from ledger.domain.acts.digital_contract_registry import Agreement
from ledger.domain.acts.kinds import Component, PayBasis
from ledger.domain.hashes.words import domain_word, hash_words
from ledger.domain.typed_acts import (
    Bool,
    Bytes3,
    Bytes32,
    SolidityType,
    Struct,
    Uint16,
    Uint32,
    Uint64,
    encode_word,
    encode_words,
    keccak256,
)


@dataclass(frozen=True)
class LineKey(Struct):
    """What names a line. ``ordinal`` is 0 for the regular line of agreement, component, period and currency."""

    agreement_id: Bytes32
    component: Annotated[Component, SolidityType("uint8")]
    period: Uint32
    currency: Bytes3
    ordinal: Uint16


@dataclass(frozen=True)
class BookingTerms(Struct):
    """What every booking under an agreement is held against.

    ``ceiling_unit_price`` is in millionths of a minor unit of ``ceiling_currency``, the currency of the product's prices.
    """

    rule_version: Bytes32
    price_rule_digest: Bytes32
    silence_accepts: Bool
    pay_basis: Annotated[PayBasis, SolidityType("uint8")]
    is_public: Bool
    ceiling_unit_price: Uint64
    ceiling_currency: Bytes3
    components_hash: Bytes32


def booking_terms_of(
    agreement: Agreement, *, is_public: bool, ceiling_unit_price: int, ceiling_currency: bytes
) -> BookingTerms:
    """The booking terms that ``DigitalContractRegistry.conclude`` makes of an agreement.

    Args:
        agreement: what all parties signed.
        is_public: whether the product version's public weight is above zero.
        ceiling_unit_price: filed for the product version; zero when there is none.
        ceiling_currency: currency of the product version's prices, three ASCII letters.
    """
    return BookingTerms(
        rule_version=agreement.rule_version,
        price_rule_digest=agreement.price_rule_digest,
        silence_accepts=agreement.silence_accepts,
        pay_basis=agreement.pay_basis,
        is_public=is_public,
        ceiling_unit_price=ceiling_unit_price,
        ceiling_currency=ceiling_currency,
        components_hash=agreement.components_hash,
    )


def booking_terms_hash(terms: BookingTerms) -> bytes:
    """The hash that the agreement stores, 32 bytes; raises ``MalformedEvidenceError`` as ``encode_words``."""
    return hash_words(terms)


def line_id(key: LineKey) -> bytes:
    """Id of a line, 32 bytes; raises ``MalformedEvidenceError`` as ``encode_words``."""
    return keccak256(domain_word("line") + encode_words(key))


def stream_id(agreement_id: bytes, connector_id: bytes) -> bytes:
    """Id of the stream of one connector under one agreement, 32 bytes.

    Raises:
        MalformedEvidenceError: an id is not 32 bytes.
    """
    return keccak256(
        domain_word("stream") + encode_word("bytes32", agreement_id) + encode_word("bytes32", connector_id)
    )


def statement_id(stream: bytes, index: int) -> bytes:
    """Id of a usage statement, 32 bytes.

    Args:
        stream: id of its stream.
        index: its place in the stream, from 0.

    Raises:
        MalformedEvidenceError: a value does not fit its type.
    """
    return keccak256(domain_word("statement") + encode_word("bytes32", stream) + encode_word("uint64", index))
