"""Who may read the platform's books and act in its name: two API keys of its own, held against their digests."""

import hmac
from hashlib import sha256
from typing import Annotated, Final

from fastapi import Depends, Request

from api.platform.container import PlatformContainer
from api.strict_requests import only_value
from ledger.adapters.platform.keys import HANDLER
from ledger.errors import AccessError, UnauthenticatedError

_HOW: Final = "Send an API key of this platform as `Authorization: Bearer clk_...`."


async def container_of(request: Request) -> PlatformContainer:
    """The container of this process; not a plain function, because the framework runs those on a thread."""
    container = request.app.state.container
    assert isinstance(container, PlatformContainer)
    return container


ContainerOf = Annotated[PlatformContainer, Depends(container_of)]


async def reader(request: Request, container: ContainerOf) -> str:
    """The role of the caller: whoever has a key reads.

    Raises:
        UnauthenticatedError: no key, or one that this platform did not give.
    """
    scheme, _, key = (only_value(request.headers, "Authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise UnauthenticatedError(_HOW)
    sent = sha256(key.encode("utf-8", "surrogateescape")).digest()
    found = [
        role
        for role, kept in container.keys.api_keys.items()
        if hmac.compare_digest(sha256(kept.encode()).digest(), sent)
    ]
    if not found:
        raise UnauthenticatedError(f"This platform gave no such key. {_HOW}")
    return found[0]


async def handler(role: Annotated[str, Depends(reader)]) -> str:
    """The role of a caller that acts.

    Raises:
        AccessError: its key only reads.
    """
    if role != HANDLER:
        raise AccessError("This key only reads; the handler's acts. Nothing was written.")
    return role


Reader = Annotated[str, Depends(reader)]
Handler = Annotated[str, Depends(handler)]
