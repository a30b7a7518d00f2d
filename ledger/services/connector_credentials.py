"""Bearer credentials by which the connectors of others know a body of ours: set, replaced and removed by its administrator.

Object: ``connector_credential``, named after the body and the address. Its document has the address; the token is in the sealed part,
from where only the delivery of messages takes it. No answer and no event ever has it.
"""

from hashlib import sha256
from typing import Final

from ledger.domain.negotiation.credentials import (
    CREDENTIAL_LIFE,
    CREDENTIALS_MAX,
    REMOVED,
    SET,
    address_key,
    check_token,
    keys_above,
)
from ledger.errors import ConflictError, NotFoundError
from ledger.services.bodies import acting_body
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.negotiation_records import KIND as NEGOTIATION
from ledger.services.negotiation_records import negotiation_of_message

KIND: Final = "connector_credential"
EVENT: Final = "org.cityledger.connector_credential.{}.v1"


def credential_id(participant: str, address: str) -> str:
    """The name of a body's credential for an address, however that is spelled."""
    return f"ccr-{sha256(f'{participant} {address_key(address)}'.encode()).hexdigest()[:32]}"


def set_credential(uow: UnitOfWork, address: str, token: str) -> StoredObject:
    """What our body shows from now on to the connector at ``address`` and below it; a second call replaces the token.

    Raises:
        InvalidCallbackAddressError: the address is none.
        InvalidNegotiationMessageError: the token is none.
        BodyNotAbleError: the body is not in good standing.
        ConflictError: it has too many.
    """
    participant = acting_body(uow).code
    check_token(token)
    name = credential_id(participant, address)
    uow.hold(f"{KIND} {participant}")
    known = uow.find(KIND, name)
    is_more = known is None or known.state == REMOVED
    if is_more and len(uow.owned(KIND, participant, states=(SET,))) >= CREDENTIALS_MAX:
        raise ConflictError(f"A body has {CREDENTIALS_MAX} credentials at most; remove one. Nothing was changed.")
    if known is None:
        document = {"participant": participant, "address": address_key(address)}
        stored = uow.create(
            KIND, name, state=CREDENTIAL_LIFE.initial, parties=(participant,), document=document, act="set"
        )
    else:
        act = "set_again" if known.state == REMOVED else "replace"
        stored = uow.change(known, act=act, state=CREDENTIAL_LIFE.next(known.state, act))
    uow.put_private(stored, {"token": token})
    _record(uow, stored, "set")
    return stored


def remove_credential(uow: UnitOfWork, name: str) -> StoredObject:
    """Nothing is shown to that connector any more, and the token is gone from here.

    Raises:
        NotFoundError: the actor's body has no such credential.
        IllegalTransitionError: it was removed before.
    """
    stored = uow.get(KIND, name)
    if stored.document["participant"] != uow.actor.participant:
        raise NotFoundError("There is no such credential.")
    changed = uow.change(stored, act="remove", state=CREDENTIAL_LIFE.next(stored.state, "remove"))
    uow.put_private(changed, {})
    _record(uow, changed, "removed")
    return changed


def credential_for(uow: UnitOfWork, message_id: str) -> str | None:
    """The token to show where a message of ours goes; None when its body has none for that address.

    Args:
        uow: of whoever delivers; nothing is changed.
        message_id: name of the message's object.

    Raises:
        SealBrokenError: there is one, and its key is gone.
    """
    negotiation = uow.peek(NEGOTIATION, negotiation_of_message(message_id))
    assert negotiation is not None, "a message that waits has its negotiation"
    document = negotiation.document
    for address in keys_above(document["address"]):
        found = uow.peek(KIND, credential_id(document[document["side"]], address))
        if found is not None and found.state == SET:
            return str(uow.private(found)["token"])
    return None


def _record(uow: UnitOfWork, stored: StoredObject, event: str) -> None:
    data = {"credential_id": stored.object_id, "revision": stored.revision, **stored.document}
    uow.record(EVENT.format(event), data, subject=stored.object_id)
