"""Accounts: who the caller is, grants, withdrawals."""

from collections.abc import Sequence

from ledger.client.calls import Call, RemoteObject, RemotePage, get_object, get_page, segment, write_object

ACCOUNTS = "/v1/accounts"


def get_me() -> Call[RemoteObject]:
    """Account, body, roles and level of the caller."""
    return get_object("/v1/me")


def get_accounts(*, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """The accounts that the caller may see."""
    return get_page(ACCOUNTS, cursor=cursor, limit=limit)


def grant_account(
    *,
    participant: str | None,
    issuer: str,
    subject: str,
    level: str,
    roles: Sequence[str],
    sm2_keys: Sequence[str] = (),
    signs_requests: bool = False,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Grants an account.

    Args:
        participant: subject code of the body; None for none.
        issuer: ``iss`` of the tokens.
        subject: ``sub`` of the tokens.
        level: ``admin``, ``handler`` or ``viewer``.
        roles: what it may act as.
        sm2_keys: public keys that sign its requests, 65 bytes in hex.
        signs_requests: whether unsigned requests are refused.
        idempotency_key: the caller's own name of this write.
    """
    content = {
        "participant": participant,
        "issuer": issuer,
        "subject": subject,
        "level": level,
        "roles": list(roles),
        "sm2_keys": list(sm2_keys),
        "signs_requests": signs_requests,
    }
    return write_object(ACCOUNTS, content, idempotency_key=idempotency_key)


def withdraw_account(account_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Ends an account and its API keys at once."""
    return write_object(f"{ACCOUNTS}/{segment(account_id)}/withdrawal", {}, idempotency_key=idempotency_key)
