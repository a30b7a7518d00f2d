"""What comes after the text of an agreement: abandoned before it binds, or filed by a platform and dissolved.

A dissolution is signed by both parties, or ordered by an arbitrator or a regulator alone (``ledger.domain.agreement_status.ENDINGS``). The
contract counts ends by who signed them; each of them ends the agreement for good here, so the count that an act names is 0.
"""

from typing import Final

from ledger.bundle.agreement_chain import agreement_chain_id, agreement_reason_digest, filing_digest
from ledger.domain.acts.digital_contract_registry import AgreementFiling, Termination
from ledger.domain.agreement_status import Ground, may_end
from ledger.domain.order_life import KIND as ORDER
from ledger.errors import AccessError, ConflictError, InputError
from ledger.log.timestamps import format_time
from ledger.services.act_withdrawal import require_open, withdraw_act
from ledger.services.acts import Signer
from ledger.services.agreement_objects import (
    KIND,
    act_of_agreement,
    get_agreement,
    is_party,
    move_agreement,
    record_agreement,
    require_party,
)
from ledger.services.agreement_steps import back_of
from ledger.services.bodies import BodyNotAbleError, acting_body, known_body, participant_of, require_role
from ledger.services.business import StoredObject, UnitOfWork, salt_of_ids
from ledger.services.trade_chain import Asked, ask_chain, reason_of, require_own_wait, take_back

PLATFORMS: Final = ("trading_platform", "authorisation_platform")
AUTHORITIES: Final = ("arbitrator", "regulator")


def abandon_agreement(uow: UnitOfWork, agreement_id: str, text: str) -> StoredObject:
    """Either party gives an agreement up before all have signed it; its order can have another one.

    Raises:
        NotFoundError: there is no such agreement that the actor may see.
        IllegalTransitionError: it is signed already.
        AccessError: the actor is no party.
        ConflictError: all signatures are there, and the chain decides.
        InputError: there is no reason.
    """
    stored = get_agreement(uow, agreement_id, "abandon")
    require_party(uow, stored)
    reason = reason_of(uow, text)
    waiting = stored.document["waiting"]
    if waiting is not None:
        require_open(uow, waiting["act_id"])
    moved = move_agreement(uow, stored, "abandon", {"waiting": None, "ending": reason})
    if stored.document["order_id"] is not None:
        order = uow.find(ORDER, stored.document["order_id"])
        assert order is not None, "the order of an agreement is there"
        uow.change(order, act="abandon_agreement", document={**order.document, "agreement_id": None})
    if waiting is not None:
        withdraw_act(uow, waiting["act_id"])
    record_agreement(uow, moved, "abandoned", reason_digest=agreement_reason_digest(salt_of_ids(stored), reason).hex())
    return moved


def file_agreement(uow: UnitOfWork, agreement_id: str) -> StoredObject:
    """A platform that reviewed the product files the agreement under its contract id and hash; its key signs ``AgreementFiling``.

    Raises:
        NotFoundError: there is no such agreement that the actor may see.
        IllegalTransitionError: it is not signed, or filed already.
        AccessError: the actor is none of its platforms.
        BodyNotAbleError: the platform is not in good standing.
    """
    stored = get_agreement(uow, agreement_id, "file")
    require_role(uow.actor, *PLATFORMS)
    platform = acting_body(uow, *PLATFORMS)
    if platform.code not in stored.document["platforms"]:
        raise AccessError("Another platform files this agreement. Nothing was changed.")
    filing = {
        "contract_id": agreement_id,
        "contract_hash": stored.document["contract_hash"],
        "filed_by": platform.code,
        "at": format_time(uow.now),
    }
    digest = filing_digest(salt_of_ids(stored), filing)
    act = AgreementFiling(_chain_id(stored), bytes.fromhex(stored.document["contract_hash"]), digest)
    waiting = ask_chain(uow, stored, Asked("file", act, "file", [platform.signer("platform")]))
    moved = move_agreement(uow, stored, "file", {"filing": filing, "waiting": waiting})
    record_agreement(uow, moved, "filing_asked", filing_digest=digest.hex(), act_id=waiting["act_id"])
    return moved


def dissolve_agreement(uow: UnitOfWork, agreement_id: str, effective_at: int, text: str) -> StoredObject:
    """Ends an agreement before its time: by both parties' signatures, or by an arbitrator's or a regulator's alone.

    Args:
        uow: of a party, which then needs the other one's signature too, or of an authority.
        agreement_id: the agreement.
        effective_at: last second of delivery, Unix time; one in the past is taken as the moment at which the chain decides.
        text: why, or what was ruled.

    Raises:
        NotFoundError: there is no such agreement that the actor may see.
        IllegalTransitionError: it is not concluded, or has ended.
        AccessError: the actor is neither a party nor such an authority.
        InputError: the end is later than agreed, or there is no reason.
        BodyNotAbleError: a body has no valid key, or the authority is not in good standing.
    """
    stored = get_agreement(uow, agreement_id, "end")
    if not 0 < effective_at <= act_of_agreement(stored).valid_until:
        raise InputError("effective_at is a Unix time no later than the agreed end. Nothing was changed.")
    ground, signers = _signers_of_end(uow, stored)
    reason = reason_of(uow, text, ground=str(ground), effective_at=effective_at)
    digest = agreement_reason_digest(salt_of_ids(stored), reason)
    act = Termination(_chain_id(stored), effective_at, digest, 0)
    waiting = ask_chain(uow, stored, Asked("end", act, "terminate", signers))
    moved = move_agreement(uow, stored, "end", {"ending": reason, "waiting": waiting})
    said = {"ground": str(ground), "reason_digest": digest.hex(), "effective_at": effective_at}
    record_agreement(uow, moved, "end_asked", act_id=waiting["act_id"], **said)
    return moved


def withdraw_agreement_step(uow: UnitOfWork, agreement_id: str) -> StoredObject:
    """Takes back the step of an agreement that waits for signatures: by who asked for it, later by any of its parties.

    Raises:
        NotFoundError: there is no such agreement that the actor may see.
        ConflictError: no step waits, or its signatures are all there and the chain decides.
        AccessError: another body asked for it, and there is time left to sign; or the actor only reads it.
    """
    stored = uow.get(KIND, agreement_id)
    waiting = stored.document["waiting"]
    is_askers = waiting is not None and waiting["by"] == participant_of(
        uow.actor
    )  # an authority's ruling is no party's
    if not is_askers and participant_of(uow.actor) not in stored.parties:
        raise AccessError("A party of the agreement, or its platform, does this. Nothing was changed.")
    waiting = require_own_wait(uow, stored)
    moved = move_agreement(uow, stored, back_of(waiting), {"waiting": None})
    take_back(uow, waiting)
    said = {"step": waiting["step"], "act_id": waiting["act_id"], "by": participant_of(uow.actor)}
    record_agreement(uow, moved, "step_withdrawn", **said)
    return moved


def _signers_of_end(uow: UnitOfWork, stored: StoredObject) -> tuple[Ground, list[Signer]]:
    document = stored.document
    if is_party(stored, uow.actor.participant):
        bodies = {"provider": known_body(uow, document["provider"]), "consumer": known_body(uow, document["consumer"])}
        signers = [body.signer("signers") for body in bodies.values() if body is not None]
        if len(signers) < len(bodies):
            raise BodyNotAbleError("A party of the agreement is not admitted. Nothing was changed.")
        ground, roles = Ground.CONSENT, frozenset(bodies)
    else:
        require_role(uow.actor, *AUTHORITIES)
        authority = acting_body(uow, *AUTHORITIES)
        ground, signers = Ground.RULING, [authority.signer("signers")]
        roles = authority.roles & set(AUTHORITIES)
    if not may_end(ground, roles):
        raise ConflictError("These signatures do not end an agreement on this ground. Nothing was changed.")
    return ground, signers


def _chain_id(stored: StoredObject) -> bytes:
    return agreement_chain_id(salt_of_ids(stored), stored.object_id)
