"""What follows an agreement: control instructions, reports of performance, the termination voucher, the proof, and the inbox."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.client.agreements import agreement_path
from ledger.client.calls import Call, RemoteObject, RemotePage, get_bytes, get_object, get_page, segment, write_object

INSTRUCTIONS = "/v1/control-instructions"
NOTICES = "/v1/notices"


def get_instructions(
    *,
    state: str | None = None,
    owner: str | None = None,
    agreement_id: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Call[RemotePage]:
    """Control instructions that the caller may see, oldest first.

    Args:
        state: of all of them; a connector fetches those that are ``issued``.
        owner: ``me`` for connectors of the caller's own body.
        agreement_id: of one agreement.
        cursor: of the page before.
        limit: most of them on the page.
    """
    filters = {"state": state, "owner": owner, "agreement_id": agreement_id}
    return get_page(INSTRUCTIONS, cursor=cursor, limit=limit, **filters)


def get_instruction(instruction_number: str, side: str) -> Call[RemoteObject]:
    """The instruction of one connector: of the ``consumer`` or the ``provider``."""
    return get_object(_instruction(instruction_number, side))


def report_instruction(
    instruction_number: str, side: str, *, state: str, reason: str = "", idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """The connector says ``received``, ``in_force``, ``failed`` with a reason, or ``ended``."""
    path = f"{_instruction(instruction_number, side)}/reports"
    return write_object(path, {"state": state, "reason": reason}, idempotency_key=idempotency_key)


def get_execution_reports(
    agreement_id: str, *, cursor: str | None = None, limit: int | None = None
) -> Call[RemotePage]:
    """Reports of performance, oldest first."""
    return get_page(f"{agreement_path(agreement_id)}/execution-reports", cursor=cursor, limit=limit)


def report_execution(
    agreement_id: str,
    *,
    strategy_id: str,
    actions: Sequence[str],
    outcome: str,
    result: str,
    details: str = "",
    reported_at: str,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """A report of an execution node; ``outcome`` is ``allowed``, ``conditional``, ``denied`` or ``breach``."""
    sent = {"strategy_id": strategy_id, "actions": list(actions), "outcome": outcome, "result": result}
    sent |= {"details": details, "reported_at": reported_at}
    path = f"{agreement_path(agreement_id)}/execution-reports"
    return write_object(path, sent, idempotency_key=idempotency_key)


def get_termination(agreement_id: str) -> Call[RemoteObject]:
    """The termination voucher, and who signed it."""
    return get_object(f"{agreement_path(agreement_id)}/termination")


def get_printed_termination(agreement_id: str) -> Call[bytes]:
    """The same for print: a PDF, with the JSON attached."""
    return get_bytes(f"{agreement_path(agreement_id)}/termination.pdf")


def sign_termination(
    agreement_id: str, *, sm2: Mapping[str, Any], idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """A platform signs the voucher: ``public_key`` and ``signature`` of SM2."""
    path = f"{agreement_path(agreement_id)}/termination/signature"
    return write_object(path, {"sm2": dict(sm2)}, idempotency_key=idempotency_key)


def get_destruction(agreement_id: str) -> Call[RemoteObject]:
    """What became of the data after the end."""
    return get_object(_destruction(agreement_id))


def hand_in_proof(
    agreement_id: str,
    *,
    method: str,
    digest: str,
    done_at: str,
    statement: str,
    sm2: Mapping[str, Any],
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """The consumer's proof, signed."""
    sent = {"method": method, "digest": digest, "done_at": done_at, "statement": statement, "sm2": dict(sm2)}
    return write_object(f"{_destruction(agreement_id)}/proof", sent, idempotency_key=idempotency_key)


def accept_proof(agreement_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """The provider accepts the proof."""
    return write_object(f"{_destruction(agreement_id)}/acceptance", {}, idempotency_key=idempotency_key)


def contest_proof(agreement_id: str, *, text: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """The provider says why it does not."""
    return write_object(f"{_destruction(agreement_id)}/contest", {"text": text}, idempotency_key=idempotency_key)


def get_notices(*, state: str | None = None, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """The inbox of the caller's body; those of one ``state``: ``sent`` or ``read``."""
    return get_page(NOTICES, cursor=cursor, limit=limit, state=state)


def read_notice(notice_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Says that a notice was read."""
    return write_object(f"{NOTICES}/{segment(notice_id)}/reading", {}, idempotency_key=idempotency_key)


def _instruction(number: str, side: str) -> str:
    return f"{INSTRUCTIONS}/{segment(number)}/{segment(side)}"


def _destruction(agreement_id: str) -> str:
    return f"{agreement_path(agreement_id)}/destruction"
