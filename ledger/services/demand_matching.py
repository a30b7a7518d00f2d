"""Matching: which offers of the catalog meet a demand, with reasons; and telling their providers.

Searching is done before the transaction that keeps what was found, so that nobody waits for it; how often is bounded for each demand.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from ledger.domain.demand import KIND, LIFE, NOTICE, NOTICE_LIFE, Demand, Match, best_matches, bid_id
from ledger.domain.records import from_json
from ledger.errors import ConflictError
from ledger.log.timestamps import format_time, parse_time
from ledger.services.bodies import acting_body
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.demands import is_in_time, move_demand, own_demand, require_in_time

CANDIDATES_MAX: Final = 200
"""Offers that the search by topic brings."""

CANDIDATES_BY_WORDS_MAX: Final = 50
"""Offers that one search by the name of an item brings."""

SEARCHES_MAX: Final = 10
"""By topic, and by the names of the first items."""

MATCHES_MAX: Final = 20
MATCHINGS_MAX: Final = 24
MATCHINGS_WITHIN: Final = timedelta(days=1)


class Offers(Protocol):
    """The catalog, as ``UnitOfWork.offers`` has it."""

    def offers(self, *, choices: Mapping[str, tuple[str, ...]], text: str, limit: int) -> Sequence[Mapping[str, Any]]:
        """Listed entries with these facet values and the terms of this text, newest first."""
        ...


def find_matches(catalog: Offers, stored: StoredObject, now: datetime) -> tuple[Match, ...] | None:
    """The offers of others that meet a demand best; None when it cannot be matched now, which ``match_demand`` then refuses.

    Nothing is locked and nothing changed. Who may have it done is ``look_for_matches``'s business.
    """
    is_open = "match" in LIFE.allowed(stored.state) and is_in_time(stored, now)
    if not is_open or len(_recent(stored, now)) >= MATCHINGS_MAX:
        return None
    demand, owner = from_json(Demand, stored.document["content"]), stored.document["owner"]
    entries = [entry for entry in _candidates(catalog, demand) if entry["provider_code"] != owner]
    return best_matches(demand, entries, MATCHES_MAX)


def look_for_matches(uow: UnitOfWork, demand_id: str) -> tuple[Match, ...] | None:
    """As ``find_matches``, for the demand's owner in good standing; None for others, whom ``match_demand`` then refuses.

    Raises:
        BodyNotAbleError: the owner is not in good standing; for it nothing is looked for.
    """
    stored = uow.peek(KIND, demand_id)
    if stored is None or stored.document["owner"] != uow.actor.participant:
        return None
    acting_body(uow)
    return find_matches(uow, stored, uow.now)


def match_demand(uow: UnitOfWork, demand_id: str, found: Sequence[Match] | None) -> StoredObject:
    """Keeps the matches that were found with their reasons, in place of earlier ones, and tells their providers.

    Args:
        uow: of the use case.
        demand_id: the demand.
        found: by ``find_matches``, a moment ago.

    Raises:
        NotFoundError: there is no such demand of the actor's.
        IllegalTransitionError: bids came in already, or it is over.
        ConflictError: it was matched too often, or its deadline is over.
    """
    stored = own_demand(uow, demand_id)
    LIFE.next(stored.state, "match")
    require_in_time(stored, uow.now)
    recent = _recent(stored, uow.now)
    if len(recent) >= MATCHINGS_MAX:
        raise ConflictError(f"A demand is matched {MATCHINGS_MAX} times in 24 hours at most. Nothing was changed.")
    if found is None:
        raise ConflictError("The demand has changed meanwhile; ask again. Nothing was changed.")
    told = sorted({match.provider_code for match in found})
    for provider in told:
        _push(uow, demand_id, provider, [_match_value(match) for match in found if match.provider_code == provider])
    changes = {"matches": [_match_value(match) for match in found], "matchings": [*recent, format_time(uow.now)]}
    products = [match.product_code for match in found]
    return move_demand(uow, stored, "match", "matched", changes, products=products, told=told)


def _recent(stored: StoredObject, now: datetime) -> list[str]:
    """When it was matched in the last 24 hours."""
    return [at for at in stored.document["matchings"] if parse_time(at) > now - MATCHINGS_WITHIN]


def _candidates(catalog: Offers, demand: Demand) -> list[Mapping[str, Any]]:
    """Offers that could be good enough: of the topic, or found by the words of an item."""
    found = {}
    searches = [({"topic": tuple({demand.topic, demand.topic[:3] + "00"})}, "")]
    searches += [({}, name) for name in dict.fromkeys(item.name for item in demand.items)]
    for choices, text in searches[:SEARCHES_MAX]:
        limit = CANDIDATES_BY_WORDS_MAX if text else CANDIDATES_MAX
        for entry in catalog.offers(choices=choices, text=text, limit=limit):
            found[entry["product_code"]] = entry
    return list(found.values())


def _push(uow: UnitOfWork, demand_id: str, provider: str, matches: list[dict[str, Any]]) -> None:
    """Puts the demand into a provider's inbox, or renews what is there."""
    name = bid_id(demand_id, provider)
    document = {"demand_id": demand_id, "matches": matches}
    there = uow.find(NOTICE, name)
    if there is None:
        uow.create(NOTICE, name, state=NOTICE_LIFE.initial, parties=(provider,), document=document, act="push")
    else:
        uow.change(there, act="push", state=NOTICE_LIFE.next(there.state, "push"), document=document)


def _match_value(match: Match) -> dict[str, Any]:
    return {
        "product_code": match.product_code,
        "version": match.version,
        "provider_code": match.provider_code,
        "score": match.score,
        "reasons": [{"reason": reason, "worth": worth} for reason, worth in match.reasons],
    }
