"""What the connectors of others know the caller's body by: set, listed without the tokens, removed."""

from ledger.client.calls import Call, RemoteObject, RemotePage, get_page, segment, write_object

CREDENTIALS = "/v1/connector-credentials"


def get_credentials(*, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """For which addresses there is one, oldest first."""
    return get_page(CREDENTIALS, cursor=cursor, limit=limit)


def set_credential(*, address: str, token: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Shows the token from now on to the connector at this address, in the place of the one before."""
    return write_object(CREDENTIALS, {"address": address, "token": token}, idempotency_key=idempotency_key)


def remove_credential(credential_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Shows it no more."""
    path = f"{CREDENTIALS}/{segment(credential_id)}/removal"
    return write_object(path, {}, idempotency_key=idempotency_key)
