"""Widening an authorisation for a while: its holder asks, its issuer grants or refuses; what is granted ends by its own days.

A widening may go beyond the application, never beyond the product's policy, the scenario or the bans. One line of it must have all
that a use needs: lines are not added up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.authorisation import (
    KIND,
    LIFE,
    WIDENING,
    WIDENING_LIFE,
    WIDENINGS_MAX,
    Authorisation,
    AuthorisedItem,
    InvalidAuthorisationError,
    Widening,
    check_widening,
)
from ledger.domain.authorisation_coverage import check_within_policy
from ledger.domain.records import from_json, stored_from_json, to_json
from ledger.domain.working_days import day_in_shanghai
from ledger.errors import ConflictError, NotFoundError
from ledger.log.canonical import encode_jcs
from ledger.log.timestamps import format_time
from ledger.services.applications import digest_of
from ledger.services.authorisations import (
    authorisation_of,
    checked_reasons,
    policy_of,
    record,
    require_holder,
    require_issuer_of,
)
from ledger.services.bodies import acting_body, body_of
from ledger.services.business import StoredObject, UnitOfWork

ITEMS_BYTES_MAX: Final = 32 << 10
"""Of what is asked for, as canonical JSON: every revision of the authorisation keeps what was granted."""


@dataclass(frozen=True, slots=True)
class AskedItems:
    """The lines that are asked for."""

    items: tuple[AuthorisedItem, ...]


def widening_id(authorisation_id: str, number: int) -> str:
    """Name of a request to widen."""
    return f"{authorisation_id}/{number}"


def ask_widening(uow: UnitOfWork, authorisation_id: str, asked: Mapping[str, Any], reasons: str) -> StoredObject:
    """The holder asks for more for a while; gives the request.

    Args:
        uow: of the holder.
        authorisation_id: of its authorisation.
        asked: members of ``AskedItems`` as JSON.
        reasons: why.

    Raises:
        NotFoundError: there is no such authorisation of the actor's.
        IllegalTransitionError: it is not in force.
        ConflictError: too many were asked for already.
        InvalidAuthorisationError: the items are none, too long, or beyond the days of the list.
        TooWideAuthorisationError: the product's policy does not allow them.
        BodyNotAbleError: the holder is not in good standing.
    """
    stored = uow.get(KIND, authorisation_id)
    require_holder(uow, stored)
    acting_body(uow)
    state = LIFE.next(stored.state, "ask_widening")
    number = stored.document["widenings_asked"] + 1
    if number > WIDENINGS_MAX:
        raise ConflictError(f"An authorisation is widened {WIDENINGS_MAX} times at most. Nothing was changed.")
    items = _asked_items(asked)
    authorisation = authorisation_of(stored)
    check_widening(authorisation, items, day_in_shanghai(uow.now))
    _check_policy(stored, authorisation, number, items)
    document = {
        "authorisation": authorisation_id,
        "number": number,
        "items": [to_json(one) for one in items],
        "reasons": checked_reasons(reasons),
        "asked_at": format_time(uow.now),
        "decision": None,
    }
    changed = uow.change(
        stored, act="ask_widening", state=state, document={**stored.document, "widenings_asked": number}
    )
    made = uow.create(
        WIDENING,
        widening_id(authorisation_id, number),
        state=WIDENING_LIFE.initial,
        parties=stored.parties,
        document=document,
        act="ask",
    )
    record(uow, changed, "widening_asked", number=number, items_digest=digest_of(stored, "items", document["items"]))
    return made


def grant_widening(uow: UnitOfWork, authorisation_id: str, number: int, reasons: str) -> StoredObject:
    """The issuer grants it as it was asked for; gives the request.

    Raises:
        NotFoundError: there is none that the actor may see.
        AccessError: the actor is not the issuer.
        IllegalTransitionError: the authorisation is not in force, or the request is decided.
        InvalidAuthorisationError: its days are over, or no reasons.
        TooWideAuthorisationError: with what was granted meanwhile it is more than the policy allows.
        BodyNotAbleError: holder or issuer is not in good standing.
    """
    stored, request = _both(uow, authorisation_id, number)
    require_issuer_of(uow, stored)
    state = LIFE.next(stored.state, "widen")
    WIDENING_LIFE.next(request.state, "grant")
    body_of(uow, stored.document["holder"])
    items = stored_from_json(AskedItems, {"items": request.document["items"]}).items
    today = day_in_shanghai(uow.now).isoformat()
    if any(one.valid_until < today for one in items):
        raise InvalidAuthorisationError("The days of the widening are over. Nothing was changed.")
    _check_policy(stored, authorisation_of(stored), number, items)
    widening = to_json(Widening(number, items))
    document = {**stored.document, "widenings": [*stored.document["widenings"], widening]}
    changed = uow.change(stored, act="widen", state=state, document=document)
    decided = _decide(uow, request, "grant", reasons)
    record(uow, changed, "widened", number=number, items_digest=digest_of(stored, "items", widening["items"]))
    return decided


def refuse_widening(uow: UnitOfWork, authorisation_id: str, number: int, reasons: str) -> StoredObject:
    """The issuer refuses it, with reasons; gives the request.

    Raises:
        As ``grant_widening``.
    """
    stored, request = _both(uow, authorisation_id, number)
    require_issuer_of(uow, stored)
    decided = _decide(uow, request, "refuse", reasons)
    record(uow, stored, "widening_refused", number=number)
    return decided


def take_back_widening(uow: UnitOfWork, authorisation_id: str, number: int, reasons: str) -> StoredObject:
    """The holder takes its request back before it is decided; gives the request.

    Raises:
        NotFoundError: there is none of the actor's.
        IllegalTransitionError: it is decided.
        InvalidAuthorisationError: no reasons.
    """
    stored, request = _both(uow, authorisation_id, number)
    require_holder(uow, stored)
    decided = _decide(uow, request, "take_back", reasons)
    record(uow, stored, "widening_taken_back", number=number)
    return decided


def _both(uow: UnitOfWork, authorisation_id: str, number: int) -> tuple[StoredObject, StoredObject]:
    """The authorisation and the request, locked in this order."""
    stored = uow.get(KIND, authorisation_id)
    request = uow.find(WIDENING, widening_id(authorisation_id, number))
    if request is None:
        raise NotFoundError("There is no such widening.")
    return stored, request


def _asked_items(asked: Mapping[str, Any]) -> tuple[AuthorisedItem, ...]:
    items = from_json(AskedItems, asked).items
    if len(encode_jcs([to_json(one) for one in items])) > ITEMS_BYTES_MAX:
        raise InvalidAuthorisationError(f"The items have more than {ITEMS_BYTES_MAX} bytes. Nothing was changed.")
    return items


def _check_policy(
    stored: StoredObject, authorisation: Authorisation, number: int, items: tuple[AuthorisedItem, ...]
) -> None:
    wider = Authorisation(authorisation.listed, (*authorisation.widenings, Widening(number, items)))
    check_within_policy(items, policy_of(stored), authorisation.listed.purpose, wider.calls)


def _decide(uow: UnitOfWork, request: StoredObject, act: str, reasons: str) -> StoredObject:
    state = WIDENING_LIFE.next(request.state, act)
    decision = {"reasons": checked_reasons(reasons), "account": uow.actor.account_id, "at": format_time(uow.now)}
    return uow.change(request, act=act, state=state, document={**request.document, "decision": decision})
