"""One JSON message to somebody else's server, at an address that they have chosen: bounded in time and size, and never inward.

Whoever may name an address could have this machine ask servers that only it can reach. So the host is resolved here, every address of it
must be a public one or of a network that the operator has allowed, and the connection goes to the address that was looked at, whatever the
name means a moment later. Proxies of the environment are not asked, redirects not followed; so a credential reaches no other host than the one
it was given for, and in clear text no host but this machine.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from ledger.domain.negotiation.defects import InvalidCallbackAddressError
from ledger.errors import UnavailableError

TIMEOUT_S: Final = 10.0
"""For all of it: name, connection, request, answer."""

ANSWER_BYTES_MAX: Final = 65_536

_TRANSLATED: Final = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("2002::/16"))
"""IPv6 addresses that lead to an IPv4 address which nobody has looked at."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class NotDeliveredError(UnavailableError):
    """Nobody knows whether the message was taken; ``facts`` has the reason as one word."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail, reason=reason)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back: status, and a body that ends."""

    status: int
    body: bytes


class Destinations:
    """Which hosts may be asked.

    Args:
        networks: not public, and allowed all the same, such as ``10.1.0.0/16`` or ``127.0.0.1/32``.
        resolve: (host, port) -> its addresses; raises ``OSError`` when there are none.
    """

    def __init__(self, networks: Iterable[str] = (), resolve: Callable[[str, int], list[str]] | None = None) -> None:
        self._networks: tuple[Network, ...] = tuple(ip_network(network) for network in networks)
        self._resolve = resolve or _resolve

    def check_address(self, url: str) -> None:
        """Refuses a URL whose host says already that it must not be asked; a name is looked up when a message goes there.

        Raises:
            InvalidCallbackAddressError: an address, or ``localhost``, of a network that is not allowed.
        """
        host = urlsplit(url).hostname or ""
        inward = "leads into a network that messages are not sent to from here."
        if host == "localhost" or host.endswith(".localhost"):
            if not self._is_allowed(ip_address("127.0.0.1")):
                raise InvalidCallbackAddressError("callbackAddress", inward)
            return
        try:
            address = ip_address(host)
        except ValueError:
            return
        if not self._is_allowed(address):
            raise InvalidCallbackAddressError("callbackAddress", inward)

    def address_of(self, host: str, port: int) -> str:
        """The address to connect to.

        Raises:
            NotDeliveredError: the host has none, or one that must not be asked.
        """
        try:
            found = [ip_address(address.partition("%")[0]) for address in self._resolve(host, port)]
        except (OSError, ValueError) as error:
            raise NotDeliveredError("not_resolved", "The host has no address.") from error
        if not found or not all(map(self._is_allowed, found)):
            raise NotDeliveredError("not_allowed", "The host is in a network that messages are not sent to from here.")
        return str(found[0])

    def _is_allowed(self, address: Address) -> bool:
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if any(address in network for network in self._networks if network.version == address.version):
            return True
        is_translated = any(address in network for network in _TRANSLATED if network.version == address.version)
        return address.is_global and not address.is_multicast and not is_translated


def post_json(
    url: str, body: bytes, destinations: Destinations, *, bearer: str | None = None, timeout_s: float = TIMEOUT_S
) -> HttpAnswer:
    """Posts a message and reads the answer.

    Args:
        url: http or https, checked by ``check_callback_address``.
        body: JSON.
        destinations: which hosts may be asked.
        bearer: a token to show, which ``check_token`` has let pass; None for none.
        timeout_s: for all of it but the name, which the system's resolver bounds.

    Raises:
        NotDeliveredError: it did not get there, or no whole answer came in time and size.
    """
    parts = urlsplit(url)
    host, is_https = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_https else 80)
    connection = _Pinned(host, port, destinations.address_of(host, port), timeout_s, is_https=is_https)
    watch = threading.Timer(timeout_s, connection.cut)
    watch.daemon = True
    watch.start()
    headers = {"Content-Type": "application/json"} | ({} if bearer is None else {"Authorization": f"Bearer {bearer}"})
    try:
        connection.request("POST", parts.path or "/", body, headers)
        answer = connection.getresponse()
        content = answer.read(ANSWER_BYTES_MAX + 1)
        is_cut = bool(answer.length) and len(content) <= ANSWER_BYTES_MAX
    except (OSError, HTTPException, ValueError) as error:
        raise NotDeliveredError("no_answer", f"There was no whole answer: {type(error).__name__}.") from error
    finally:
        watch.cancel()
        connection.close()
    if is_cut or connection.was_cut:
        raise NotDeliveredError("no_answer", "There was no whole answer in time.")
    if len(content) > ANSWER_BYTES_MAX:
        raise NotDeliveredError("answer_too_large", f"The answer has more than {ANSWER_BYTES_MAX} bytes.")
    return HttpAnswer(answer.status, content)


class _Pinned(HTTPConnection):
    """A connection to an address that was chosen beforehand; certificate and ``Host`` are those of the name."""

    def __init__(self, host: str, port: int, address: str, timeout_s: float, *, is_https: bool) -> None:
        super().__init__(host, port, timeout=timeout_s)
        self.default_port = HTTPSConnection.default_port if is_https else HTTPConnection.default_port
        self._address = address
        self._is_https = is_https
        self.was_cut = False

    def connect(self) -> None:
        """See ``HTTPConnection``."""
        connected = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = connected
        if self._is_https:
            context = ssl.create_default_context()
            secured = context.wrap_socket(connected, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = secured  # before the handshake, so that whoever takes too long with it is cut off too
            secured.do_handshake()

    def cut(self) -> None:
        """Ends whatever waits on the connection; called from another thread."""
        self.was_cut = True
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]
