"""The half of ``fsck`` for contract calls: every call is what its act's signatures made it, and stands where its act says.

The act, the signatures in it and the transaction's bytes are the evidence: call data, hash, sender and nonce follow from them. What became
of it is in an event of the log. A call's times are not compared: they are the service's own words about its work.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from anchor.call_state import CallState
from anchor.fsck_transactions import UNREADABLE, opened
from anchor.fsck_tree import Finding
from ledger.adapters.chain.act_calls import encode_act_call
from ledger.domain.act_json import act_from_json
from ledger.domain.act_life import KIND
from ledger.errors import LedgerError, MisuseError
from ledger.log.event import Event
from ledger.log.typed_data import keccak256
from ledger.services.act_arguments import arguments_of
from ledger.services.acts import ActSignature, signature_from_json
from ledger.services.steps import CONFIRMED_TYPE, REFUSED_TYPE

_ROWS_AT_ONCE = 500

_CALLS = (
    "SELECT c.*, o.state AS act_state, o.document FROM chain_calls c "
    "LEFT JOIN objects o ON o.kind = c.kind AND o.object_id = c.object_id ORDER BY c.call_id"
)
_ACTS = (
    "SELECT o.object_id, o.state, count(c.call_id) AS calls FROM objects o LEFT JOIN chain_calls c "
    "ON c.kind = o.kind AND c.object_id = o.object_id WHERE o.kind = :kind GROUP BY o.object_id, o.state "
    "HAVING count(c.call_id) <> CASE WHEN o.state IN ('calling', 'final', 'refused') THEN 1 ELSE 0 END ORDER BY 1"
)
_ATTEMPTS = (
    "SELECT a.*, c.address, c.call_data FROM chain_call_attempts a LEFT JOIN chain_calls c USING (call_id) ORDER BY 1"
)
_ACT_STATES = {CallState.FINAL: "final", CallState.REFUSED: "refused"}
_IN_BLOCK = frozenset({CallState.MINED, CallState.FINAL})
_WITH_TRANSACTION = frozenset({CallState.STAGED, CallState.SUBMITTED, *_IN_BLOCK})
_CAUSES = (LedgerError, MisuseError, KeyError, TypeError, ValueError)


@dataclass
class CallHistory:
    """What the log's own events say of acts that were decided, the newest of each. ``source`` is the source of those events."""

    source: str
    _decided: dict[str, tuple[str, Any]] = field(default_factory=dict)
    _unreadable: bool = False

    def take(self, event: Event) -> None:
        """Any event; only those that decide acts are remembered."""
        data = event.value.get("data")
        if event.source != self.source or not isinstance(data, dict):
            return
        if event.type == CONFIRMED_TYPE:
            self._decided[str(data.get("act_id"))] = ("final", data.get("tx_hash"))
        elif event.type == REFUSED_TYPE:
            self._decided[str(data.get("act_id"))] = ("refused", data.get("reason"))

    def take_unreadable(self) -> None:
        """An event that cannot be opened, which is a finding of its own, might have decided any act."""
        self._unreadable = True

    def check(self, connection: Connection, chain_id: int) -> Iterator[Finding]:
        """Each call against its act, its transaction and the log; and acts that have no call, or too many."""
        rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(text(_CALLS)).mappings()
        for row in rows:
            for what in (_act_fault(row), _transaction_fault(row, chain_id), self._event_fault(row)):
                if what is not None:
                    yield _altered(f"contract call {row['call_id']}", what)
        for act_id, state, calls in connection.execute(text(_ACTS), {"kind": KIND}):
            yield _altered(f"act {act_id}", f"it is {state} and has {calls} contract calls")
        for row in connection.execute(text(_ATTEMPTS)).mappings():
            what = "its call is gone" if row["call_data"] is None else _carried_fault(row, chain_id)
            if what is not None:
                yield _altered(f"transaction set aside of contract call {row['call_id']}", what)

    def _event_fault(self, row: RowMapping) -> str | None:
        wanted = _ACT_STATES.get(row["state"])
        if wanted is None or self._unreadable:
            return None
        said = row["reason"] if wanted == "refused" else None if row["tx_hash"] is None else bytes(row["tx_hash"]).hex()
        if self._decided.get(row["object_id"]) != (wanted, said):
            return f"it is {wanted}, and the log's newest event of its act does not say so"
        return None


def _act_fault(row: RowMapping) -> str | None:
    if row["kind"] != KIND or row["document"] is None:
        return "the act that it carries is not there"
    document: Mapping[str, Any] = row["document"]
    try:
        act = act_from_json(document["act"], document["message"])
        data = encode_act_call(act, document["function"], _signatures(document), arguments_of(document))
    except _CAUSES as error:
        return f"its act cannot be made a call ({type(error).__name__})"
    said = (row["contract"], row["step"], bytes(row["call_data"]))
    if said != (act.CONTRACT, document["step"], data):
        return "contract, step or call data are not those of its act and its signatures"
    if row["state"] not in set(CallState):
        return f"its state {row['state']!r} is none"
    if row["act_state"] != _ACT_STATES.get(row["state"], "calling"):
        return f"it is {row['state']}, and its act is {row['act_state']}"
    return _outcome_fault(row, document)


def _outcome_fault(row: RowMapping, document: Mapping[str, Any]) -> str | None:
    if row["state"] == CallState.REFUSED:
        return None if document.get("refused_because") == row["reason"] else "its reason is not the one of its act"
    if row["reason"] is not None and row["state"] != CallState.MINED:
        return f"it is {row['state']} and has a reason"
    if row["state"] == CallState.FINAL:
        held = {name: None if row[name] is None else bytes(row[name]).hex() for name in ("tx_hash", "block_hash")}
        if document.get("chain") != held | {"block_number": row["block_number"]}:
            return "transaction or block are not those of its act"
    return None


def _transaction_fault(row: RowMapping, chain_id: int) -> str | None:
    parts = [row[name] is None for name in ("tx_hash", "raw_transaction", "sender", "nonce")]
    if any(parts) != all(parts):
        return "a part of its transaction is gone"
    has_block = [row[name] is not None for name in ("block_number", "block_hash")]
    if any(has_block) != all(has_block):
        return "it has half a block"
    is_refused = row["state"] == CallState.REFUSED  # before it was sent, or by its block
    if not is_refused and (
        parts[0] == (row["state"] in _WITH_TRANSACTION) or has_block[0] != (row["state"] in _IN_BLOCK)
    ):
        return f"transaction or block do not fit its state {row['state']}"
    if parts[0]:
        return "it has a block and no transaction" if has_block[0] else None
    return _carried_fault(row, chain_id)


def _carried_fault(row: RowMapping, chain_id: int) -> str | None:
    raw = bytes(row["raw_transaction"])
    if keccak256(raw) != bytes(row["tx_hash"]):
        return "its hash is not that of its transaction"
    try:
        found = opened(raw, chain_id, bytes(row["address"]))
    except UNREADABLE as error:
        return f"its transaction is no call of its contract ({type(error).__name__})"
    if found != (bytes(row["sender"]), row["nonce"], bytes(row["call_data"])):
        return "sender, nonce or call data are not those of its transaction"
    return None


def _signatures(document: Mapping[str, Any]) -> dict[str, list[ActSignature]]:
    found: dict[str, list[ActSignature]] = {}
    for place, signer in enumerate(document["signers"]):
        found.setdefault(signer["parameter"], []).append(signature_from_json(document["signatures"][str(place)]))
    return found


def _altered(where: str, what: str) -> Finding:
    return Finding("call_altered", f"{where[0].upper()}{where[1:]}: {what}.", {"where": where})
