"""Participants here against bodies of the registry contract, as its events tell: which differ, and in what.

A step that the chain has mined and not yet made final shows as a difference with ``waiting`` set; it goes by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.acts.kinds import BodyRole, KeyPurpose
from ledger.domain.participant import LEFT, Participant, participant_from_json
from ledger.services.business import StoredObject

STATUS_OF: Final = {"active": "active", "suspended": "suspended", "left": "left"}
"""State here -> status there; the other states are not on the chain."""


@dataclass(frozen=True, slots=True)
class ChainBody:
    """A body of the contract: members that its events set, its keys by lower-case address, and how many acts of bodies about it.

    ``revision`` is None when its admission is not among the followed events; then it is not compared.
    """

    body_id: str
    state: Mapping[str, Any]
    keys: Mapping[str, Mapping[str, Any]]
    revision: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Args:
        kind: ``body_missing_on_chain``, ``body_unknown_here``, ``status``, ``roles``, ``qualified_until``, ``revision`` (acts
            that did not come from here), ``key_missing_on_chain``, ``key_unknown_here``, ``key_state`` or ``key_purposes``.
        body_id: on the chain.
        code: subject code, None for a body that is unknown here.
        key: address, where it is about a key.
        here: what the registry of participants says.
        on_chain: what the contract says.
        waiting: the open step that may explain it.
    """

    kind: str
    body_id: str
    code: str | None
    key: str | None
    here: str | None
    on_chain: str | None
    waiting: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared: number of participants that the chain should hold, and the block up to which it was followed."""

    block_number: int | None
    compared: int
    differences: tuple[Difference, ...]


def compare(participants: Sequence[StoredObject], bodies: Sequence[ChainBody], block_number: int | None) -> Comparison:
    """Holds every participant that was admitted against the chain, and every body of the chain against the participants."""
    there = {body.body_id: body for body in bodies}
    found: list[Difference] = []
    known: set[str] = set()
    compared = 0
    for stored in participants:
        participant = participant_from_json(stored.document)
        if participant.chain is None:
            continue
        compared += 1
        known.add(participant.chain.body_id)
        found += _of_body(stored, participant, there.get(participant.chain.body_id))
    for body_id in sorted(set(there) - known):
        status = there[body_id].state.get("status")
        if status != LEFT:  # whoever left and applied again has another id
            found.append(Difference("body_unknown_here", body_id, None, None, None, status, None))
    return Comparison(block_number, compared, tuple(found))


def _of_body(stored: StoredObject, participant: Participant, body: ChainBody | None) -> list[Difference]:
    chain, step = participant.chain, participant.open_step or participant.overtaken_step
    assert chain is not None
    waiting = None if step is None else step.step

    def differs(kind: str, here: Any, on_chain: Any, key: str | None = None) -> list[Difference]:
        if here == on_chain:
            return []
        shown = [None if value is None else str(value) for value in (here, on_chain)]
        return [Difference(kind, chain.body_id, stored.object_id, key, shown[0], shown[1], waiting)]

    if body is None:
        return differs("body_missing_on_chain", stored.state, None)
    found = differs("status", STATUS_OF.get(stored.state), body.state.get("status"))
    found += differs("roles", list(participant.roles), _names(BodyRole, body.state["roles"]))
    found += differs("qualified_until", chain.qualified_until, int(body.state["qualified_until"]))
    if body.revision is not None:
        found += differs("revision", chain.revision, body.revision)
    if stored.state == LEFT:
        return found
    here = {key.address: key for key in participant.keys if key.state in ("valid", "revoked")}
    for address in sorted({*here, *body.keys}):
        key, other = here.get(address), body.keys.get(address)
        if key is None:
            found += differs("key_unknown_here", None, other["status"] if other else None, address)
        elif other is None:
            found += differs("key_missing_on_chain", key.state, None, address)
        else:
            found += differs("key_state", key.state, other["status"], address)
            found += differs("key_purposes", list(key.purposes), _names(KeyPurpose, other["purposes"]), address)
    return found


def _names(kind: type[BodyRole | KeyPurpose], bits: Any) -> list[str]:
    return sorted(member.name.lower() for member in kind if member.name and int(bits) & member)
