"""The chain half of ``fsck``: what the database says about the chain, against the contract's own events and the stored blocks.

The chain is read before the snapshot of the database is taken. Heads that were anchored in between are in the snapshot and not in
that reading, so the chain is asked once more before such a row is called wrong. In the other direction the newest heads of the
chain may wait to be recorded, so those above the newest recorded one must be only when the anchor promise has passed since their block.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from anchor.fsck_tree import ExpectedRoots, Finding, Report
from anchor.ports import AnchorChain
from anchor.state import JobState
from ledger.adapters.chain.errors import ContractMissingError
from ledger.adapters.chain.evidence_log import ChainEvent
from ledger.errors import UnavailableError

ROWS_AT_ONCE = 20
"""Stored blocks that are fetched at once; each holds all transactions and receipts of a block."""

# What a block's hash commits to, directly or through its roots. Nodes differ in the other members that they add.
# fmt: off
_HEADER = (
    "hash", "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom",
    "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce",
)
# fmt: on
_TRANSACTION = ("hash", "nonce", "to", "value", "input", "gas", "gasPrice", "v", "r", "s")
_RECEIPT = ("transactionHash", "status", "cumulativeGasUsed", "logsBloom")
_LOG = ("address", "topics", "data")


class ChainCheck:
    """One run's view of the chain.

    ``chain`` is None when it is not to be asked; ``profile`` when it is not known. A head in a block of before ``late_before_s``
    (Unix seconds) must be recorded by now.
    """

    def __init__(
        self, chain: AnchorChain | None, log_id: bytes, profile: str | None, report: Report, *, late_before_s: float
    ) -> None:
        self._chain = chain
        self._log_id = log_id
        self._profile = profile
        self._report = report
        self._late_before_s = late_before_s
        self._events: dict[int, ChainEvent] = {}
        self._heads: list[tuple[int, bytes]] = []
        self._answered = False
        self._contracts_missing = False
        self.said = "not checked"

    @property
    def is_incomplete(self) -> bool:
        """The chain was to be asked and did not answer all; a chain without the contracts did answer."""
        return self._chain is not None and not self._answered and not self._contracts_missing

    def read(self) -> None:
        """The first look, before the database is read; ``said`` tells how far the chain could be asked."""
        if self._chain is None:
            return
        try:
            self._chain.check_chain()
            current = self._chain.head(self._log_id)
            events = self._ask(self._chain)
        except ContractMissingError as error:
            self._report(Finding("contracts_missing", error.detail, {"where": "chain"}))
            self._contracts_missing = True
            self.said = "contracts missing"
            return
        except UnavailableError as error:
            self.said = f"not checked: {error.detail}"
            return
        if current.equivocated:
            self._report(Finding("log_equivocated", "The contract has marked this log as equivocated."))
        self._answered = True
        self._events = {int(event.values["treeSize"]): event for event in events}
        self._heads = [(int(event.values["treeSize"]), bytes(event.values["rootHash"])) for event in events]
        if current.tree_size and self._heads[-1:] != [(current.tree_size, current.root_hash)]:
            self._heads.append((current.tree_size, current.root_hash))
        self.said = f"{len(self._heads)} heads"

    def check(self, connection: Connection, expected: ExpectedRoots, signed_size: int) -> None:
        """Compares both ways. ``signed_size``: the largest size that this log published."""
        for tree_size, root_hash in self._heads:
            if tree_size > signed_size:
                detail = f"The chain holds a head of size {tree_size}; this log published at most {signed_size}."
                facts = {"where": "chain", "tree_size": tree_size, "root_hash": root_hash.hex()}
                self._report(Finding("foreign_head_on_chain", detail, facts))
            else:
                expected.add(tree_size, root_hash, "the chain")
        query = (
            "SELECT tree_size, root_hash, tx_hash, block_number, block_hash, state, final_at FROM anchors ORDER BY 1"
        )
        rows = connection.execute(text(query)).all()
        for row in rows:
            expected.add(row.tree_size, bytes(row.root_hash), "an anchored head")
        self._check_states(rows)
        if self._answered:
            self._check_rows(rows)
            self._check_unrecorded({row.tree_size for row in rows}, signed_size)
        self._check_blocks(connection)

    def _ask(self, chain: AnchorChain) -> list[ChainEvent]:
        return chain.heads_anchored(self._log_id, 0, chain.block_number())

    def _check_states(self, rows: Sequence[Row[Any]]) -> None:
        """Heads become final in the order of their sizes; when, is said exactly of those that are."""
        final_size = max((row.tree_size for row in rows if row.state == JobState.FINAL), default=0)
        for row in rows:
            is_final = row.state == JobState.FINAL
            known = is_final or row.state == JobState.MINED
            if not known or is_final != (row.final_at is not None) or (not is_final and row.tree_size < final_size):
                detail = f"The head of size {row.tree_size} says `{row.state}`, which does not fit the heads and times beside it."
                self._report(Finding("anchor_altered", detail, {"where": "database", "tree_size": row.tree_size}))

    def _check_rows(self, rows: Sequence[Row[Any]]) -> None:
        """Each recorded head is on the chain, in the recorded transaction and block."""
        sizes, events = {tree_size for tree_size, _ in self._heads}, self._events
        if any(row.tree_size not in sizes or not _is_event_of(row, events) for row in rows):
            events = self._events_by_now()
            sizes |= set(events)
        for row in rows:
            facts = {"where": "chain", "tree_size": row.tree_size}
            if row.tree_size not in sizes:
                detail = f"The head of size {row.tree_size} is recorded as anchored and is not on the chain."
                self._report(Finding("anchor_missing_on_chain", detail, facts))
            elif not _is_event_of(row, events):
                detail = (
                    f"The head of size {row.tree_size} is on the chain in another transaction or block than recorded."
                )
                self._report(Finding("anchor_altered", detail, facts))

    def _events_by_now(self) -> dict[int, ChainEvent]:
        try:
            events = [] if self._chain is None else self._ask(self._chain)
        except (ContractMissingError, UnavailableError):
            return self._events
        return self._events | {int(event.values["treeSize"]): event for event in events}

    def _check_unrecorded(self, recorded: set[int], signed_size: int) -> None:
        """From the newest down: what is late makes everything before it late, so few blocks are asked for."""
        newest, is_late = max(recorded, default=0), False
        for tree_size in sorted(self._events, reverse=True):
            if tree_size in recorded or tree_size > signed_size:
                continue
            if tree_size < newest:
                why = "though later ones are"
            elif is_late := is_late or self._is_late(self._events[tree_size]):
                why = "though its block is older than the anchor promise: rows were deleted, or the anchor service stands still"
            else:
                continue
            detail = f"The chain holds a head of size {tree_size} that is not recorded as anchored, {why}."
            self._report(Finding("anchor_unrecorded", detail, {"where": "database", "tree_size": tree_size}))

    def _is_late(self, event: ChainEvent) -> bool:
        if self._chain is None or not self._answered:
            return False
        try:
            block = self._chain.stored_block(event.block_hash)
        except UnavailableError as error:
            self._answered = False
            self.said = f"{self.said}; age of unrecorded heads not known: {error.detail}"
            return False
        return block is not None and int(block.header["timestamp"], 16) < self._late_before_s

    # --- stored blocks --------------------------------------------------------------------------------------------

    def _check_blocks(self, connection: Connection) -> None:
        """Each final head has its block, and the block is the node's where the node still has it."""
        query = text(
            "SELECT a.tree_size, a.tx_hash, a.block_number, a.block_hash, b.block_hash AS stored, b.number, b.profile, b.header, "
            "b.transactions, b.tx_receipts FROM anchors a LEFT JOIN chain_blocks b USING (block_hash) "
            "WHERE a.state = 'final' ORDER BY 1"
        )
        for row in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query):
            facts = {"where": "chain_blocks", "tree_size": row.tree_size}
            if row.stored is None:
                detail = f"The block of the final head of size {row.tree_size} is not stored; its proof needs it."
                self._report(Finding("chain_block_missing", detail, facts))
                continue
            wrong = _contradiction(row) or self._other_label(row) or self._other_than_the_nodes(row)
            if wrong is not None:
                detail = f"The stored block of the final head of size {row.tree_size} {wrong}."
                self._report(Finding("chain_block_altered", detail, facts))

    def _other_label(self, row: Row[Any]) -> str | None:
        if self._profile is None or row.profile == self._profile:
            return None
        return f"is labelled `{row.profile}`, and the network's profile is `{self._profile}`"

    def _other_than_the_nodes(self, row: Row[Any]) -> str | None:
        if self._chain is None or not self._answered:
            return None
        try:
            block = self._chain.stored_block(bytes(row.block_hash))
        except UnavailableError as error:
            self._answered = False
            self.said = f"{self.said}; stored blocks not compared from head {row.tree_size} on: {error.detail}"
            return None
        if block is None:
            return None  # nodes prune, and a block that left the chain shows in its event
        ours = _consensus(row.header, row.transactions, row.tx_receipts)
        theirs = _consensus(block.header, block.transactions, block.tx_receipts)
        return None if ours == theirs else "is not the node's block of that hash"


def _is_event_of(row: Row[Any], events: Mapping[int, ChainEvent]) -> bool:
    event = events.get(row.tree_size)
    if event is None:
        return True  # only the contract's head is known of it: nothing to compare with
    recorded = (bytes(row.tx_hash), row.block_number, bytes(row.block_hash))
    return recorded == (event.tx_hash, event.block_number, event.block_hash)


def _contradiction(row: Row[Any]) -> str | None:
    """How a stored block contradicts the head that it is kept for, or None; needs no chain."""
    header, tx_hash = row.header, "0x" + bytes(row.tx_hash).hex()
    numbers = {row.block_number, row.number}
    if not isinstance(header, dict) or header.get("hash") != "0x" + bytes(row.block_hash).hex():
        return "has the header of another block"
    if {hex(number) for number in numbers} != {header.get("number")}:
        return "has another height"
    if tx_hash not in [_member(item, "hash") for item in _list(row.transactions)]:
        return "does not have its transaction"
    if tx_hash not in [_member(item, "transactionHash") for item in _list(row.tx_receipts)]:
        return "does not have the receipt of its transaction"
    return None


def _member(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, dict) else None


def _list(value: Any) -> list[Any]:
    """Stored JSON may have been altered into anything."""
    return value if isinstance(value, list) else []


def _consensus(header: Any, transactions: Any, tx_receipts: Any) -> list[Any]:
    """The parts of a block that its hash commits to."""
    return [
        [_member(header, name) for name in _HEADER],
        [[_member(item, name) for name in _TRANSACTION] for item in _list(transactions)],
        [
            [
                [_member(item, name) for name in _RECEIPT],
                [[_member(log, name) for name in _LOG] for log in _list(_member(item, "logs"))],
            ]
            for item in _list(tx_receipts)
        ],
    ]
