"""What the authorisation platform keeps of objects that two platforms have to agree about. Pure.

Four things are known of an object: what the other platform shows now, what was seen of it first under its highest revision (the *copy*),
what this platform did itself (its *originals*), and what the chain says. A copy is kept for each revision and never overwritten; what
contradicts the copy is a difference and becomes no copy, whatever its revision.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ledger.domain import application, authorisation, usage_token
from ledger.domain.agreement_status import AGREEMENT_LIFE
from ledger.domain.order_life import CALL_OFF_LIFE, ORDER_LIFE
from ledger.domain.transitions import TransitionTable

APPLICATION: Final = application.KIND
AUTHORISATION: Final = authorisation.KIND
USAGE_TOKEN: Final = usage_token.KIND
ORDER: Final = ORDER_LIFE.kind
AGREEMENT: Final = AGREEMENT_LIFE.kind
KINDS: Final = (APPLICATION, AUTHORISATION, USAGE_TOKEN, ORDER, AGREEMENT)

FINAL_REVIEW: Final = "final_review"
GRANT: Final = "grant"
TOKEN: Final = "usage_token"  # noqa: S105 - the name of an act
REVOCATION: Final = "revocation"
FILING: Final = "filing"
SUSPENSION: Final = "suspension"
RESUMPTION: Final = "resumption"
WITHDRAWAL: Final = "withdrawal"
WIDENING: Final = "widening"

LIVES: Final[Mapping[str, tuple[TransitionTable, ...]]] = {
    APPLICATION: (application.LIFE,),
    AUTHORISATION: (authorisation.LIFE,),
    USAGE_TOKEN: (usage_token.LIFE,),
    ORDER: (ORDER_LIFE, CALL_OFF_LIFE),
    AGREEMENT: (AGREEMENT_LIFE,),
}
"""Kind -> the tables that its objects live by."""

FIXED: Final[Mapping[str, tuple[str, ...]]] = {
    APPLICATION: ("/application_id", "/applicant", "/product_code", "/version", "/content"),
    AUTHORISATION: ("/holder", "/issuer", "/product_code", "/version", "/listed"),
    USAGE_TOKEN: ("/token", "/digest"),
    ORDER: ("/order_id", "/consumer", "/provider"),
    AGREEMENT: ("/agreement_id", "/provider", "/consumer", "/order_id", "/disclosed", "/contract_hash"),
}
"""Kind -> pointers of what no step ever changes, whatever the revision."""

UNVERSIONED: Final[Mapping[str, frozenset[str]]] = {
    USAGE_TOKEN: frozenset({"/counter", "/is_usable"}),
}
"""Kind -> pointers of what changes without a revision: counters, which ``of_counter`` judges, and what time decides."""

FOLLOWS_FROM_STATE: Final = ("/state", "/allowed", "/turn", "/contract_status")
"""Pointers of the state, and of what an answer says because of it."""

_FILED: Final = frozenset({"filed", "in_performance", "ending", "terminated"})


@dataclass(frozen=True, slots=True)
class Shown:
    """An object as a platform shows it.

    Args:
        kind: one of ``KINDS``.
        object_id: its lasting name.
        revision: 1 and on.
        state: of its kind's table.
        document: the JSON object.
    """

    kind: str
    object_id: str
    revision: int
    state: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Original:
    """One act of this platform's own.

    Args:
        act: ``FINAL_REVIEW``, ``GRANT``, ``TOKEN`` or another one of the names above.
        is_answered: whether the other platform has acknowledged it.
        revision: of the object, as acknowledged; 0 before that.
        facts: pointer -> value that the object shows from that revision on.
        instance: see ``ledger.services.platform_ports.Act``.
    """

    act: str
    is_answered: bool
    revision: int
    facts: Mapping[str, Any]
    instance: int = 0

    @property
    def name(self) -> str:
        """Of the act, as ``claims`` has it."""
        return f"{self.act}/{self.instance}" if self.act == WIDENING else self.act


def follows(kind: str, before: str, after: str) -> bool:
    """Whether a state can come after another one, or is the same."""
    return any(after in table.reachable(before) for table in LIVES[kind])


def claims(shown: Shown, us: str) -> frozenset[str]:
    """Which acts the other platform shows as this platform's own, so that originals of them must be here.

    Args:
        shown: the object.
        us: subject code of this platform.
    """
    document = shown.document
    found: dict[str, bool] = {}
    if shown.kind == APPLICATION:
        reviews = document.get("reviews") or ()
        found[FINAL_REVIEW] = any(review.get("participant") == us for review in reviews)
    elif shown.kind == AUTHORISATION:
        is_ours = document.get("issuer") == us
        found[GRANT] = is_ours
        found[SUSPENSION] = is_ours and shown.state == "suspended"
        found[WITHDRAWAL] = is_ours and shown.state == "withdrawn"
        widenings = document.get("widenings") or ()
        found |= {f"{WIDENING}/{one.get('number')}": is_ours for one in widenings}
    elif shown.kind == USAGE_TOKEN:
        token, ending = document.get("token") or {}, document.get("ending") or {}
        found[TOKEN] = token.get("issuer") == us
        found[REVOCATION] = shown.state == "revoked" and ending.get("by") == us
    elif shown.kind == AGREEMENT:
        filing = document.get("filing") or {}
        is_filed = shown.state in _FILED and filing != {}
        found[FILING] = is_filed and (us in (document.get("platforms") or ()) or filing.get("filed_by") == us)
    return frozenset(act for act, is_claimed in found.items() if is_claimed)


def unclaimed(shown: Shown, us: str, originals: Sequence[Original]) -> frozenset[str]:
    """Acts that the other platform shows as this platform's own, and that are not among its originals.

    A suspension that was resumed is over: the next one is an act of its own.
    """
    known: set[str] = set()
    for one in originals:
        if one.act == RESUMPTION and one.is_answered:
            known.discard(SUSPENSION)
        known.add(one.name)
    return claims(shown, us) - known


def in_force(originals: Sequence[Original]) -> list[Original]:
    """Those of which the facts still hold: all that were answered, but no suspension once it is to be resumed."""
    found: list[Original] = []
    for one in originals:
        if one.act == RESUMPTION:
            found = [each for each in found if each.act != SUSPENSION]
        if one.is_answered:
            found.append(one)
    return found


def value_at(document: Any, pointer: str) -> Any:
    """The value that a JSON pointer (RFC 6901) leads to; None when there is none, as for an absent optional member."""
    found = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, Sequence) and not isinstance(found, str) and name.isdecimal():
            found = found[int(name)] if int(name) < len(found) else None
        else:
            return None
    return found


class Differing(NamedTuple):
    """The smallest part in which two JSON values differ: its JSON pointer, and both values; None for an absent one."""

    pointer: str
    here: Any
    there: Any


def differing(here: Any, there: Any, at: str = "") -> Iterator[Differing]:
    """Where two JSON values differ, in the order of the members' names; an absent member is as good as null."""
    if isinstance(here, Mapping) and isinstance(there, Mapping):
        for name in sorted({*here, *there}):
            place = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
            yield from differing(here.get(name), there.get(name), place)
    elif _is_list(here) and _is_list(there) and len(here) == len(there):
        for number, (one, other) in enumerate(zip(here, there, strict=True)):
            yield from differing(one, other, f"{at}/{number}")
    elif not _is_same(here, there):
        yield Differing(at, here, there)


def spent_of(shown: Shown) -> int | None:
    """How many calls of a usage token are spent, as it is shown; None for other kinds, and for what is no count."""
    spent = value_at(shown.document, "/counter/spent") if shown.kind == USAGE_TOKEN else None
    return spent if type(spent) is int and 0 <= spent < 2**63 else None


def of_counter(shown: Shown, spent_before: int | None) -> Iterator[Differing]:
    """What is wrong with a usage token's counter: another quota than the token's own, more spent than that, or less than was spent before.

    Args:
        shown: the object.
        spent_before: the most that was ever shown as spent; None for nothing.
    """
    quota, spent = value_at(shown.document, "/token/quota"), spent_of(shown)
    if shown.kind != USAGE_TOKEN or spent is None:
        return
    if quota is not None:
        yield from differing(quota, value_at(shown.document, "/counter/quota"), "/counter/quota")
    if type(quota) is int and spent > quota:
        yield Differing("/counter/spent", quota, spent)
    elif spent_before is not None and spent < spent_before:
        yield Differing("/counter/spent", spent_before, spent)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _is_same(here: Any, there: Any) -> bool:
    if _is_list(here) and _is_list(there):
        return False  # of different lengths, or it would have been looked into
    return here is there or (type(here) is type(there) and bool(here == there))
