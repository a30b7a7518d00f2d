"""Bodies as other features see them: their name, their standing and the keys by which they sign acts, read from the participant object."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.acts.kinds import KeyPurpose
from ledger.domain.credit import NO_NEW_ORDERS, CreditFile
from ledger.domain.records import stored_from_json
from ledger.errors import AccessError, ConflictError
from ledger.services.acts import Signer
from ledger.services.business import Actor, UnitOfWork

PARTICIPANT: Final = "participant"
IN_STANDING: Final = "active"


class BodyNotAbleError(ConflictError):
    """A body that has to act or sign is not admitted, suspended, not qualified, lacks the role, or has no valid key."""

    code = "body_not_able"
    title = "Body not able"


@dataclass(frozen=True, slots=True)
class Body:
    """An admitted body.

    Args:
        code: subject code, 18 characters.
        name: registered name.
        body_id: its id on the chain, 32 bytes.
        roles: names of body roles, lower case.
        business_keys: addresses, 20 bytes each, that may sign business acts for it.
        limits: what its credit file means for it (``ledger.domain.credit.LIMITS``).
    """

    code: str
    name: str
    body_id: bytes
    roles: frozenset[str]
    business_keys: tuple[bytes, ...]
    limits: tuple[str, ...] = ()

    def signer(self, parameter: str) -> Signer:
        """Its place in an act; ``parameter`` is the contract function's that takes the signature.

        Raises:
            BodyNotAbleError: it has no valid business key.
        """
        if not self.business_keys:
            raise BodyNotAbleError("The body has no valid business key, so it could not sign. Nothing was changed.")
        return Signer(parameter, self.code, self.body_id, KeyPurpose.BUSINESS, self.business_keys)

    def require_unlimited(self, limit: str) -> None:
        """Refuses what the body's credit file forbids it.

        Raises:
            BodyNotAbleError: the limit is in force.
        """
        if limit in self.limits:
            raise BodyNotAbleError(
                f"The credit of the body that this needs is limited: {limit}. Nothing was changed.", limit=limit
            )


def participant_of(actor: Actor) -> str:
    """The body on whose behalf the actor acts.

    Raises:
        AccessError: its account belongs to no body.
    """
    if actor.participant is None:
        raise AccessError("This account belongs to no admitted body. Nothing was changed.")
    return actor.participant


def require_role(actor: Actor, *roles: str) -> None:
    """Refuses an actor that acts in none of these roles.

    Raises:
        AccessError: says which roles may.
    """
    if not actor.roles & set(roles):
        raise AccessError(f"This is done as {' or '.join(roles)}. Nothing was changed.")


def body_of(uow: UnitOfWork, code: str, *roles: str) -> Body:
    """The admitted body of this subject code, in good standing and with one of these roles.

    A suspension counts from when it is proposed. The object is not locked: one that comes at the same moment is judged by the contract.

    Raises:
        BodyNotAbleError: there is none, or it is suspended, failed its re-check, its qualification is over, or it has none of the roles.
    """
    found = uow.peek(PARTICIPANT, code)
    body = None if found is None else _read(code, found.document)
    if found is None or body is None or found.state != IN_STANDING:
        raise BodyNotAbleError("A body that this needs is not admitted, or is suspended. Nothing was changed.")
    step = found.document["open_step"]
    if step is not None and step["step"] == "suspend":
        raise BodyNotAbleError("A body that this needs is being suspended. Nothing was changed.")
    if found.document.get("failed_recheck") is not None:
        raise BodyNotAbleError("A body that this needs failed its re-check. Nothing was changed.")
    if uow.now.timestamp() > found.document["chain"]["qualified_until"]:
        raise BodyNotAbleError("The qualification of a body that this needs is over. Nothing was changed.")
    if roles and not set(roles) & body.roles:
        raise BodyNotAbleError(f"A body that this needs has not the role {' or '.join(roles)}. Nothing was changed.")
    return body


def known_body(uow: UnitOfWork, code: str) -> Body | None:
    """The body of this subject code, whatever its standing; None when the chain never held it."""
    found = uow.peek(PARTICIPANT, code)
    return None if found is None else _read(code, found.document)


def _read(code: str, document: Mapping[str, Any]) -> Body | None:
    if document["chain"] is None:
        return None
    keys = tuple(
        bytes.fromhex(key["address"].removeprefix("0x"))
        for key in document["keys"]
        if key["state"] == "valid" and "business" in key["purposes"]
    )
    body_id = bytes.fromhex(document["chain"]["body_id"].removeprefix("0x"))
    limits = stored_from_json(CreditFile, document["credit"]).limits
    return Body(code, document["organisation"]["name"], body_id, frozenset(document["roles"]), keys, limits)


def acting_body(uow: UnitOfWork, *roles: str) -> Body:
    """The body on whose behalf the actor acts, in good standing and with one of these roles.

    Raises:
        AccessError: its account belongs to no body.
        BodyNotAbleError: as ``body_of``.
    """
    return body_of(uow, participant_of(uow.actor), *roles)


def ordering_body(uow: UnitOfWork, *roles: str) -> Body:
    """As ``acting_body``, for what leads to an order: the body's credit must not be limited so far.

    Raises:
        As ``acting_body``.
    """
    body = acting_body(uow, *roles)
    body.require_unlimited(NO_NEW_ORDERS)
    return body


def require_own_standing(uow: UnitOfWork) -> None:
    """Refuses an actor whose body is not in good standing; one that acts for no body passes.

    Raises:
        BodyNotAbleError: as ``body_of``.
    """
    if uow.actor.participant is not None:
        acting_body(uow)
