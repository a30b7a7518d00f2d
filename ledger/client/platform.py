"""The authorisation platform's own API: its books, and acts in its name (``api/platform``)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ledger.client.calls import Call, RemoteObject, RemotePage, get_object, get_page, segment, write_object
from ledger.errors import SettingsError

CONNECTION_VARIABLE: Final = "CITYLEDGER_PLATFORM_CONNECTION"
DEFAULT_CONNECTION: Final = Path("cityledger-platform") / "connection.json"


@dataclass(frozen=True, slots=True)
class PlatformConnection:
    """Where a platform is, and the keys of its API by role: ``reader``, ``handler``."""

    platform_url: str
    api_keys: Mapping[str, str] = field(repr=False)


def find_platform(environment: Mapping[str, str], path: Path | None = None) -> PlatformConnection:
    """The platform of a connection file: ``path``, else what the environment names, else the default file.

    Raises:
        SettingsError: there is no such file, or it is none.
    """
    chosen = path or Path(environment.get(CONNECTION_VARIABLE) or DEFAULT_CONNECTION)
    try:
        value = json.loads(chosen.read_bytes())
        keys = {str(role): str(key) for role, key in dict(value["api_keys"]).items()}
        return PlatformConnection(str(value["platform_url"]), keys)
    except OSError as error:
        raise SettingsError(
            f"the platform's connection file {chosen} cannot be read ({error.strerror}); start it with `cityledger platform run`, or"
            f" name the file with --connection or {CONNECTION_VARIABLE}"
        ) from error
    except (ValueError, KeyError, TypeError):
        raise SettingsError(f"{chosen} is not a connection file of an authorisation platform") from None


def get_platform_status() -> Call[RemoteObject]:
    """How it stands: how far it has read, what differs, what waits."""
    return get_object("/v1/status")


def get_differences(
    *,
    phase: str | None = None,
    kind: str | None = None,
    cause: str | None = None,
    owner: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Call[RemotePage]:
    """What differs by cause, age and owner; ``phase`` is ``differing`` (the default), ``under_way``, ``open`` or ``ended``."""
    filters = {"phase": phase, "kind": kind, "cause": cause, "owner": owner}
    return get_page("/v1/differences", cursor=cursor, limit=limit, **filters)


def get_copy(kind: str, object_id: str) -> Call[RemoteObject]:
    """An object as it was seen first under its highest revision."""
    return get_object(f"/v1/copies/{segment(kind)}/{segment(object_id)}")


def get_platform_acts(
    *, state: str | None = None, cursor: str | None = None, limit: int | None = None
) -> Call[RemotePage]:
    """This platform's own acts, oldest first."""
    return get_page("/v1/acts", state=state, cursor=cursor, limit=limit)


def get_platform_act(act_id: str) -> Call[RemoteObject]:
    """One act, as it stands."""
    return get_object(f"/v1/acts/{segment(act_id)}")


def make_final_review(
    application_id: str, findings: Sequence[Mapping[str, Any]], *, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """The final review of an application; one aspect that is not passed refuses it."""
    sent = {"application_id": application_id, "findings": [dict(one) for one in findings]}
    return write_object("/v1/final-reviews", sent, idempotency_key=idempotency_key)


def grant_list(
    application_id: str, listed: Mapping[str, Any], *, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """The authorisation list of an approved application (``Grant`` of the platform's OpenAPI document)."""
    sent = {"application_id": application_id, **listed}
    return write_object("/v1/authorisations", sent, idempotency_key=idempotency_key)


def suspend_list(
    authorisation_id: str, *, kind: str, reasons: str, evidence_digest: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Stops an authorisation of the platform's for a violation; the digest is SHA-256, hex, of what shows it."""
    violation = {"kind": kind, "reasons": reasons, "evidence_digest": evidence_digest}
    return _decide("suspensions", authorisation_id, violation, idempotency_key)


def resume_list(authorisation_id: str, *, reasons: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Lets a suspended authorisation of the platform's go on."""
    return _decide("resumptions", authorisation_id, {"reasons": reasons}, idempotency_key)


def withdraw_list(
    authorisation_id: str, *, kind: str, reasons: str, evidence_digest: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Ends an authorisation of the platform's for a violation."""
    violation = {"kind": kind, "reasons": reasons, "evidence_digest": evidence_digest}
    return _decide("withdrawals", authorisation_id, violation, idempotency_key)


def widen_list(
    authorisation_id: str,
    number: int,
    items: Sequence[Mapping[str, Any]],
    *,
    reasons: str,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Grants the request to widen of this number; ``items`` as its holder asked for them, and as they are granted."""
    said = {"number": number, "items": [dict(one) for one in items], "reasons": reasons}
    return _decide("widenings", authorisation_id, said, idempotency_key)


def issue_platform_token(wish: Mapping[str, Any], *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """A usage token, stated and signed by the platform (``IssueToken`` of its OpenAPI document)."""
    return write_object("/v1/usage-tokens", wish, idempotency_key=idempotency_key)


def revoke_platform_token(token_id: str, *, reasons: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """The end of a token that the platform issued."""
    sent = {"token_id": token_id, "reasons": reasons}
    return write_object("/v1/usage-token-revocations", sent, idempotency_key=idempotency_key)


def file_platform_agreement(agreement_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """The filing of an agreement on the platform's side."""
    return write_object("/v1/filings", {"agreement_id": agreement_id}, idempotency_key=idempotency_key)


def _decide(
    what: str, authorisation_id: str, said: Mapping[str, Any], idempotency_key: str | None
) -> Call[RemoteObject]:
    sent = {"authorisation_id": authorisation_id, **said}
    return write_object(f"/v1/authorisation-{what}", sent, idempotency_key=idempotency_key)
