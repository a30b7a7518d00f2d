"""Proxies of the environment (``http_proxy`` and its kin) are for other machines: this machine's own addresses are asked directly.

A person behind a proxy rarely lists ``127.0.0.1`` in ``no_proxy``, and no proxy could reach this machine's loopback anyway.
"""

import ipaddress
import urllib.request
from http.client import HTTPResponse
from typing import cast
from urllib.parse import urlsplit


def is_this_machine(url: str) -> bool:
    """Whether the URL's host is a loopback address, the unspecified address, or ``localhost``."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def open_url(request: urllib.request.Request, timeout_s: float) -> HTTPResponse:
    """``urllib.request.urlopen``, past every proxy when the URL is this machine's. The caller checks the scheme."""
    opener = _DIRECT if is_this_machine(request.full_url) else urllib.request.build_opener()
    return cast("HTTPResponse", opener.open(request, timeout=timeout_s))


def open_directly(url: str, timeout_s: float) -> HTTPResponse:
    """The same for a URL that is known to be this machine's, whatever its address."""
    return cast("HTTPResponse", _DIRECT.open(url, timeout=timeout_s))


def requests_proxies(url: str) -> dict[str, str]:
    """The argument ``proxies`` of ``requests`` for this URL: empty names win over the environment, no names leave it be."""
    return dict.fromkeys(("http", "https", "all"), "") if is_this_machine(url) else {}


_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
