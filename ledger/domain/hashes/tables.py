"""Hash of a proposed table version and id of an objection (``DistributionTables.sol``, ``ObjectionBook.sol``)."""

from dataclasses import dataclass

from ledger.domain.acts.distribution_tables import DistributionTable
from ledger.domain.hashes.words import domain_word, hash_words
from ledger.domain.typed_acts import Bytes28, Bytes32, Struct, Uint16, Uint32, encode_word, keccak256


@dataclass(frozen=True)
class Proposal(Struct):
    """A version of a table as the contract's calls name it; ``lines_digest`` is that of the book."""

    table_id: Uint32
    table_version: Uint16
    line_count: Uint16
    lines_digest: Bytes28
    window_seconds: Uint32
    calendar_digest: Bytes32


def distribution_table(proposal: Proposal, period: int, currency: bytes) -> DistributionTable:
    """The act that proposer and second signer sign: the proposal, and period and currency of its table."""
    return DistributionTable(
        table_id=proposal.table_id,
        table_version=proposal.table_version,
        period=period,
        currency=currency,
        line_count=proposal.line_count,
        lines_digest=proposal.lines_digest,
        window_seconds=proposal.window_seconds,
        calendar_digest=proposal.calendar_digest,
    )


def proposal_hash(proposal: Proposal) -> bytes:
    """What a version on record is recognised by, 32 bytes; raises ``MalformedEvidenceError`` as ``encode_words``."""
    return hash_words(proposal)


def objection_id(line: bytes, table_id: int, table_version: int, objector: bytes) -> bytes:
    """Id of an objection, 32 bytes: a body objects once to a booking.

    Args:
        line: id of the line.
        table_id: table of the booking.
        table_version: its version.
        objector: id of the body.

    Raises:
        MalformedEvidenceError: a value does not fit its type.
    """
    return keccak256(
        domain_word("objection")
        + encode_word("bytes32", line)
        + encode_word("uint32", table_id)
        + encode_word("uint16", table_version)
        + encode_word("bytes32", objector)
    )
