"""Where the other side of a negotiation takes messages: its callback address, and the protocol's paths below it. Pure.

Only the form is judged here. Whether a host may be reached from where this runs is for whoever opens the connection.
"""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote, urlsplit

from ledger.domain.negotiation.defects import InvalidCallbackAddressError

ADDRESS_CHARACTERS_MAX: Final = 2_048
_PLACE: Final = "callbackAddress"
_URL: Final = re.compile(r"https?://[!-~]+")


def check_callback_address(text: str) -> None:
    """Refuses what is no ``https`` address, or ``http`` one of this machine's loopback, to which paths can be added.

    Args:
        text: at most 2,048 printable ASCII characters, without user, query and fragment.

    Raises:
        InvalidCallbackAddressError: says what is wrong.
    """
    if len(text) > ADDRESS_CHARACTERS_MAX:
        raise InvalidCallbackAddressError(_PLACE, f"has at most {ADDRESS_CHARACTERS_MAX} characters.")
    if not _URL.fullmatch(text) or any(character in text for character in "?#\\"):
        raise InvalidCallbackAddressError(_PLACE, "is an http or https URL without query and fragment.")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InvalidCallbackAddressError(_PLACE, "has no host and port that can be read.") from None
    if not host or port == 0 or "@" in parts.netloc:
        raise InvalidCallbackAddressError(_PLACE, "names a host, no user, and no port 0.")
    if {".", ".."} & set(parts.path.split("/")):
        raise InvalidCallbackAddressError(_PLACE, "has no dots for a path segment.")
    if parts.scheme == "http" and not _is_loopback(host):
        raise InvalidCallbackAddressError(_PLACE, "is https; plain http is taken for this machine's loopback only.")


def message_url(address: str, *segments: str) -> str:
    """The URL of an endpoint below ``address``, with or without a slash at its end.

    Args:
        address: a checked address.
        *segments: of the path, such as ``negotiations``, a process id, ``events``; each is escaped as one segment.
    """
    return "/".join([address.rstrip("/"), *(quote(segment, safe=":-._~") for segment in segments)])


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
