"""Usage tokens: entered by their issuer, read, revoked; and spent by the provider that is called.

The issuer states and signs a token itself, with an SM2 key that it has on file (``ledger.bundle.usage_token_text``); the service never
sees that key. The text of a token is a secret of its holder.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.client.calls import Call, RemoteObject, RemotePage, get_object, get_page, segment, write_object

TOKENS = "/v1/usage-tokens"


def get_usage_tokens(
    *,
    authorisation_id: str | None = None,
    state: str | None = None,
    changed_since: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Call[RemotePage]:
    """Tokens of authorisations of which the caller's body is a party, oldest first, with what is spent of each.

    With ``changed_since`` and no filter: what changed from then on, in the order of the last change; a spend is no change of a token.
    """
    filters = {"authorisation_id": authorisation_id, "state": state, "changed_since": changed_since}
    return get_page(TOKENS, cursor=cursor, limit=limit, **filters)


def get_usage_token(token_id: str) -> Call[RemoteObject]:
    """What it states and what is spent of it; not its text."""
    return get_object(_one(token_id))


def get_usage_token_text(token_id: str) -> Call[RemoteObject]:
    """Its text, for its holder and its issuer alone."""
    return get_object(f"{_one(token_id)}/text")


def issue_usage_token(text: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Enters a token that the authorisation platform has signed."""
    return write_object(TOKENS, {"text": text}, idempotency_key=idempotency_key)


def revoke_usage_token(token_id: str, *, reasons: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Issuer or holder ends it; what it had left is the line's again."""
    return write_object(f"{_one(token_id)}/revocation", {"reasons": reasons}, idempotency_key=idempotency_key)


def spend_usage_token(
    text: str,
    *,
    interface: int,
    fields: Sequence[str],
    parameters: Mapping[str, str] | None = None,
    calls: int = 1,
    records: int | None = None,
    facts: Mapping[str, Any] | None = None,
    performed: Sequence[Mapping[str, Any]] = (),
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Checks what a call asks for and spends its calls, all of them or none. Run it again, and the same call is spent once.

    Args:
        text: of the token that was presented.
        interface: place in the version's interfaces, from 0.
        fields: that are asked for.
        parameters: of the call.
        calls: how many at once.
        records: rows that each gives; None when nobody says.
        facts: about the use, by the names of the policy.
        performed: what was done before, ``{"action": ..., "facts": ...}`` each, for the policy's duties.
        idempotency_key: the caller's own name of this spend.
    """
    sent = {
        "text": text,
        "interface": interface,
        "fields": list(fields),
        "parameters": dict(parameters or {}),
        "calls": calls,
        "records": records,
        "facts": dict(facts or {}),
        "performed": [dict(one) for one in performed],
    }
    return write_object("/v1/usage-token-uses", sent, idempotency_key=idempotency_key)


def _one(token_id: str) -> str:
    return f"{TOKENS}/{segment(token_id)}"
