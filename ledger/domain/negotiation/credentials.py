"""Bearer credentials that others have issued to a body of ours: for which address each may be sent, and its life. Pure.

A credential goes to the address that it was set for and to what lies below it, and nowhere else: another host, port or scheme gets none, and
another path of the same host neither, for that may be another tenant's.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from ledger.domain.negotiation.addresses import check_callback_address
from ledger.domain.negotiation.defects import InvalidNegotiationMessageError
from ledger.domain.transitions import TransitionTable

CREDENTIALS_MAX: Final = 100
"""That one body has set."""

TOKEN_CHARACTERS_MIN: Final = 16
TOKEN_CHARACTERS_MAX: Final = 4_096

SET: Final = "set"
REMOVED: Final = "removed"

CREDENTIAL_LIFE: Final = TransitionTable(
    "connector_credential",
    SET,
    {(SET, "replace"): SET, (SET, "remove"): REMOVED, (REMOVED, "set_again"): SET},
)

_TOKEN: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_PORTS: Final = {"https": 443, "http": 80}
_SEGMENTS_MAX: Final = 16


def check_token(text: str) -> None:
    """Refuses what is no bearer token (RFC 6750, ``b64token``) of 16 to 4,096 characters.

    Raises:
        InvalidNegotiationMessageError: never says what was sent.
    """
    is_token = TOKEN_CHARACTERS_MIN <= len(text) <= TOKEN_CHARACTERS_MAX and _TOKEN.fullmatch(text) is not None
    if not is_token:
        raise InvalidNegotiationMessageError(
            "token",
            f"has {TOKEN_CHARACTERS_MIN} to {TOKEN_CHARACTERS_MAX} letters, digits and -._~+/, then only equals signs.",
        )


def address_key(address: str) -> str:
    """One spelling of an address: scheme and host in small letters, the port always, no slash at the end.

    Raises:
        InvalidCallbackAddressError: it is none.
    """
    check_callback_address(address)
    parts = urlsplit(address)
    port = parts.port or _PORTS[parts.scheme]
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}:{port}{parts.path.rstrip('/')}"


def keys_above(address: str) -> tuple[str, ...]:
    """The address itself and those that it lies below, the nearest first: for which a credential may be sent to it.

    A path with an escaped or an empty segment lies below nothing, because servers read such paths each in its own way.

    Raises:
        InvalidCallbackAddressError: it is none.
    """
    key = address_key(address)
    scheme, _, rest = key.partition("://")
    host, *segments = rest.split("/")
    if "%" in key or "" in segments or len(segments) > _SEGMENTS_MAX:
        return (key,)
    return tuple(f"{scheme}://{'/'.join([host, *segments[:count]])}" for count in range(len(segments), -1, -1))
