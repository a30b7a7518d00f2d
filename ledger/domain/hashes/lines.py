"""How the book recognises lines and their statements (``LineTypedData.sol``, ``LineBooking.sol``).

Content hash and lines digest are the first 28 bytes of a Keccak-256 hash, because each shares a storage slot with a number.
"""

from dataclasses import dataclass
from typing import Final

from ledger.domain.acts.kinds import BasisKind
from ledger.domain.acts.revenue_settlement import SettlementLine
from ledger.domain.hashes.agreements import BookingTerms, LineKey
from ledger.domain.hashes.words import encode_array
from ledger.domain.typed_acts import Bytes32, Struct, Uint64, encode_word, encode_words, keccak256

SHORT_HASH_BYTES: Final = 28
NONE: Final = bytes(32)


@dataclass(frozen=True)
class StatementRange(Struct):
    """Consecutive statements of one stream; ``next_index`` is the first that is not part of it."""

    stream_id: Bytes32
    first_index: Uint64
    next_index: Uint64


@dataclass(frozen=True)
class Line:
    """A line as it is booked. Amounts are minor units.

    Args:
        key: what names it.
        table_id: table that it is booked in.
        table_version: version of the table, from 1.
        basis: what it charges for.
        basis_hash: ``statement_ranges_hash``; id of the dispute; zero for a schedule; digest of the credit note.
        weights_revision: revision of the signed weights that split it.
        gross: what is split; of a correction what the corrected line's gross becomes.
        corrects: line that it corrects; zero for none.
        base_gross: of a correction, gross of the corrected line until now; otherwise zero.
    """

    key: LineKey
    table_id: int
    table_version: int
    basis: BasisKind
    basis_hash: bytes
    weights_revision: int
    gross: int
    corrects: bytes = NONE
    base_gross: int = 0


def encode_line(line: Line) -> bytes:
    """``abi.encode`` of the line: thirteen words.

    Raises:
        MalformedEvidenceError: a value does not fit its type.
    """
    return encode_words(line.key) + b"".join(
        (
            encode_word("uint32", line.table_id),
            encode_word("uint16", line.table_version),
            encode_word("uint8", line.basis),
            encode_word("bytes32", line.basis_hash),
            encode_word("uint16", line.weights_revision),
            encode_word("uint64", line.gross),
            encode_word("bytes32", line.corrects),
            encode_word("uint64", line.base_gross),
        )
    )


def settlement_line(line: Line, terms: BookingTerms) -> SettlementLine:
    """The act that the table's proposer signs to book the line: the line, and the terms that it is booked under."""
    return SettlementLine(
        table_id=line.table_id,
        table_version=line.table_version,
        agreement_id=line.key.agreement_id,
        component=line.key.component,
        period=line.key.period,
        currency=line.key.currency,
        ordinal=line.key.ordinal,
        basis=line.basis,
        basis_hash=line.basis_hash,
        weights_revision=line.weights_revision,
        gross=line.gross,
        corrects=line.corrects,
        base_gross=line.base_gross,
        rule_version=terms.rule_version,
        price_rule_digest=terms.price_rule_digest,
        silence_accepts=terms.silence_accepts,
        pay_basis=terms.pay_basis,
    )


def statement_ranges_hash(ranges: tuple[StatementRange, ...]) -> bytes:
    """``Line.basis_hash`` of a line over statements, 32 bytes; raises ``MalformedEvidenceError`` as ``encode_words``."""
    return keccak256(encode_array(tuple(encode_words(one) for one in ranges)))


def recipients_hash(recipients: tuple[bytes, ...]) -> bytes:
    """``keccak256(abi.encode(recipients))``, 32 bytes.

    Args:
        recipients: body ids, in the order of the component.

    Raises:
        MalformedEvidenceError: an id is not 32 bytes.
    """
    return keccak256(encode_array(tuple(encode_word("bytes32", one) for one in recipients)))


def content_hash(line: Line, recipients: tuple[bytes, ...]) -> bytes:
    """What a booked line is recognised by, 28 bytes; raises ``MalformedEvidenceError`` as ``encode_line``."""
    return keccak256(encode_line(line) + recipients_hash(recipients))[:SHORT_HASH_BYTES]


def first_lines_digest(table_id: int) -> bytes:
    """Digest of each version of a table before its first line, 28 bytes.

    Raises:
        MalformedEvidenceError: the number does not fit its type.
    """
    return keccak256(encode_word("uint32", table_id))[:SHORT_HASH_BYTES]


def next_lines_digest(lines_digest: bytes, line: bytes, content: bytes) -> bytes:
    """Digest of a version's lines after one more, 28 bytes.

    Args:
        lines_digest: before it, 28 bytes.
        line: the line's id.
        content: the line's ``content_hash``.

    Raises:
        MalformedEvidenceError: a length is wrong.
    """
    words = encode_word("bytes28", lines_digest) + encode_word("bytes32", line) + encode_word("bytes28", content)
    return keccak256(words)[:SHORT_HASH_BYTES]
