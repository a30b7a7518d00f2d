"""Bodies with reserved roles: the council admits them on the chain, and the registry of participants records that they are there."""

from dataclasses import dataclass
from typing import Final

from ledger.domain.participant import (
    ACTIVE,
    KIND,
    ChainKey,
    OnChain,
    Organisation,
    Participant,
    participant_to_json,
)
from ledger.domain.subject_code import parse_subject_code
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.participant_records import record

COUNCIL_RULES: Final = "council"
"""In the place of the admission rules' version: the council judged."""


@dataclass(frozen=True, slots=True)
class ReservedBody:
    """A body that the council admitted.

    Args:
        organisation: who it is.
        role: its one role, lower case.
        keys: its valid keys.
        body_id: on the chain, 32 bytes.
        qualified_until: last second of its qualification, Unix time.
    """

    organisation: Organisation
    role: str
    keys: tuple[ChainKey, ...]
    body_id: bytes
    qualified_until: int


def record_reserved_body(uow: UnitOfWork, body: ReservedBody, salt: bytes) -> StoredObject:
    """Records the body as an active participant; one that is recorded already stays as it is.

    Args:
        uow: of whoever sets the installation up.
        body: what the chain holds.
        salt: 32 random bytes for digests of reasons.
    """
    code = body.organisation.code
    parse_subject_code(code)
    there = uow.find(KIND, code)
    if there is not None:
        return there
    participant = Participant(
        organisation=body.organisation,
        roles=(body.role,),
        rules=COUNCIL_RULES,
        facts_digest="",
        documents=(),
        keys=body.keys,
        chain=OnChain("0x" + body.body_id.hex(), 0, body.qualified_until),
    )
    stored = uow.create(
        KIND, code, state=ACTIVE, parties=(code,), document=participant_to_json(participant), act="record"
    )
    uow.put_private(stored, {"salt": salt.hex(), "facts": {}})
    record(uow, stored, "recorded", {"roles": [body.role], "body_id": "0x" + body.body_id.hex()})
    return stored
