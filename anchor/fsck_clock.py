"""The clock half of ``fsck``: times that the service's own clock wrote stand between, or beside, times that are evidence.

| time | evidence |
|---|---|
| ``opened_at``, a key's ``created_at`` and ``revoked_at`` | the time in the log's own event of the same transaction |
| ``published_at`` | not before the receipt of its last entry, in a signed envelope; not after the block that holds its head |
| ``mined_at`` | not before that block; not before the publication, not after the finality that stand beside it |
| ``final_at`` | not before ``mined_at`` |

All of them follow each other in the order of their sizes, and none is later than now. A block's own time counts on a network with
consensus only: whoever reaches a development chain sets its clock. A contradiction does not say which side is wrong: a row was
altered, written again after a restore, or a clock was wrong when it was written.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from anchor.fsck_times import OUT_OF_RANGE
from anchor.fsck_tree import Finding
from ledger.errors import InputError, LedgerError
from ledger.log.envelope import parse_envelope
from ledger.log.event import Event
from ledger.log.timestamps import format_time, parse_rfc3339, parse_time
from ledger.log.trust import PROFILE_DEVELOPMENT

SLACK_ONE_CLOCK = timedelta(minutes=1)
"""Between two readings of one clock in one transaction."""

SLACK_TWO_CLOCKS = timedelta(minutes=5)
"""Between the clocks of two machines, which somebody keeps right: API, leader before and after, the chain's nodes."""

_ROWS_AT_ONCE = 1_000


class Bound(NamedTuple):
    """A time that another one is held against. ``at`` is None when it is not known."""

    at: datetime | None
    what: str


def own_time(event: Event) -> datetime | None:
    """The time in an event, None when it has none that can be read."""
    try:
        return parse_rfc3339(str(event.value.get("time")))
    except InputError:
        return None


def check_beside(subject: str, said: datetime, logged: datetime | None, where: dict[str, Any]) -> Iterator[Finding]:
    """``said`` was written in the transaction that wrote the log's event of the time ``logged``."""
    if logged is not None and abs(said - logged) > SLACK_ONE_CLOCK:
        yield _contradicted(f"{subject} at {_shown(said)}, and the log's event of it is of {_shown(logged)}", where)


def check_clocks(connection: Connection, now: datetime, profile: str | None) -> Iterator[Finding]:
    """Anchored heads, then checkpoints; one finding a row. ``profile`` of the network by the settings, None when not known."""
    doubted: set[int] = set()
    for finding in _check_anchors(connection, now, profile):
        doubted.add(finding.facts["tree_size"])
        yield finding
    yield from _check_checkpoints(connection, now, profile, doubted)


def _check_anchors(connection: Connection, now: datetime, profile: str | None) -> Iterator[Finding]:
    query = text(
        "SELECT a.tree_size, a.mined_at, a.final_at, b.profile, b.header ->> 'timestamp' AS stamp FROM anchors a "
        "LEFT JOIN chain_blocks b USING (block_hash) ORDER BY 1"
    )
    mined, final = Bound(None, "the head before it"), Bound(None, "the head before it")
    for row in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query):
        subject = f"The head of size {row.tree_size} is said to be"
        not_before = [Bound(_block_time(row, profile), "its block"), mined]
        wrong = _contradiction(f"{subject} seen on the chain", row.mined_at, not_before, [Bound(now, "now")])
        if wrong is None and row.final_at is not None:
            not_before = [Bound(row.mined_at, "it was seen on the chain"), final]
            wrong = _contradiction(f"{subject} final", row.final_at, not_before, [Bound(now, "now")])
        if wrong is not None:
            yield _contradicted(wrong, {"where": "anchors", "tree_size": row.tree_size})
            continue
        mined = mined._replace(at=row.mined_at)
        final = final._replace(at=row.final_at or final.at)


def _check_checkpoints(
    connection: Connection, now: datetime, profile: str | None, doubted: set[int]
) -> Iterator[Finding]:
    query = text(
        "SELECT c.tree_size, c.published_at, e.envelope, a.mined_at, b.profile, b.header ->> 'timestamp' AS stamp "
        "FROM checkpoints c LEFT JOIN entries e ON e.leaf_index = c.tree_size - 1 "
        "LEFT JOIN anchors a ON a.tree_size = c.tree_size LEFT JOIN chain_blocks b ON b.block_hash = a.block_hash ORDER BY 1"
    )
    before = Bound(None, "the checkpoint before it")
    for row in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query):
        not_before = [Bound(_received_at(row.envelope), "its last entry was received"), before]
        not_after = [Bound(_block_time(row, profile), "the block that holds its head"), Bound(now, "now")]
        if row.tree_size not in doubted:
            not_after.append(Bound(row.mined_at, "its head was seen on the chain"))
        subject = f"The checkpoint of {row.tree_size} entries is said to be published"
        wrong = _contradiction(subject, row.published_at, not_before, not_after)
        if wrong is not None:
            yield _contradicted(wrong, {"where": "checkpoints", "tree_size": row.tree_size})
        else:
            before = before._replace(at=row.published_at)


def _contradiction(subject: str, said: datetime, not_before: list[Bound], not_after: list[Bound]) -> str | None:
    """The first bound that ``said`` breaks by more than the slack, in words."""
    for bound in not_before:
        if bound.at not in {None, OUT_OF_RANGE} and bound.at - said > SLACK_TWO_CLOCKS:
            return f"{subject} at {_shown(said)}, before {bound.what} ({_shown(bound.at)})"
    for bound in not_after:
        if bound.at not in {None, OUT_OF_RANGE} and said - bound.at > SLACK_TWO_CLOCKS:
            return f"{subject} at {_shown(said)}, after {bound.what} ({_shown(bound.at)})"
    return None


def _received_at(envelope: bytes | None) -> datetime | None:
    """When the entry of this envelope was received; an altered or missing one is a finding of its own."""
    if envelope is None:
        return None
    try:
        return parse_time(parse_envelope(envelope).received_at)
    except LedgerError:
        return None


def _block_time(row: Row[Any], profile: str | None) -> datetime | None:
    """The block's own time where it is evidence; a header that has none is a finding of its own."""
    is_evidence = (profile or row.profile) != PROFILE_DEVELOPMENT
    if not is_evidence or row.stamp is None or not row.stamp.startswith("0x"):
        return None
    try:
        return datetime.fromtimestamp(int(row.stamp, 16), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _shown(at: datetime) -> str:
    return "a time that no calendar has" if at == OUT_OF_RANGE else format_time(at)


def _contradicted(what: str, facts: dict[str, Any]) -> Finding:
    why = "The row was altered, was written again after a restore, or a clock was wrong."
    return Finding("time_contradicted", f"{what}. {why}", facts)
