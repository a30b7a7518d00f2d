"""Values that are sets of places: regions and network addresses. Two of them are nested or apart, and a use happens at one place. Pure.

Readings: a region is a GB/T 2260 code of 2, 4 or 6 digits (``310000`` is ``31``) or, below a county, of 9; or a country of ISO 3166-1 in two letters,
where ``CN`` holds every digit code. A network address is an IP address, a network, a range ``first-last``, a name of its own, or ``*.name`` for
all names below it. Every reader raises ``ValueError`` for anything else.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final, NamedTuple

CHINA: Final = "CN"
_LEVELS: Final = (2, 4, 6, 9)
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_OWN_CODES: Final = {"TW": "71", "HK": "81", "MO": "82"}
"""Codes of ISO 3166-1 for what GB/T 2260 has codes for too: one place has one key."""

_NAME: Final = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ADDRESS_CHARACTERS_MAX: Final = 45
_MAPPED: Final = 0xFFFF << 32
"""``::ffff:0:0``: IPv4 addresses in the clothes of IPv6; read as IPv4, so that nobody walks around a rule."""


def read_region(value: Any) -> str:
    """The key of a region: a digit code without its trailing zero pairs, or two letters."""
    if not isinstance(value, str) or not value.isascii():
        raise ValueError
    if _COUNTRY.fullmatch(value):
        return _OWN_CODES.get(value, value)
    if not value.isdigit() or len(value) not in _LEVELS or value.startswith("00"):
        raise ValueError
    key = str(value)
    while len(key) in (4, 6) and key.endswith("00"):
        key = key[:-2]
    return key


def is_in_region(place: str, region: str) -> bool | None:
    """Whether a place lies in a region; None if the place is given too coarsely to tell."""
    if place == region:
        return True
    if region == CHINA:
        return place.isdigit()
    if place == CHINA:
        return None if region.isdigit() else False
    if place.isdigit() and region.isdigit():
        return True if place.startswith(region) else None if region.startswith(place) else False
    return False


class Range(NamedTuple):
    """IP addresses from ``first`` to ``last`` of IP version ``version``."""

    version: int
    first: int
    last: int


Network = Range | str
"""What a network address stands for: addresses, a name, or ``*.`` and a name."""


def read_network(value: Any) -> Network:
    """A network address of a policy."""
    if not isinstance(value, str) or len(value) > _ADDRESS_CHARACTERS_MAX:
        raise ValueError
    return _read_address(value)


def _read_address(value: str) -> Network:
    if "%" in value:
        raise ValueError  # a zone (RFC 4007) means something on one machine only
    if _NAME.fullmatch(value.removeprefix("*.")):
        return value
    first, dash, last = value.partition("-")
    if dash:
        low, high = ip_address(first), ip_address(last)
        found = Range(low.version, int(low), int(high))
        if low.version != high.version or low > high:  # type: ignore[operator]  # same version, or the first test decided
            raise ValueError
    else:
        network = ip_network(value)
        found = Range(network.version, int(network.network_address), int(network.broadcast_address))
    return _unmapped(found)


def _unmapped(found: Range) -> Range:
    if found.version == 4 or found.first < _MAPPED or found.last >= _MAPPED + 2**32:
        return found
    return Range(4, found.first - _MAPPED, found.last - _MAPPED)


def read_host(value: Any) -> Network:
    """A network address as a fact states it: one address, or one name."""
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - readers have one kind of failure
    found = _read_address(value)
    is_one = found.first == found.last if isinstance(found, Range) else not found.startswith("*.")
    if not is_one:
        raise ValueError
    return found


def is_in_network(host: Network, network: Network) -> bool | None:
    """Whether a host is one of a network's; None if one is an address and the other a name, which only the net itself could tell."""
    if isinstance(host, Range) and isinstance(network, Range):
        return host.version == network.version and network.first <= host.first <= network.last
    if isinstance(host, Range) or isinstance(network, Range):
        return None
    return host.endswith(network[1:]) if network.startswith("*.") else host == network


def show_address(version: int, number: int) -> str | None:
    """One IP address as text; None if the version has no such number."""
    if not 0 <= number < 2 ** (32 if version == 4 else 128):
        return None
    return str(IPv4Address(number) if version == 4 else IPv6Address(number))
