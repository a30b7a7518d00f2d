"""What the steps of orders and agreements share: how one waits for the chain, who may sign it, and how it is taken back.

A step's act has the order or the agreement as its subject. While it waits, the member ``waiting`` of the subject's document says for what;
one that the contract refused leaves ``refused``. Feature modules register what follows (``order_chain``, ``agreement_chain``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ledger.domain.act_life import LIFE as ACT_LIFE
from ledger.domain.acts.orders import OrderClosing
from ledger.domain.chain_counts import is_wrong_nonce
from ledger.domain.typed_acts import Act
from ledger.errors import AccessError, ConflictError, InputError, MisuseError, SignerKeyEndedError
from ledger.log.timestamps import format_time, parse_time
from ledger.services.act_withdrawal import require_open, withdraw_act
from ledger.services.acts import SIGN_DUTY, Signer, call_act, propose_act
from ledger.services.bodies import body_of, known_body, participant_of
from ledger.services.business import StoredObject, UnitOfWork

SIGN_WITHIN: Final = timedelta(days=5)
"""Who is asked for a signature has so long; a breach is evidence, and any party may then take the step back."""

TEXT_CHARACTERS_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One step that the chain decides.

    Args:
        step: names what follows, together with the subject's kind.
        act: what is signed.
        function: of its contract.
        signers: by whom.
        due_by: when the signatures must be there at the latest, Unix time; None for ``SIGN_WITHIN`` alone.
        arguments: of the function, that the act does not say.
    """

    step: str
    act: Act
    function: str
    signers: Sequence[Signer]
    due_by: int | None = None
    arguments: Mapping[str, bytes] | None = None


def ask_chain(uow: UnitOfWork, subject: StoredObject, asked: Asked) -> dict[str, Any]:
    """Proposes the act, with the duty to sign it in time; gives the member ``waiting`` of the subject's document."""
    proposed = propose_act(
        uow,
        subject,
        asked.act,
        function=asked.function,
        step=f"trade.{subject.kind}.{asked.step}",
        signers=asked.signers,
        arguments=asked.arguments,
    )
    due_at = uow.now + SIGN_WITHIN
    if asked.due_by is not None:
        due_at = min(due_at, datetime.fromtimestamp(asked.due_by, UTC))
    uow.set_deadline(proposed, SIGN_DUTY, due_at)
    return {
        "step": asked.step,
        "act_id": proposed.object_id,
        "by": participant_of(uow.actor),
        "due_at": format_time(due_at),
        "from": subject.state,
    }


def ask_unsigned(uow: UnitOfWork, subject: StoredObject, asked: Asked, arguments: Mapping[str, bytes]) -> StoredObject:
    """Asks for a call that anybody may relay, because what it names was signed already; the step waits for nobody.

    Args:
        uow: of the step that this follows from.
        subject: the object that it is about.
        asked: the call, without signers.
        arguments: of the function, that the act does not say.
    """
    act = propose_act(
        uow,
        subject,
        asked.act,
        function=asked.function,
        step=f"trade.{subject.kind}.{asked.step}",
        signers=(),
        arguments=arguments,
    )
    calling = uow.change(act, act="complete", state=ACT_LIFE.next(act.state, "complete"))
    call_act(uow, calling)
    return calling


def waiting_of(subject: StoredObject, act: StoredObject) -> Mapping[str, Any]:
    """What an order or an agreement waits for.

    Raises:
        MisuseError: not for this act; nothing may be concluded from it.
    """
    waiting: Mapping[str, Any] | None = subject.document["waiting"]
    if waiting is None or waiting["act_id"] != act.object_id:
        raise MisuseError(f"{subject.kind} {subject.object_id} does not wait for act {act.object_id}")
    return waiting


def place_on_chain(uow: UnitOfWork, act: StoredObject) -> dict[str, Any]:
    """What a document keeps of a step that the chain holds."""
    chain = act.document["chain"]
    return {"act_id": act.object_id, "tx_hash": chain["tx_hash"], "at": format_time(uow.now)}


def refusal(uow: UnitOfWork, waiting: Mapping[str, Any], act: StoredObject, reason: str) -> dict[str, Any]:
    """What is told of a refused step. ``is_outdated``: only because the chain held other acts meanwhile."""
    said = {"step": waiting["step"], "reason": reason, "at": format_time(uow.now), "act_id": act.object_id}
    return said | {"is_outdated": is_wrong_nonce(reason)}


def check_trade_signer(uow: UnitOfWork, act: StoredObject, signer: Mapping[str, Any], key: bytes) -> None:
    """Whether a body's signature of a trade act would stand now.

    A suspended body makes no new duties, but ends what it has: its closing of an order, and the end that both parties agree on.

    Raises:
        BodyNotAbleError: the body is not in good standing.
        SignerKeyEndedError: the key was revoked since the act was proposed.
    """
    code, document = signer["participant"], act.document
    ends_own = document["act"] == f"{OrderClosing.CONTRACT}.{OrderClosing.__name__}" or len(document["signers"]) > 1
    is_end = document["function"] in ("close", "terminate") and ends_own
    body = known_body(uow, code) if is_end else body_of(uow, code)
    was_valid = key.hex() in signer["keys"]
    if was_valid and (body is None or key not in body.business_keys):
        raise SignerKeyEndedError("This key was revoked since the act was proposed. Nothing was changed.")


def reason_of(uow: UnitOfWork, text: str, **more: Any) -> dict[str, Any]:
    """A reason as it is kept: who, when, and why in words.

    Raises:
        InputError: there are no words, or too many.
    """
    if not 1 <= len(text.strip()) <= len(text) <= TEXT_CHARACTERS_MAX:
        raise InputError(f"A reason has 1 to {TEXT_CHARACTERS_MAX} characters. Nothing was changed.")
    return {"text": text, "by": participant_of(uow.actor), "at": format_time(uow.now), **more}


def require_own_wait(uow: UnitOfWork, subject: StoredObject) -> Mapping[str, Any]:
    """The step that waits for signatures, when the actor may take it back: its own, or anybody's whose time is over.

    Raises:
        ConflictError: no step waits, or its signatures are all there and the chain decides.
        AccessError: another body asked for it, and there is time left to sign.
    """
    waiting: Mapping[str, Any] | None = subject.document["waiting"]
    if waiting is None:
        raise ConflictError("No step waits for signatures. Nothing was changed.")
    if participant_of(uow.actor) != waiting["by"] and uow.now <= parse_time(waiting["due_at"]):
        raise AccessError(
            "Another body asked for this step, and its time to be signed is not over. Nothing was changed."
        )
    require_open(uow, waiting["act_id"])
    return waiting


def take_back(uow: UnitOfWork, waiting: Mapping[str, Any]) -> None:
    """Ends the act of a step, after the subject went back."""
    withdraw_act(uow, waiting["act_id"])
