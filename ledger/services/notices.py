"""The inbox of a body: what others did that concerns it. A notice names the object, which says the rest; it is no evidence of its own."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from ledger.domain.notice import KIND, LIFE
from ledger.errors import NotFoundError
from ledger.log.timestamps import format_time
from ledger.services.bodies import participant_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.moves import moved


def notify(uow: UnitOfWork, about: StoredObject, event: str, recipients: Iterable[str], **said: Any) -> tuple[str, ...]:
    """Puts a notice into the inbox of each; in the transaction of what it tells of, and before that records its event.

    Who has been told the same of this revision is not told again. Returns whom it told.

    Args:
        uow: of the use case.
        about: the object, as it is now.
        event: what happened to it, in a word of ours.
        recipients: subject codes; each is told once.
        said: ids and words of ours that the notice holds.
    """
    document = {
        "about": {"kind": about.kind, "object_id": about.object_id, "revision": about.revision},
        "event": event,
        "said": said,
        "at": format_time(uow.now),
        "read_at": None,
    }
    told = []
    for code in sorted(set(recipients)):
        name = sha256("\n".join((about.kind, about.object_id, str(about.revision), event, code)).encode()).hexdigest()
        if uow.find(KIND, name[:40]) is None:
            uow.create(KIND, name[:40], state=LIFE.initial, parties=(code,), document=document, act="send")
            told.append(code)
    return tuple(told)


def read_notice(uow: UnitOfWork, notice_id: str) -> StoredObject:
    """The recipient says that it has read a notice.

    Raises:
        NotFoundError: there is none of the actor's body.
        IllegalTransitionError: it was read already.
    """
    stored = uow.get(KIND, notice_id)
    if stored.parties != (participant_of(uow.actor),):
        raise NotFoundError("There is no such notice.")
    read = moved(uow, LIFE, stored, "read", {"read_at": format_time(uow.now)})
    about = stored.document["about"]
    uow.record(
        "org.cityledger.notice.read.v1",
        {"notice_id": notice_id, "about_kind": about["kind"], "event": stored.document["event"]},
        subject=about["object_id"],
    )
    return read
