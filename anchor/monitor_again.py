"""The second reading: entries that a monitor has seen and found good are fetched and hashed again, for they may have been changed since.

A look takes what is new. This reads what is old: all full bundles, their leaf tiles and the full tiles above them, and at the end of
a pass the root must be that of the kept checkpoint. A pass may be spread over many looks. It stays where an entry and its leaf tile
are wrong or gone, so that alarm is raised again at every look; where only the hashes above disagree, it begins anew, since what is
wrong may lie anywhere below.
"""

from dataclasses import replace

from anchor.monitor_alarm import Alarm
from anchor.monitor_served import CHUNK_BUNDLES, ServedTree
from anchor.monitor_state import MonitorState
from ledger.errors import UnavailableError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.tiles import TILE_WIDTH, advance_right_edge, compact_range_from_right_edge, grow_tiles
from ledger.log.typed_data import LogIdentity


def read_again(
    state: MonitorState, identity: LogIdentity, served: ServedTree, bundles: int | None
) -> tuple[MonitorState, list[Alarm]]:
    """Goes on with the pass by ``bundles`` full bundles, or makes a whole pass from the first entry (None).

    Returns the state with the new place of the pass (after a whole pass the old place stays), and the alarms. The partial bundle at
    the end is not read: every look reads it anyway.

    Raises:
        UnavailableError: the log does not answer and no alarm was found before; nothing is concluded.
    """
    if state.note is None:
        return state, []
    alarms: list[Alarm] = []
    start = state if bundles is not None else replace(state, again_size=0, again_edge={})
    try:
        grown = _advance(start, identity, served, bundles, alarms)
    except UnavailableError:
        if not alarms:
            raise
        return state, alarms
    return (state if bundles is None else grown), alarms


def _advance(
    state: MonitorState, identity: LogIdentity, served: ServedTree, bundles: int | None, alarms: list[Alarm]
) -> MonitorState:
    full = state.tree_size - state.tree_size % TILE_WIDTH
    position, edge = state.again_size, dict(state.again_edge)
    end = full if bundles is None else min(full, position + bundles * TILE_WIDTH)
    while position < end:
        stop = min(end, position + CHUNK_BUNDLES * TILE_WIDTH)
        leaves = served.take(position, stop, state.tree_size, alarms)
        if leaves is None or alarms:
            return state
        grown = grow_tiles(position, edge, leaves)
        edge = advance_right_edge(edge, grown)
        served.compare_tiles([(a.path, data) for a, data in grown if a.is_full and a.level], alarms)
        if alarms:
            return replace(state, again_size=0, again_edge={})
        position = stop
    if position < full:
        return replace(state, again_size=position, again_edge=edge)
    assert state.note is not None
    kept = open_checkpoint(state.note, identity).checkpoint
    whole = {level: data for level, data in edge.items() if level} | (
        {0: state.edge[0]} if state.tree_size > full else {}
    )
    root = compact_range_from_right_edge(state.tree_size, whole).root_hash()
    if root != kept.root_hash:
        detail = f"Entries below {state.tree_size} are served otherwise than before: their root is not that of the kept checkpoint."
        evidence = {"note_1": state.note, "derived_root_hash": root.hex(), "tree_size": state.tree_size}
        alarms.append(Alarm("entry_rewritten", detail, evidence))
    return replace(state, again_size=0, again_edge={})
