"""Two platforms' books held against each other: what differs, why, and whose it is to mend. Pure.

``compare`` judges one object; whoever compares books does so for each object of either of them. What is found is a *finding*; how long it
has been there, and whether it is merely under way, is the matter of ``platform_differences``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ledger.domain.platform_books import (
    AGREEMENT,
    FILING,
    FIXED,
    FOLLOWS_FROM_STATE,
    ORDER,
    UNVERSIONED,
    Differing,
    Original,
    Shown,
    differing,
    follows,
    in_force,
    of_counter,
    unclaimed,
    value_at,
)

FIELDS_MAX: Final = 20
"""Of a finding; a document that differs in more is listed by the first of them."""

TEXT_CHARACTERS_MAX: Final = 200


class Cause(StrEnum):
    """Why something is listed."""

    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    CONTENT_DIFFERS = "content_differs"
    STATE_BEHIND = "state_behind"
    REVISION_WENT_BACK = "revision_went_back"
    NOT_ON_CHAIN = "not_on_chain"
    CHAIN_DIFFERS = "chain_differs"


CHAIN_CAUSES: Final = frozenset({Cause.NOT_ON_CHAIN, Cause.CHAIN_DIFFERS})
"""What only a look at the chain finds, or finds gone."""


class Owner(StrEnum):
    """Which body has to act."""

    AUTHORISATION_PLATFORM = "authorisation_platform"
    TRADING_PLATFORM = "trading_platform"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in which the books differ.

    Args:
        cause: why; an object has at most one finding of a cause.
        owner: who has to act.
        fields: JSON pointers into the object, at most ``FIELDS_MAX``.
        here: what is kept here, in a few words; None for nothing.
        there: what the other side says.
    """

    cause: Cause
    owner: Owner
    fields: tuple[str, ...]
    here: str | None
    there: str | None


@dataclass(frozen=True, slots=True)
class OnChain:
    """What the contract has of an object.

    Args:
        status: its word (``placed``, ``concluded``, ...); None when it knows no such object.
        facts: pointer into the shown document -> what the contract says in its place.
    """

    status: str | None
    facts: Mapping[str, Any]


ON_CHAIN: Final[Mapping[str, Mapping[str, frozenset[str | None]]]] = {
    ORDER: {
        "drafted": frozenset({None}),
        "discarded": frozenset({None}),
        "placing": frozenset({None, "placed"}),
        "offered": frozenset({"placed"}),
        "lapsed": frozenset({"placed"}),
        "rejecting": frozenset({"placed", "rejected"}),
        "rejected": frozenset({"rejected"}),
        "withdrawing": frozenset({"placed", "withdrawn"}),
        "withdrawn": frozenset({"withdrawn"}),
        "confirming": frozenset({"placed", "confirmed", "contracted"}),
        "confirmed": frozenset({"confirmed", "contracted"}),
        "cancelling": frozenset({"confirmed", "cancelled"}),
        "cancelled": frozenset({"cancelled"}),
        "in_force": frozenset({"contracted"}),
        "closed": frozenset({"contracted"}),
    },
    AGREEMENT: {
        "generated": frozenset({None}),
        "abandoned": frozenset({None}),
        "signing": frozenset({None, "concluded"}),
        "signed": frozenset({"concluded"}),
        "filing": frozenset({"concluded", "filed"}),
        "filed": frozenset({"filed"}),
        "in_performance": frozenset({"filed"}),
        "ending": frozenset({"concluded", "filed", "terminated"}),
        "terminated": frozenset({"terminated"}),
    },
}
"""Kind -> state -> the words of the contract that go with it; a step that waits for the chain goes with both ends."""


def compare(
    us: str,
    copy: Shown | None,
    originals: Sequence[Original],
    shown: Shown | None,
    *,
    derived: Mapping[str, Any] | None = None,
    on_chain: OnChain | None = None,
    spent_before: int | None = None,
) -> tuple[Finding, ...]:
    """What differs in one object; nothing when both books agree.

    Args:
        us: subject code of this platform.
        copy: what was seen first under the highest revision that did not contradict the ones before; None when it never was.
        originals: this platform's own acts on the object.
        shown: what the other platform shows now; None for nothing.
        derived: pointer -> value that was computed from the rest of the shown document, such as an agreement's digest.
        on_chain: what the contract has; None when it was not asked.
        spent_before: the most that was ever shown as spent of a usage token; None for nothing.
    """
    if shown is None:
        return tuple(_missing_there(copy, originals))
    found = [*_against_copy(copy, shown), *_against_originals(us, originals, shown)]
    found += _against_facts(derived or {}, shown)
    counted = list(of_counter(shown, spent_before))
    if counted:
        found.append(_content(counted))
    if on_chain is not None:
        found += _against_chain(shown, on_chain)
    return _one_of_each(found)


def contradicts(copy: Shown | None, shown: Shown) -> bool:
    """Whether what is shown cannot have come of the copy, by any step: then it does not take the copy's place, whatever its revision."""
    return next(_against_copy(copy, shown), None) is not None


def _missing_there(copy: Shown | None, originals: Sequence[Original]) -> Iterator[Finding]:
    acts = ", ".join(sorted({one.act for one in originals if one.is_answered}))
    if copy is not None or acts:
        here = f"revision {copy.revision}, {copy.state}" if copy is not None else acts
        yield Finding(Cause.MISSING_THERE, Owner.TRADING_PLATFORM, (), here, None)
    elif originals:
        yield _undelivered(originals, None)


def _against_copy(copy: Shown | None, shown: Shown) -> Iterator[Finding]:
    if copy is None:
        return
    if shown.revision < copy.revision:
        here, there = f"revision {copy.revision}", f"revision {shown.revision}"
        yield Finding(Cause.REVISION_WENT_BACK, Owner.TRADING_PLATFORM, ("/revision",), here, there)
        return
    if not follows(shown.kind, copy.state, shown.state) or (
        shown.revision == copy.revision and shown.state != copy.state
    ):
        yield Finding(Cause.STATE_BEHIND, Owner.TRADING_PLATFORM, ("/state",), copy.state, shown.state)
    found = [one for one in _compared(copy, shown) if not _is_left_out(shown.kind, one.pointer)]
    if found:
        yield _content(found)


def _compared(copy: Shown, shown: Shown) -> Iterator[Differing]:
    if shown.revision == copy.revision:
        yield from differing(copy.document, shown.document)
        return
    for pointer in FIXED[shown.kind]:
        yield from differing(value_at(copy.document, pointer), value_at(shown.document, pointer), pointer)


def _against_originals(us: str, originals: Sequence[Original], shown: Shown) -> Iterator[Finding]:
    not_ours = sorted(unclaimed(shown, us, originals))
    if not_ours:
        what = ", ".join(not_ours)
        fields = ("/filing",) if not_ours == [FILING] else ()
        yield Finding(Cause.MISSING_HERE, Owner.AUTHORISATION_PLATFORM, fields, None, what)
    under_way = [one for one in originals if not one.is_answered]
    if under_way:
        yield _undelivered(under_way, shown)
    for one in originals:
        if one.is_answered and shown.revision < one.revision:
            here, there = f"revision {one.revision}", f"revision {shown.revision}"
            yield Finding(Cause.REVISION_WENT_BACK, Owner.TRADING_PLATFORM, ("/revision",), here, there)
    for one in in_force(originals):
        if shown.revision >= one.revision:
            yield from _against_facts(one.facts, shown)


def _against_facts(facts: Mapping[str, Any], shown: Shown) -> Iterator[Finding]:
    found = [
        part
        for pointer, value in facts.items()
        for part in differing(value, value_at(shown.document, pointer), pointer)
    ]
    if found:
        yield _content(found)


def _against_chain(shown: Shown, on_chain: OnChain) -> Iterator[Finding]:
    expected = ON_CHAIN.get(shown.kind, {}).get(shown.state)
    if expected is None:
        return
    if on_chain.status is None:
        if None not in expected:
            yield Finding(Cause.NOT_ON_CHAIN, Owner.TRADING_PLATFORM, ("/state",), None, shown.state)
        return
    fields = [pointer for pointer, value in on_chain.facts.items() if value_at(shown.document, pointer) != value]
    if on_chain.status not in expected:
        fields.insert(0, "/state")
    if fields:
        said = ", ".join(str(value_at(shown.document, one)) for one in fields if one != "/state")
        there = f"{shown.state}{', ' + said if said else ''}"
        here = ", ".join([on_chain.status, *(str(on_chain.facts[one]) for one in fields if one != "/state")])
        yield Finding(Cause.CHAIN_DIFFERS, Owner.TRADING_PLATFORM, tuple(fields), _short(here), _short(there))


def _undelivered(originals: Sequence[Original], shown: Shown | None) -> Finding:
    acts = ", ".join(sorted({one.act for one in originals}))
    there = None if shown is None else shown.state
    return Finding(Cause.STATE_BEHIND, Owner.AUTHORISATION_PLATFORM, (), f"not acknowledged: {acts}", there)


def _content(found: Sequence[Differing]) -> Finding:
    fields = tuple(one.pointer for one in found[:FIELDS_MAX])
    first = found[0]
    return Finding(Cause.CONTENT_DIFFERS, Owner.TRADING_PLATFORM, fields, _short(first.here), _short(first.there))


def _one_of_each(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """One finding of a cause and owner: what copy and originals say alike is said once, by all its fields."""
    kept: dict[Cause, Finding] = {}
    for one in found:
        before = kept.get(one.cause)
        if before is None:
            kept[one.cause] = one
        else:
            fields = tuple(dict.fromkeys((*before.fields, *one.fields)))[:FIELDS_MAX]
            # what this platform has to do is shown first: the other one cannot mend it
            first = min(before, one, key=lambda each: each.owner)
            kept[one.cause] = Finding(one.cause, first.owner, fields, first.here, first.there)
    return tuple(kept[cause] for cause in Cause if cause in kept)


def _is_left_out(kind: str, pointer: str) -> bool:
    """Whether it is a counter, or the state, which has a cause of its own, or what follows from the state."""
    left_out = (*UNVERSIONED.get(kind, ()), *FOLLOWS_FROM_STATE)
    return any(pointer == parent or pointer.startswith(f"{parent}/") for parent in left_out)


def _short(value: Any) -> str | None:
    if value is None:
        return None
    text = (
        value
        if isinstance(value, str)
        else repr(value)
        if isinstance(value, int | bool | float)
        else type(value).__name__
    )
    return text if len(text) <= TEXT_CHARACTERS_MAX else f"{text[: TEXT_CHARACTERS_MAX - 1]}…"
