"""How an agreement ends, whoever or whatever ends it, and what follows: stop of the calls, voucher, proof owed by the consumer, notices.

Consent and ruling are signed for the contract (``agreement_filing.dissolve_agreement``). Expiry and the conditions that the agreement itself
states come true here by themselves, by the anchor service; the chain holds the validity, and takes no end without signatures. Locks:
agreement, instructions; what follows is made new.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ledger.bundle.agreement_chain import agreement_reason_digest
from ledger.bundle.agreement_papers import VOUCHER as VOUCHER_PAPER
from ledger.bundle.agreement_papers import paper_digest
from ledger.bundle.termination_voucher import termination_voucher
from ledger.domain.agreement_status import AGREEMENT_LIFE, ENDED_ALONE, Ground
from ledger.domain.control_instruction import Purpose
from ledger.domain.termination import (
    DESTRUCTION,
    DESTRUCTION_DUTY,
    DESTRUCTION_LIFE,
    DESTRUCTION_WITHIN,
    END_BY_EXPIRY,
    END_BY_RULE,
    ENDS,
    VOUCHER,
    VOUCHER_DUTY,
    VOUCHER_LIFE,
    VOUCHER_WITHIN,
    Ended,
)
from ledger.log.timestamps import format_time
from ledger.services.act_sm2 import Sm2Signature
from ledger.services.agreement_objects import KIND, act_of_agreement, disclosed_of, move_agreement, record_agreement
from ledger.services.bodies import acting_body, require_role
from ledger.services.business import StoredObject, UnitOfWork, salt_of_ids
from ledger.services.control_instructions import issue_instructions, record_issued, withdraw_unreceived
from ledger.services.notices import notify
from ledger.services.paper_signatures import signed_paper

EVENT: Final = "org.cityledger.termination_voucher.{}.v1"
PLATFORMS: Final = ("trading_platform", "authorisation_platform")
NOT_IN_FORCE: Final = "A connector had not put its control instruction in force in the time that the agreement states."
BREACHES: Final = "Connectors reported as many breaches as the agreement states."


def owe_expiry(uow: UnitOfWork, agreement: StoredObject) -> None:
    """Has a concluded agreement end by itself after its last second."""
    uow.set_deadline(agreement, END_BY_EXPIRY, _scheduled(agreement) + timedelta(seconds=1))


def owe_performance(uow: UnitOfWork, agreement: StoredObject) -> None:
    """Has a filed agreement end by itself unless both connectors perform in the time that it states, if it states one."""
    days = disclosed_of(agreement).end_limit("not_in_force")
    if days is not None:
        uow.set_deadline(agreement, END_BY_RULE, uow.now + timedelta(days=days))


def end_when_due(uow: UnitOfWork, agreement_id: str, duty: str) -> StoredObject | None:
    """Ends an agreement whose time, or whose time to begin, is over; None when that is not so any more.

    Args:
        uow: of the anchor service.
        agreement_id: the agreement.
        duty: one of ``ledger.domain.termination.ENDS``, of which a term has passed.
    """
    assert duty in ENDS, duty
    stored = uow.find(KIND, agreement_id)
    act = "expire" if duty == END_BY_EXPIRY else "end_by_rule"
    if stored is None or stored.state not in ENDED_ALONE or act not in AGREEMENT_LIFE.allowed(stored.state):
        return None
    if duty == END_BY_EXPIRY:
        return end_alone(uow, stored, Ground.EXPIRY, None)
    return end_alone(uow, stored, Ground.RULE, NOT_IN_FORCE)


def end_alone(uow: UnitOfWork, stored: StoredObject, ground: Ground, text: str | None) -> StoredObject:
    """Ends an agreement by expiry or by a condition of its own, with all that follows and its evidence.

    Args:
        uow: of the anchor service, or of whoever made the condition come true.
        stored: the agreement, locked.
        ground: ``EXPIRY`` or ``RULE``.
        text: which condition, in words of ours; None on expiry.
    """
    at, ends_at = uow.now, _scheduled(stored)
    effective_at = ends_at if ground is Ground.EXPIRY else min(at, ends_at)
    ending: dict[str, Any] = {
        "text": text,
        "by": None,
        "at": format_time(at),
        "ground": str(ground),
        "effective_at": int(effective_at.timestamp()),
    }
    act = "expire" if ground is Ground.EXPIRY else "end_by_rule"
    moved = move_agreement(uow, stored, act, {"ending": ending})
    following = follow_end(uow, moved, {})
    said = {"ground": str(ground), "effective_at": ending["effective_at"]}
    digest = agreement_reason_digest(salt_of_ids(moved), ending).hex()
    record_agreement(uow, moved, "ended", reason_digest=digest, **said, **following.facts)
    following.record(uow)
    return moved


class Following:
    """What was made with the end of an agreement, to be recorded after all changes.

    Args:
        facts: digests and numbers for the event of the end.
        issued: the stop instructions, if there are any.
    """

    def __init__(self, facts: Mapping[str, Any], issued: tuple[StoredObject, ...]) -> None:
        self.facts = facts
        self._issued = issued

    def record(self, uow: UnitOfWork) -> None:
        """The evidence of the instructions."""
        if self._issued:
            record_issued(uow, self._issued)


def follow_end(uow: UnitOfWork, agreement: StoredObject, signed: Mapping[str, Any]) -> Following:
    """Makes what the end of an agreement needs; its event comes after.

    Args:
        uow: of the end.
        agreement: as it is now, terminated, with its ``ending``.
        signed: ``act_id``, ``tx_hash`` and ``signers`` of the end on the chain; empty when nobody signed it.
    """
    document, ending = agreement.document, agreement.document["ending"]
    for duty in ENDS:
        uow.meet_deadline(agreement, duty)
    was_filed = document["filed"] is not None
    effective_at = datetime.fromtimestamp(ending["effective_at"], UTC)
    if signed:  # an end in the past holds from when the chain has decided
        effective_at = max(effective_at, uow.now)
    issued: tuple[StoredObject, ...] = ()
    if was_filed:
        withdraw_unreceived(uow, agreement)
        issued = issue_instructions(uow, agreement, Purpose.STOP, effective_at)
        _owe_destruction(uow, agreement, effective_at)
    voucher = _make_voucher(uow, agreement, effective_at, signed)
    ground, digest = ending["ground"], voucher.document["voucher_digest"]
    notify(uow, agreement, "agreement_ended", agreement.parties, ground=ground, voucher_digest=digest)
    return Following({"voucher_digest": digest, "stop": issued[0].document["number"] if issued else None}, issued)


def sign_voucher(uow: UnitOfWork, agreement_id: str, sm2: Sm2Signature) -> StoredObject:
    """A platform of the agreement signs the voucher of an end that came by itself (``ENDINGS``), with an SM2 key that it has on file.

    Raises:
        NotFoundError: there is no such voucher that the actor may see.
        IllegalTransitionError: it is signed already.
        AccessError: the actor is no platform of this agreement.
        SignatureError: no key of the platform signed this voucher.
        BodyNotAbleError: the platform is not in good standing.
    """
    stored = uow.get(VOUCHER, agreement_id)
    state = VOUCHER_LIFE.next(stored.state, "sign")
    require_role(uow.actor, *PLATFORMS)
    platform = acting_body(uow, *PLATFORMS)
    given = signed_paper(uow, platform.code, VOUCHER_PAPER, stored.document["voucher"], sm2)
    changed = uow.change(stored, act="sign", state=state, document={**stored.document, "signatures": [given]})
    uow.meet_deadline(changed, VOUCHER_DUTY)
    said = {"agreement_id": agreement_id, "voucher_digest": stored.document["voucher_digest"], "by": platform.code}
    uow.record(EVENT.format("signed"), said, subject=agreement_id)
    return changed


def _make_voucher(
    uow: UnitOfWork, agreement: StoredObject, effective_at: datetime, signed: Mapping[str, Any]
) -> StoredObject:
    document, ending = agreement.document, agreement.document["ending"]
    ended = Ended(
        ground=Ground(ending["ground"]),
        reason=ending["text"],
        by=ending["by"],
        ended_at=uow.now,
        effective_at=effective_at,
        scheduled_at=_scheduled(agreement),
    )
    was_filed = document["filed"] is not None
    voucher = termination_voucher(
        (agreement.object_id, document["contract_hash"]),
        (document["provider"], document["consumer"]),
        ended,
        data_after_end=disclosed_of(agreement).data_after_end if was_filed else None,
    )
    kept = {
        "agreement_id": agreement.object_id,
        "voucher": voucher,
        "voucher_digest": paper_digest(VOUCHER_PAPER, salt_of_ids(agreement), voucher).hex(),
        "signatures": list(signed.get("signers", ())),
        "chain": {name: signed[name] for name in ("act_id", "tx_hash")} if signed else None,
    }
    state = VOUCHER_LIFE.next(VOUCHER_LIFE.initial, "sign") if signed else VOUCHER_LIFE.initial
    made = uow.create(VOUCHER, agreement.object_id, state=state, parties=agreement.parties, document=kept, act="issue")
    if not signed:
        uow.set_deadline(made, VOUCHER_DUTY, uow.now + VOUCHER_WITHIN)
    return made


def _owe_destruction(uow: UnitOfWork, agreement: StoredObject, effective_at: datetime) -> None:
    document = {
        "agreement_id": agreement.object_id,
        "consumer": agreement.document["consumer"],
        "provider": agreement.document["provider"],
        "asked": disclosed_of(agreement).data_after_end,
        "proof": None,
        "signature": None,
        "contest": None,
    }
    name, parties = agreement.object_id, agreement.parties
    owed = uow.create(DESTRUCTION, name, state=DESTRUCTION_LIFE.initial, parties=parties, document=document, act="owe")
    uow.set_deadline(owed, DESTRUCTION_DUTY, max(uow.now, effective_at) + DESTRUCTION_WITHIN)


def _scheduled(agreement: StoredObject) -> datetime:
    return datetime.fromtimestamp(act_of_agreement(agreement).valid_until, UTC)
