"""Acts on a participant, one function a route. Every one is an edit: ``revision`` is that of the object it is based on.

The answer says where the participant then is; an act for the chain only proposes, see ``open_step``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.client.calls import Call, RemoteObject, segment, write_object


def accept_identity(
    code: str, *, reasons: str, revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Accepts the first review: the real-name facts hold."""
    return _act(code, "accept-identity", {"reasons": reasons}, revision, idempotency_key)


def accept_role(code: str, *, reasons: str, revision: int, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Accepts the second review: the body may have its roles."""
    return _act(code, "accept-role", {"reasons": reasons}, revision, idempotency_key)


def accept_connector(
    code: str, *, reasons: str, revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Accepts the third review, where a connector is declared."""
    return _act(code, "accept-connector", {"reasons": reasons}, revision, idempotency_key)


def reject(code: str, *, reasons: str, revision: int, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Ends the application."""
    return _act(code, "reject", {"reasons": reasons}, revision, idempotency_key)


def approve(
    code: str, report: Mapping[str, Any], *, revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Puts the qualification report on file."""
    return _act(code, "approve", report, revision, idempotency_key)


def admit(code: str, *, revision: int, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Proposes the admission on the chain."""
    return _act(code, "admit", {}, revision, idempotency_key)


def suspend(
    code: str, *, reasons: str, revision: int | None = None, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Proposes a suspension; of whatever revision, unless one is named."""
    return _act(code, "suspend", {"reasons": reasons}, revision, idempotency_key)


def reinstate(code: str, *, reasons: str, revision: int, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Proposes the end of a suspension."""
    return _act(code, "reinstate", {"reasons": reasons}, revision, idempotency_key)


def pass_recheck(
    code: str, *, evidence_sha256: str, revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Records a re-check that was passed; the digest is SHA-256 in hex."""
    return _act(code, "pass-recheck", {"evidence_sha256": evidence_sha256}, revision, idempotency_key)


def fail_recheck(
    code: str, *, reasons: str, revision: int | None = None, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Records a re-check that failed: proposes a suspension; of whatever revision, unless one is named."""
    return _act(code, "fail-recheck", {"reasons": reasons}, revision, idempotency_key)


def renew_qualification(
    code: str, report: Mapping[str, Any], *, revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Proposes a renewed qualification."""
    return _act(code, "renew-qualification", report, revision, idempotency_key)


def change_roles(
    code: str, *, roles: Sequence[str], revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Proposes other ordinary roles: all of them, as they shall be."""
    return _act(code, "change-roles", {"roles": list(roles)}, revision, idempotency_key)


def change_qualification(
    code: str, *, documents: Sequence[Mapping[str, Any]], revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Puts other qualification documents on file: all of them, as they are now."""
    return _act(code, "change-qualification", {"documents": list(documents)}, revision, idempotency_key)


def acknowledge_change(code: str, *, revision: int, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """A platform knows of a change of qualification."""
    return _act(code, "acknowledge-change", {}, revision, idempotency_key)


def add_key(
    code: str, *, address: str, purposes: Sequence[str], revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Proposes a new chain key: its address, and ``business``, ``metering`` or ``finance``."""
    return _act(code, "add-key", {"address": address, "purposes": list(purposes)}, revision, idempotency_key)


def revoke_key(
    code: str, *, address: str, reasons: str, revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Proposes the end of a chain key."""
    return _act(code, "revoke-key", {"address": address, "reasons": reasons}, revision, idempotency_key)


def add_sm2_key(code: str, *, public_key: str, revision: int, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Adds an SM2 public key: ``04``, x, y in hex."""
    return _act(code, "add-sm2-key", {"public_key": public_key}, revision, idempotency_key)


def revoke_sm2_key(
    code: str, *, public_key: str, revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Ends an SM2 key."""
    return _act(code, "revoke-sm2-key", {"public_key": public_key}, revision, idempotency_key)


def depart(code: str, *, reasons: str, revision: int, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Proposes that the body leaves."""
    return _act(code, "depart", {"reasons": reasons}, revision, idempotency_key)


def withdraw_step(code: str, *, revision: int, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Takes back the step that waits for signatures."""
    return _act(code, "withdraw-step", {}, revision, idempotency_key)


def enter_violation(
    code: str,
    *,
    kind: str,
    severity: str,
    basis: str,
    evidence_sha256: str,
    revision: int,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Enters a violation: ``minor``, ``serious`` or ``grave``."""
    return _act(
        code,
        "enter-violation",
        {"kind": kind, "severity": severity, "basis": basis, "evidence_sha256": evidence_sha256},
        revision,
        idempotency_key,
    )


def rate(
    code: str,
    *,
    period: str,
    compliance: int,
    service_quality: int,
    performance: int,
    basis_sha256: str,
    revision: int,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Rates a body for a period: three marks from 0 to 100."""
    return _act(
        code,
        "rate",
        {
            "period": period,
            "compliance": compliance,
            "service_quality": service_quality,
            "performance": performance,
            "basis_sha256": basis_sha256,
        },
        revision,
        idempotency_key,
    )


def appeal(
    code: str, *, violation: int, grounds: str, revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Contests a violation, by its number in the credit file."""
    return _act(code, "appeal", {"violation": violation, "grounds": grounds}, revision, idempotency_key)


def decide_appeal(
    code: str, *, violation: int, lifted: bool, reasons: str, revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Decides an appeal."""
    return _act(
        code, "decide-appeal", {"violation": violation, "lifted": lifted, "reasons": reasons}, revision, idempotency_key
    )


def claim_repair(
    code: str, *, violation: int, proof_sha256: str, revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Shows that a violation was put right."""
    return _act(code, "claim-repair", {"violation": violation, "proof_sha256": proof_sha256}, revision, idempotency_key)


def decide_repair(
    code: str, *, violation: int, repaired: bool, reasons: str, revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Decides about a repair."""
    return _act(
        code,
        "decide-repair",
        {"violation": violation, "repaired": repaired, "reasons": reasons},
        revision,
        idempotency_key,
    )


def _act(
    code: str, act: str, content: Mapping[str, Any], revision: int | None, idempotency_key: str | None
) -> Call[RemoteObject]:
    path = f"/v1/participants/{segment(code)}/{act}"
    return write_object(path, content, revision=revision, idempotency_key=idempotency_key)
