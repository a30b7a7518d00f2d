"""The row half of ``fsck``: every event opened and derived again from its sealed body, identities, outbox, marks, checkpoints."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, text

from anchor.fsck_codes import FindingCode
from anchor.fsck_tree import Finding
from ledger.adapters.sql import outbox, reading
from ledger.adapters.sql.reading import StoredEvent
from ledger.errors import LedgerError, MisuseError, SealBrokenError
from ledger.log.body import WHOLE, body_value, commit_body_fields, commit_body_sm3, commit_body_whole, parse_body
from ledger.log.checkpoint import open_checkpoint
from ledger.log.envelope import Envelope, commit_envelope, parse_envelope
from ledger.log.event import Event, parse_event
from ledger.log.rules import load_rules
from ledger.log.timestamps import format_time
from ledger.log.typed_data import LogIdentity
from ledger.services.ports import SealedBody
from ledger.services.preparation import Preparer, parse_sealed_plaintext

ROWS_AT_ONCE = 1_000
"""Rows that a streamed check fetches at once."""


def check_event(stored: StoredEvent, preparer: Preparer) -> Iterator[Finding]:
    """Everything that one row of ``entries`` must satisfy by itself, its tree aside."""
    if stored.leaf_hash != stored.entry.leaf_hash:
        yield _finding(stored, "entry_altered", "the stored leaf hash is not the hash of the stored commitments")
    if commit_envelope(stored.envelope, stored.envelope_salt) != stored.envelope_commitment:
        yield _finding(stored, "envelope_altered", "envelope and salt do not give the commitment")
        return
    try:
        envelope = parse_envelope(stored.envelope)
    except LedgerError as error:
        yield _finding(stored, "envelope_altered", f"the envelope is malformed: {error.detail}")
        return
    if envelope.origin != preparer.identity.origin or envelope.received_at != format_time(stored.received_at):
        yield _finding(stored, "envelope_altered", "origin or time of receipt beside the envelope differ from it")
    if stored.sealed is None:
        yield _finding(stored, "body_missing", "the body is gone and no erasure is logged")
        return
    try:
        body_salt, body = parse_sealed_plaintext(preparer.sealer.unseal(stored.identity, stored.sealed))
        yield from _check_body(stored, preparer, envelope, body_salt, body)
    except SealBrokenError as error:
        yield _finding(stored, "seal_broken", f"the body cannot be opened: {error.detail.rstrip('.')}")
    except LedgerError as error:
        yield _finding(stored, "body_altered", f"the body is malformed: {error.detail.rstrip('.')}")


def _check_body(
    stored: StoredEvent, preparer: Preparer, envelope: Envelope, body_salt: bytes, body: bytes
) -> Iterator[Finding]:
    event = parse_body(body)
    is_whole = envelope.body_kind == WHOLE
    commit = commit_body_whole(body, body_salt) if is_whole else commit_body_fields(body_value(event), body_salt)
    if commit != stored.body_commitment or commit_body_sm3(body, body_salt) != stored.sm3_commitment:
        yield _finding(stored, "body_altered", "body and salt do not give the commitments")
    if preparer.identity_of(event.source, event.id) != stored.identity:
        yield _finding(stored, "identity_altered", "the keyed identity is not that of the event's source and id")
    try:
        rules = load_rules(envelope.rule_version)
    except MisuseError:
        yield _finding(stored, "envelope_wrong", f"there are no rules of version {envelope.rule_version} to follow")
        return
    kind, tags = rules.tags(event, envelope.submitter, preparer.tag_keys)
    if (kind, tags, event.type) != (envelope.body_kind, envelope.tags, envelope.type):
        yield _finding(stored, "envelope_wrong", "type, body kind or tags do not follow from the event by the rules")


def _finding(stored: StoredEvent, code: FindingCode, what: str) -> Finding:
    return Finding(code, f"Leaf {stored.leaf_index}: {what}.", {"leaf_index": stored.leaf_index})


def check_identities_of(
    connection: Connection, events: Sequence[StoredEvent], macs: dict[bytes, bytes]
) -> Iterator[Finding]:
    """Entries -> identities: each entry's identity is recorded, points back, and has the event's mark."""
    query = text("SELECT identity, event_mac, leaf_index, erased FROM identities WHERE identity = ANY(:identities)")
    rows = {bytes(row[0]): row for row in connection.execute(query, {"identities": [e.identity for e in events]})}
    for event in events:
        facts = {"leaf_index": event.leaf_index}
        row = rows.get(event.identity)
        if row is None:
            yield Finding("identity_missing", f"Leaf {event.leaf_index}: its identity is not recorded.", facts)
        elif row[2] != event.leaf_index:
            yield Finding("identity_wrong", f"Leaf {event.leaf_index}: its identity points to leaf {row[2]}.", facts)
        elif event.identity in macs and bytes(row[1]) != macs[event.identity]:
            yield Finding("identity_wrong", f"Leaf {event.leaf_index}: its identity has another event's mark.", facts)
        if row is not None and row[3]:
            # There is no act of erasure yet (non-goals), so nothing in the log can say so; its body gone is a finding too.
            detail = f"Leaf {event.leaf_index}: its identity is marked as erased and no erasure is logged."
            yield Finding("erasure_unlogged", detail, facts)


def check_identities_back(connection: Connection) -> Iterator[Finding]:
    """Identities -> entries: none points to an entry that is not there or is another's."""
    query = text(
        "SELECT i.leaf_index FROM identities i LEFT JOIN entries e USING (leaf_index) "
        "WHERE e.identity IS DISTINCT FROM i.identity ORDER BY 1"
    )
    for leaf_index in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query).scalars():
        yield Finding(
            "identity_dangling",
            f"A recorded identity points to leaf {leaf_index}, which is not there or is another event.",
            {"leaf_index": leaf_index},
        )


def check_outbox(connection: Connection, preparer: Preparer, take: Callable[[Event], None]) -> Iterator[Finding]:
    """Numbers without a gap; pending rows open and match their mark; sequenced rows point to their own entry and hold no event.

    ``take`` is given the events of pending rows.
    """
    count = connection.execute(text("SELECT count FROM outbox_head")).scalar() or 0
    query = text(
        "SELECT o.number, o.identity, o.event_mac, o.sealed_month, o.sealed_generation, o.sealed_event, o.leaf_index, "
        "e.identity, i.event_mac FROM outbox o LEFT JOIN entries e ON e.leaf_index = o.leaf_index "
        "LEFT JOIN identities i ON i.identity = o.identity ORDER BY o.number"
    )
    expected = 1
    for row in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query):
        yield from _outbox_gap(expected, row[0])
        expected = row[0] + 1
        if row[6] is None:
            yield from _pending_row(row, preparer, take)
        else:
            yield from _sequenced_row(row)
    yield from _outbox_gap(expected, count + 1)


def check_outbox_of(connection: Connection, own: dict[int, StoredEvent]) -> Iterator[Finding]:
    """Log -> outbox: the event that came through row N still has row N, by itself. ``own`` is by N.

    A gap below the count shows in :func:`check_outbox`; what only the log still shows is a count that was set back.
    """
    if not own:
        return
    count = connection.execute(text("SELECT count FROM outbox_head")).scalar() or 0
    query = text("SELECT number, identity, leaf_index FROM outbox WHERE number = ANY(:numbers)")
    rows = {row[0]: (bytes(row[1]), row[2]) for row in connection.execute(query, {"numbers": list(own)})}
    for number, event in own.items():
        facts = {"where": f"outbox {number}", "leaf_index": event.leaf_index}
        if number > count:
            detail = f"Leaf {event.leaf_index} came through outbox row {number}, and the outbox counts only {count}."
            yield Finding("outbox_gap", detail, facts)
        elif number in rows and (rows[number][0] != event.identity or rows[number][1] is None):
            detail = (
                f"Leaf {event.leaf_index} came through outbox row {number}, which holds another event or is pending."
            )
            yield Finding("outbox_altered", detail, facts)


def _outbox_gap(expected: int, found: int) -> Iterator[Finding]:
    if found < expected:
        detail = f"The outbox counts {found - 1} rows and holds one of number {expected - 1}: its count was set back."
        yield Finding("outbox_gap", detail, {"where": f"outbox {expected - 1}"})
    elif found > expected:
        last = found - 1
        which = f"row {expected} is" if last == expected else f"rows {expected} to {last} are"
        yield Finding("outbox_gap", f"Outbox {which} missing: an event was removed.", {"where": f"outbox {expected}"})


def _sequenced_row(row: Sequence[Any]) -> Iterator[Finding]:
    number, identity, mac, month, generation, blob, leaf_index, entrys_identity, recorded_mac = row
    facts = {"where": f"outbox {number}", "leaf_index": leaf_index}
    if entrys_identity is None or bytes(entrys_identity) != bytes(identity):
        yield Finding(
            "outbox_altered", f"Outbox row {number} points to leaf {leaf_index}, which is not its event.", facts
        )
    elif recorded_mac is not None and bytes(recorded_mac) != bytes(mac):
        yield Finding("outbox_altered", f"Outbox row {number} has another mark than its event's identity.", facts)
    if (month, generation, blob) != (None, None, None):
        detail = f"Outbox row {number} is sequenced and still holds a sealed event, which an erasure would not reach."
        yield Finding("outbox_altered", detail, facts)


def _pending_row(row: Sequence[Any], preparer: Preparer, take: Callable[[Event], None]) -> Iterator[Finding]:
    number, identity, mac, month, generation, blob = row[:6]
    where = {"where": f"outbox {number}"}
    if not isinstance(identity, bytes) or not isinstance(month, int) or not isinstance(generation, int):
        yield Finding("outbox_altered", f"Outbox row {number} is pending and holds no event.", where)
        return
    try:
        event = parse_event(preparer.sealer.unseal(identity, SealedBody(month, generation, bytes(blob or b""))))
    except LedgerError as error:
        yield Finding("seal_broken", f"Outbox row {number} cannot be opened: {error.detail}", where)
        return
    source = outbox.ledger_source(preparer.identity.origin)
    is_own = (event.source, event.id) == (source, f"outbox:{number}")
    if (
        not is_own
        or preparer.identity_of(event.source, event.id) != identity
        or preparer.event_mac(event.canonical) != mac
    ):
        yield Finding("outbox_altered", f"Outbox row {number} is not the event it was written for.", where)
        return
    take(event)


def check_marks(connection: Connection) -> Iterator[Finding]:
    """The order final <= anchored <= published <= sequenced, each where its own rows say."""
    if connection.execute(text("SELECT 1 FROM log_status")).scalar() is None:
        yield Finding("marks_wrong", "The row of the watermarks is gone.")
        return
    marks = reading.watermarks(connection)
    if not marks.final <= marks.anchored <= marks.published <= marks.sequenced:
        yield Finding("marks_wrong", f"The watermarks are out of order: {marks}.")
    newest: dict[str, int] = {
        "published": connection.execute(text("SELECT coalesce(max(tree_size), 0) FROM checkpoints")).scalar_one(),
        "anchored": connection.execute(text("SELECT coalesce(max(tree_size), 0) FROM anchors")).scalar_one(),
        "final": connection.execute(
            text("SELECT coalesce(max(tree_size), 0) FROM anchors WHERE state = 'final'")
        ).scalar_one(),
    }
    for stage, tree_size in newest.items():
        if getattr(marks, stage) != tree_size:
            said = getattr(marks, stage)
            yield Finding("marks_wrong", f"The mark `{stage}` says {said}, its rows say {tree_size}.", {"where": stage})


def check_note(note: str, identity: LogIdentity, where: str, head: tuple[int, bytes] | None) -> Iterator[Finding]:
    """A checkpoint note: both signatures, and the same head as the columns beside it."""
    try:
        checkpoint = open_checkpoint(note, identity).checkpoint
    except LedgerError as error:
        yield Finding("checkpoint_unsigned", f"{where}: {error.detail}", {"where": where, "note": note})
        return
    if head is not None and head != (checkpoint.tree_size, checkpoint.root_hash):
        yield Finding("checkpoint_altered", f"{where}: the note is of another head.", {"where": where, "note": note})
