"""What ``fsck`` knows of the log as such: the row that names it, entry 0 that opened it, and the keys it is run with."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from anchor.fsck_clock import check_beside, own_time
from anchor.fsck_tree import Finding
from ledger.adapters.sql import opening, outbox, reading
from ledger.adapters.sql.reading import Shard
from ledger.errors import LedgerError, MisuseError
from ledger.log.event import Event
from ledger.log.rules import load_rules
from ledger.services.preparation import Preparer


def read_log_row(connection: Connection) -> Shard | Finding:
    """The row that names the log; a finding where there is none, or none that could name a log."""
    try:
        shard = reading.shard(connection)
    except LedgerError as error:
        detail = f"The row that names the log is malformed: {error.detail}. Nothing else was compared; mend it first."
        return Finding("log_altered", detail, {"where": "log_shard"})
    return shard or Finding("log_missing", "The database holds no log.")


def check_log_row(
    connection: Connection, shard: Shard, preparer: Preparer, receipt_key: bytes | None
) -> Iterator[Finding]:
    """The row against key files and settings; ``receipt_key`` is the public half, None when its file cannot be read."""
    ours, named = preparer.identity.log_id, bytes(connection.execute(text("SELECT log_id FROM log_shard")).scalar_one())
    if shard.identity != preparer.identity or named != ours:
        detail = f"The database names the log 0x{named.hex()}, keys and settings 0x{ours.hex()}."
        yield Finding("log_altered", detail, {"where": "log_shard"})
    if receipt_key is not None and shard.receipt_key != receipt_key:
        detail = "The database names another receipt key than the one in the key files."
        yield Finding("log_altered", detail, {"where": "log_shard"})


def check_opening(event: Event, shard: Shard, preparer: Preparer) -> Iterator[Finding]:
    """Entry 0, which is signed over, against the row, the rules of this program and the keys it is run with."""
    said, facts = event.value.get("data"), {"leaf_index": 0}
    is_opening = (event.source, event.type) == (outbox.ledger_source(preparer.identity.origin), opening.OPENED_TYPE)
    if not is_opening or not isinstance(said, dict):
        yield Finding("log_altered", "Leaf 0 does not open this log.", facts)
        return
    expected = opening.opened_data(preparer, shard.receipt_key) | {"rule_version": shard.rule_version}
    try:
        expected["rule_digest"] = load_rules(shard.rule_version).digest.hex()
    except (LedgerError, MisuseError):
        expected["rule_digest"] = None  # no such version: the row's is wrong, or this program is too old
    different = [name for name in sorted(expected) if name != "predecessor" and said.get(name) != expected[name]]
    if different:
        detail = f"The log was opened with other values than row, keys and rules have now: {', '.join(different)}."
        yield Finding("log_altered", detail, facts)
    yield from check_beside("The log is said to be opened", shard.opened_at, own_time(event), {"where": "log_shard"})
