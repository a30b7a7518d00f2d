"""The outsider's monitor: follows a log by its public tiles and the chain, trusts only the trust file, re-hashes everything.

It keeps its last good checkpoint and the right edge of the tree under it. A new checkpoint must be the old tree plus the entries that
are served, each hashed here; every head on the chain must lie in that tree. Each alarm carries its evidence. After an alarm about
the tree the last good checkpoint stays. After one about the chain the tree, which was good, is taken, and the last good block
stays. So either alarm is raised again at every look until the log explains itself.
"""

from dataclasses import dataclass, replace
from typing import Any

from anchor.monitor_again import read_again
from anchor.monitor_alarm import Alarm, path_evidence
from anchor.monitor_served import CHUNK_BUNDLES, Fetch, ServedTree
from anchor.monitor_state import MonitorState
from anchor.ports import MonitoredChain
from ledger.adapters.chain.errors import ContractMissingError, WrongChainError
from ledger.errors import LedgerError, NotFoundError, RootMismatchError, UnavailableError, VerificationError
from ledger.log.checkpoint import VerifiedCheckpoint, open_checkpoint
from ledger.log.history import check_earlier_head
from ledger.log.merkle import split_hashes
from ledger.log.proof import NodeReader, consistency_path, root_hash
from ledger.log.tiles import (
    TILE_WIDTH,
    TileNodeReader,
    advance_right_edge,
    compact_range_from_right_edge,
    edge_tiles,
    grow_tiles,
    tile_path,
)
from ledger.log.trust import TrustedChain
from ledger.log.typed_data import LogIdentity, keccak256
from ledger.log.verify import verify_consistency


@dataclass(frozen=True)
class ChainView:
    """What was read from the chain before the checkpoint was fetched."""

    heads: list[tuple[int, bytes, bytes, int]]  # tree size, root hash, transaction hash, block number
    current_size: int
    block: int
    block_hash: bytes | None


class Monitor:
    """Looks at one log.

    Args:
        identity: the log, from the trust file.
        trusted_chain: chain and contract, from the trust file.
        fetch: the log's public files.
        chain: the chain, or None when it is not watched.
        stale_after_s: a published head must be on the chain within this time.
    """

    def __init__(
        self,
        identity: LogIdentity,
        trusted_chain: TrustedChain,
        fetch: Fetch,
        *,
        chain: MonitoredChain | None,
        stale_after_s: float,
    ) -> None:
        self._identity = identity
        self._trusted_chain = trusted_chain
        self._fetch = fetch
        self._served = ServedTree(fetch)
        self._chain = chain
        self._stale_after_s = stale_after_s

    @property
    def hashed(self) -> int:
        """How many entries were hashed since this monitor was made; one that was hashed twice counts twice."""
        return self._served.hashed

    def look(self, state: MonitorState, now_s: float) -> tuple[MonitorState, list[Alarm]]:
        """One look; the state to keep and the alarms.

        Raises:
            UnavailableError: log or chain does not answer and no alarm was found before; nothing is concluded.
        """
        alarms: list[Alarm] = []
        try:
            return self._look(state, now_s, alarms), alarms
        except UnavailableError:
            if not alarms:
                raise
            return state, alarms  # whoever stops answering does not take back what was found

    def look_again(self, state: MonitorState, bundles: int | None) -> tuple[MonitorState, list[Alarm]]:
        """Reads what was good before once more: see :func:`anchor.monitor_again.read_again`."""
        return read_again(state, self._identity, self._served, bundles)

    def _look(self, state: MonitorState, now_s: float, alarms: list[Alarm]) -> MonitorState:
        view = self._read_chain(state, alarms)  # before the checkpoint, so that a head on the chain is never "too new"
        note = self._fetch("checkpoint").decode("utf-8", "replace")
        try:
            seen = open_checkpoint(note, self._identity)
        except VerificationError as error:
            alarms.append(Alarm("checkpoint_invalid", f"The served checkpoint is none: {error.detail}", {"note": note}))
            return state
        grown = self._grow(state, seen, alarms)
        if grown is None:
            return state
        if view is not None:
            self._check_chain_heads(view, seen, alarms)
            grown = self._check_age(grown, view, seen, now_s, alarms)
            if not alarms:
                grown = replace(grown, chain_block=view.block, chain_block_hash=view.block_hash)
        return grown

    # --- the tree -------------------------------------------------------------------------------------------------

    def _grow(self, state: MonitorState, seen: VerifiedCheckpoint, alarms: list[Alarm]) -> MonitorState | None:
        """Takes the new entries; None when the new checkpoint is not the old tree plus the served entries."""
        size, old = seen.checkpoint.tree_size, state.note
        both = {"note_1": old, "note_2": seen.note}
        if size < state.tree_size:
            detail = f"The log shows {size} entries and has shown {state.tree_size} before."
            alarms.append(Alarm("shrink", detail, both))
            return None
        before = len(alarms)
        edge = dict(state.edge)
        # A bundle that was partial is looked at again as a whole, also when nothing is new.
        aligned = state.tree_size - state.tree_size % TILE_WIDTH
        for first in range(aligned, size, CHUNK_BUNDLES * TILE_WIDTH):
            start = max(first, state.tree_size)
            stop = min(size, first + CHUNK_BUNDLES * TILE_WIDTH)
            leaves = self._served.take(first, stop, size, alarms)
            if leaves is None:
                return None
            if leaves[: start - first] != split_hashes(edge.get(0, b""))[: start - first]:
                detail = f"Entries before {start} are served otherwise than before."
                alarms.append(Alarm("entry_rewritten", detail, {"leaf_index": first, **both}))
                return None
            grown = grow_tiles(start, edge, leaves[start - first :])
            edge = advance_right_edge(edge, grown)
            self._served.compare_tiles([(a.path, data) for a, data in grown if a.is_full and a.level], alarms)
        root = compact_range_from_right_edge(size, edge).root_hash()
        if root != seen.checkpoint.root_hash:
            alarms.append(self._fork(state, seen, root))
        elif len(alarms) == before:  # else they only say again what is wrong below them
            self._served.compare_tiles([(a.path, edge[int(a.level)]) for a in edge_tiles(size) if a.level], alarms)
        if len(alarms) > before:
            return None
        return replace(state, note=seen.note, tree_size=size, edge=edge)

    def _fork(self, state: MonitorState, seen: VerifiedCheckpoint, root: bytes) -> Alarm:
        """The signed root is not that of old tree plus served entries. Tries to prove it from the log's own tiles."""
        size = seen.checkpoint.tree_size
        evidence: dict[str, Any] = {
            "note_1": state.note,
            "note_2": seen.note,
            "derived_root_hash": root.hex(),
            "path": None,
        }
        detail = (
            f"The signed root over {size} entries is {seen.checkpoint.root_hash.hex()}; the entries give {root.hex()}."
        )
        if 0 < state.tree_size < size:
            try:
                reader = self._reader(size)
                proven = root_hash(state.tree_size, reader)
                path = consistency_path(state.tree_size, size, reader)
                verify_consistency(state.tree_size, size, path, proven, seen.checkpoint.root_hash)
                evidence["path"] = [step.hex() for step in path]
                evidence["proven_root_hash_1"] = proven.hex()  # what `EvidenceLog.reportFork` takes, with note and path
            except LedgerError as error:
                evidence["path_error"] = error.detail
        return Alarm("fork", detail, evidence)

    def _reader(self, tree_size: int) -> NodeReader:
        return TileNodeReader(lambda level, index, width: self._fetch(tile_path(level, index, width)), tree_size)

    # --- the chain ------------------------------------------------------------------------------------------------

    def _read_chain(self, state: MonitorState, alarms: list[Alarm]) -> ChainView | None:
        chain, trusted = self._chain, self._trusted_chain
        if chain is None:
            return None
        try:
            chain.check_chain()
            genesis, code_hash = chain.genesis_hash(), keccak256(chain.code())
        except WrongChainError as error:
            alarms.append(Alarm("wrong_chain", error.detail, dict(error.facts)))
            return None
        if (genesis, code_hash) != (trusted.genesis_hash, trusted.evidence_log_code_hash):
            what = "genesis block" if genesis != trusted.genesis_hash else "code of the contract"
            evidence = {"genesis_hash": genesis.hex(), "code_hash": code_hash.hex()}
            alarms.append(Alarm("wrong_chain", f"The {what} is not that of the trust file.", evidence))
            return None
        newest = chain.block_number()
        newest_hash = chain.block_hash_at(
            newest
        )  # before the events: if the chain turns meanwhile, they are read again
        where = self._where(newest, newest_hash)
        known = chain.block_hash_at(state.chain_block) == state.chain_block_hash
        first = state.chain_block + 1 if known else 0  # a chain that lost blocks is read again from the start
        try:
            current = chain.head(self._identity.log_id)
        except ContractMissingError as error:
            alarms.append(Alarm("contracts_missing", error.detail, {**where, "code_hash": code_hash.hex()}))
            return None
        if current.equivocated:
            marked = {**where, "chain_tree_size": current.tree_size, "chain_root_hash": current.root_hash.hex()}
            alarms.append(Alarm("log_equivocated", "The contract has marked this log as equivocated.", marked))
        events = chain.heads_anchored(self._identity.log_id, first, newest)
        heads = [(e.values["treeSize"], bytes(e.values["rootHash"]), e.tx_hash, e.block_number) for e in events]
        return ChainView(heads, current.tree_size, newest, newest_hash)

    def _where(self, block_number: int, block_hash: bytes | None) -> dict[str, Any]:
        """What anyone needs to ask the same contract about the same log at the same block."""
        return {
            "chain_id": self._trusted_chain.chain_id,
            "evidence_log": "0x" + self._trusted_chain.evidence_log.hex(),
            "log_id": self._identity.log_id.hex(),
            "block_number": block_number,
            "block_hash": None if block_hash is None else "0x" + block_hash.hex(),
        }

    def _check_chain_heads(self, view: ChainView, seen: VerifiedCheckpoint, alarms: list[Alarm]) -> None:
        newest = seen.checkpoint
        for tree_size, root, tx_hash, block_number in view.heads:
            evidence: dict[str, Any] = {
                "chain_tree_size": tree_size,
                "chain_root_hash": root.hex(),
                "tx_hash": "0x" + tx_hash.hex(),
                "block_number": block_number,
                "note": seen.note,
            }
            if tree_size > newest.tree_size:
                detail = f"The chain holds a head of {tree_size} entries; the log shows {newest.tree_size}."
                alarms.append(Alarm("foreign_head_on_chain", detail, evidence))
                continue
            reader = self._reader(newest.tree_size)
            try:
                check_earlier_head(tree_size, root, newest.tree_size, newest.root_hash, reader)
            except RootMismatchError as error:
                evidence |= path_evidence(tree_size, newest.tree_size, reader)
                detail = f"The head of {tree_size} entries on the chain is not in the log's tree: {error.detail}"
                alarms.append(Alarm("foreign_head_on_chain", detail, evidence))
            except NotFoundError as error:
                alarms.append(Alarm("tile_missing", error.detail, evidence))
            except VerificationError as error:
                detail = f"The head of {tree_size} entries on the chain cannot be compared: {error.detail}"
                alarms.append(Alarm("tile_mismatch", detail, evidence))

    def _check_age(
        self, state: MonitorState, view: ChainView, seen: VerifiedCheckpoint, now_s: float, alarms: list[Alarm]
    ) -> MonitorState:
        if seen.checkpoint.tree_size <= view.current_size:
            return replace(state, unanchored_since=None)
        since = state.unanchored_since if state.unanchored_since is not None else now_s
        if now_s - since > self._stale_after_s:
            detail = (
                f"Published heads have not been anchored for {int(now_s - since)} s: the chain holds {view.current_size}"
                f" entries, the log shows {seen.checkpoint.tree_size}."
            )
            alarms.append(Alarm("stale", detail, {"note": seen.note, "chain_tree_size": view.current_size}))
        # A part that was anchored meanwhile starts the time anew: the chain moved.
        moved = any(size > 0 for size, *_ in view.heads)
        return replace(state, unanchored_since=now_s if moved else since)
