"""The demand hall: publish, bids, selection, follow-up, feedback; ``demand_matching`` holds the catalog against a demand.

An open demand is shown to every body; its contact to its owner and the selected bidder alone, a bid to bidder and owner alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from ledger.domain.demand import BID, BID_LIFE, KIND, LIFE, Demand, InvalidDemandError, bid_id
from ledger.domain.records import from_json, to_json
from ledger.domain.working_days import day_in_shanghai, end_of_day_in_shanghai
from ledger.errors import AccessError, ConflictError, NotFoundError
from ledger.log.timestamps import format_time
from ledger.services.bodies import acting_body, body_of, ordering_body, participant_of, require_role
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.moves import moved
from ledger.services.product_objects import VERSION, version_id

EVENT: Final = "org.cityledger.demand.{}.v1"
BIDS_CLOSED: Final = EVENT.format("bids_closed")
BIDS_TERM: Final = "take_bids"
"""Name in the table of deadlines: when it passes, the demand takes no more bids, and that is an event. Nobody is in default by it."""

OPEN: Final = ("published", "matched", "bidding")
"""States in which the hall shows a demand to every body."""

ASKERS: Final = ("consumer", "developer", "service_party", "provider", "data_holder", "line_authority")
BIDDERS: Final = ("provider", "developer", "data_holder", "service_party")
OPEN_DEMANDS_MAX: Final = 100
"""Of one body at a time."""

BIDS_MAX: Final = 200
FOLLOW_UPS_MAX: Final = 200
TEXT_CHARACTERS_MAX: Final = 5_000
RATINGS: Final = range(1, 6)


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask; personal data, kept sealed."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Bid:
    """An offer to meet a demand.

    Args:
        text: how.
        currency: of the amount.
        amount_minor: for all of it, minor units.
        product_code: of a listed product of the bidder's, when it offers one.
        version: of that product.
    """

    text: str
    currency: str
    amount_minor: int
    product_code: str | None = None
    version: int | None = None


def publish_demand(uow: UnitOfWork, demand_id: str, content: Mapping[str, Any], contact: Contact) -> StoredObject:
    """A demand with every element of the demand standard; ``demand_id`` is drawn by the caller.

    Raises:
        InputError: an element is missing or wrong, or the deadline is over.
        BodyNotAbleError: the asker is not in good standing.
        ConflictError: the asker has too many open demands.
    """
    require_role(uow.actor, *ASKERS)
    body = ordering_body(uow, *ASKERS)
    if len(uow.owned(KIND, body.code, states=OPEN)) >= OPEN_DEMANDS_MAX:
        raise ConflictError(f"A body has {OPEN_DEMANDS_MAX} open demands at most. Nothing was changed.")
    demand = from_json(Demand, content)
    if date.fromisoformat(demand.deadline) < day_in_shanghai(uow.now):
        raise InvalidDemandError("deadline is over. Nothing was changed.")
    if not all(1 <= len(part.strip()) <= len(part) <= 256 for part in (contact.name, contact.phone, contact.email)):
        raise InvalidDemandError("contact has name, phone and email of 1 to 256 characters. Nothing was changed.")
    document = {
        "owner": body.code,
        "owner_name": body.name,
        "content": to_json(demand),
        "matches": [],
        "matchings": [],
        "bids": [],
        "selected": None,
        "follow_ups": [],
        "feedback": None,
    }
    stored = uow.create(KIND, demand_id, state=LIFE.initial, parties=(body.code,), document=document, act="publish")
    uow.put_private(stored, to_json(contact))
    uow.set_deadline(stored, BIDS_TERM, end_of_day_in_shanghai(date.fromisoformat(demand.deadline)))
    uow.record(EVENT.format("published"), {"demand_id": demand_id, "owner": body.code}, subject=demand_id)
    return stored


def bid_for_demand(uow: UnitOfWork, demand_id: str, bid: Bid) -> StoredObject:
    """A bid of a body for an open demand of another; one each.

    Raises:
        NotFoundError: there is no such demand.
        IllegalTransitionError: it takes no bids any more.
        ConflictError: the deadline is over, it is the actor's own, or the actor has bid already.
        BodyNotAbleError: bidder or owner is not in good standing: the bid goes to the owner.
        InvalidDemandError: the bid is not one, or its product is not the bidder's on sale.
    """
    require_role(uow.actor, *BIDDERS)
    bidder = participant_of(uow.actor)
    stored = _seen_in_the_hall(uow, demand_id)
    LIFE.next(stored.state, "bid")
    ordering_body(uow, *BIDDERS)
    document = stored.document
    if bidder == document["owner"]:
        raise ConflictError("Nobody bids for a demand of its own. Nothing was changed.")
    require_in_time(stored, uow.now)
    body_of(uow, document["owner"])
    if len(document["bids"]) >= BIDS_MAX:
        raise ConflictError(f"There are {BIDS_MAX} bids, and no room for more. Nothing was changed.")
    _check_bid(uow, bidder, bid)
    offered = {"demand_id": demand_id, "bidder": bidder, "at": format_time(uow.now), **to_json(bid)}
    parties = (bidder, document["owner"])
    made = uow.create(
        BID, bid_id(demand_id, bidder), state=BID_LIFE.initial, parties=parties, document=offered, act="submit"
    )
    move_demand(uow, stored, "bid", "bid_received", {"bids": [*document["bids"], bidder]}, bidder=bidder)
    return made


def select_bid(uow: UnitOfWork, demand_id: str, bidder: str) -> StoredObject:
    """The owner selects one bid; that bidder sees the demand and its contact from now on, the others are passed over.

    Raises:
        NotFoundError: there is no such demand of the actor's, or no bid of that body.
        IllegalTransitionError: there are no bids yet, or one is selected.
        BodyNotAbleError: owner or bidder is not in good standing: the contact goes to the bidder.
    """
    stored = own_demand(uow, demand_id)
    ordering_body(uow)
    LIFE.next(stored.state, "select")
    if bidder not in stored.document["bids"]:
        raise NotFoundError("There is no bid of this body.")
    body_of(uow, bidder, *BIDDERS)
    _end_bids(uow, stored, lambda code: "select" if code == bidder else "pass_over")
    parties = (stored.document["owner"], bidder)
    uow.meet_deadline(stored, BIDS_TERM)
    return move_demand(uow, stored, "select", "bid_selected", {"selected": bidder}, parties=parties, bidder=bidder)


def follow_up_demand(uow: UnitOfWork, demand_id: str, text: str) -> StoredObject:
    """Owner or selected bidder notes how it goes on.

    Raises:
        NotFoundError: there is no such demand that the actor has to do with.
        IllegalTransitionError: no bid is selected, or it is closed.
    """
    stored = uow.get(KIND, demand_id)
    by = participant_of(uow.actor)
    if by not in stored.parties:
        raise NotFoundError("There is no such demand.")
    acting_body(uow)
    LIFE.next(stored.state, "follow_up")
    if len(stored.document["follow_ups"]) >= FOLLOW_UPS_MAX:
        raise ConflictError(f"There are {FOLLOW_UPS_MAX} notes, and no room for more. Nothing was changed.")
    note = {"by": by, "at": format_time(uow.now), "text": _text(text)}
    return move_demand(
        uow, stored, "follow_up", "followed_up", {"follow_ups": [*stored.document["follow_ups"], note]}, by=by
    )


def close_demand(uow: UnitOfWork, demand_id: str, rating: int, text: str) -> StoredObject:
    """The owner's feedback ends it: 1 (poor) to 5 (good), and why.

    Raises:
        NotFoundError: there is no such demand of the actor's.
        IllegalTransitionError: nothing was followed up yet.
        InvalidDemandError: no rating or no text.
    """
    stored = own_demand(uow, demand_id)
    LIFE.next(stored.state, "close")
    if rating not in RATINGS:
        raise InvalidDemandError("rating is 1 to 5. Nothing was changed.")
    feedback = {"rating": rating, "text": _text(text), "at": format_time(uow.now)}
    return move_demand(uow, stored, "close", "closed", {"feedback": feedback}, rating=rating)


def withdraw_demand(uow: UnitOfWork, demand_id: str) -> StoredObject:
    """The owner takes it back before it has selected a bid; the bids that came in are closed.

    Raises:
        NotFoundError: there is no such demand of the actor's.
        IllegalTransitionError: a bid is selected.
    """
    stored = own_demand(uow, demand_id)
    LIFE.next(stored.state, "withdraw")
    _end_bids(uow, stored, lambda _bidder: "close")
    uow.meet_deadline(stored, BIDS_TERM)
    return move_demand(uow, stored, "withdraw", "withdrawn", {})


def is_in_time(stored: StoredObject, now: datetime) -> bool:
    """Whether a demand takes bids still, by its deadline."""
    return date.fromisoformat(stored.document["content"]["deadline"]) >= day_in_shanghai(now)


def require_in_time(stored: StoredObject, now: datetime) -> None:
    """Refuses what comes after the deadline of a demand; its owner selects among the bids that came, or withdraws it.

    Raises:
        ConflictError: the deadline is over.
    """
    if not is_in_time(stored, now):
        raise ConflictError("The deadline for bids is over. Nothing was changed.")


def _check_bid(uow: UnitOfWork, bidder: str, bid: Bid) -> None:
    _text(bid.text)
    if not 0 <= bid.amount_minor < 2**53 or len(bid.currency) != 3 or not bid.currency.isupper():
        raise InvalidDemandError("A bid has an amount of minor units and a currency. Nothing was changed.")
    if (bid.product_code is None) != (bid.version is None):
        raise InvalidDemandError("product_code and version go together. Nothing was changed.")
    if bid.product_code is not None and bid.version is not None:
        offered = uow.peek(VERSION, version_id(bid.product_code, bid.version))
        if offered is None or offered.document["provider"] != bidder or offered.state != "listed":
            raise InvalidDemandError("The product of a bid is the bidder's own, on sale. Nothing was changed.")


def _end_bids(uow: UnitOfWork, stored: StoredObject, act_of: Callable[[str], str]) -> None:
    """Every bid comes to its end; ``act_of`` has bidder -> act of ``BID_LIFE``."""
    for code in sorted(stored.document["bids"]):
        bid = uow.find(BID, bid_id(stored.object_id, code))
        assert bid is not None, "a bid that the demand names is there"
        act = act_of(code)
        uow.change(bid, act=act, state=BID_LIFE.next(bid.state, act))


def own_demand(uow: UnitOfWork, demand_id: str) -> StoredObject:
    """The demand, locked, for its owner.

    Raises:
        NotFoundError: there is none that the actor has to do with.
        AccessError: the actor is its selected bidder.
        BodyNotAbleError: the owner is not in good standing.
    """
    stored = uow.get(KIND, demand_id)
    if stored.document["owner"] != uow.actor.participant:
        if uow.actor.participant in stored.parties:
            raise AccessError("The owner of a demand does this. Nothing was changed.")
        raise NotFoundError("There is no such demand.")
    acting_body(uow)
    return stored


def _seen_in_the_hall(uow: UnitOfWork, demand_id: str) -> StoredObject:
    stored = uow.find(KIND, demand_id)
    if stored is None or (stored.state not in OPEN and not uow.actor.may_see(stored.parties)):
        raise NotFoundError("There is no such demand.")
    return stored


def move_demand(
    uow: UnitOfWork,
    stored: StoredObject,
    act: str,
    event: str,
    changes: Mapping[str, Any],
    *,
    parties: tuple[str, ...] | None = None,
    **data: Any,
) -> StoredObject:
    """One move of a demand along its table, with its event; ``data`` is what else the event says."""
    changed = moved(uow, LIFE, stored, act, changes, parties=parties)
    said = {"demand_id": stored.object_id, "state": changed.state, **data}
    uow.record(EVENT.format(event), said, subject=stored.object_id)
    return changed


def _text(text: str) -> str:
    if not 1 <= len(text.strip()) <= len(text) <= TEXT_CHARACTERS_MAX:
        raise InvalidDemandError(f"A text has 1 to {TEXT_CHARACTERS_MAX} characters. Nothing was changed.")
    return text
