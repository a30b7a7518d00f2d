"""Ports of this machine: which are free, and why one cannot be had."""

import errno
import itertools
import secrets
import socket
from pathlib import Path

from ledger.errors import SettingsError

LISTENING_PORTS_FROM = 20_000
# two processes that ask at the same time begin at different places
_offers = itertools.count(secrets.randbelow(1 << 16))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now.

    It lies below the ports that the system gives to outgoing connections, where it has room there: one of those could take it
    in the seconds before the server listens. Each call of a process gives another one.
    """
    below = _outgoing_ports_from()
    for _ in range(below - LISTENING_PORTS_FROM):
        port = LISTENING_PORTS_FROM + next(_offers) % (below - LISTENING_PORTS_FROM)
        if is_free("127.0.0.1", port):
            return port
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _outgoing_ports_from() -> int:
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    except OSError:  # hidden by a sandbox
        return 0


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on ``port`` now."""
    return _obstacle(host, port) is None


def check_listenable(host: str, port: int) -> None:
    """Checks that a server of this user could listen there now.

    Raises:
        SettingsError: it could not; the message says why and what to change.
    """
    obstacle = _obstacle(host, port)
    if obstacle is None:
        return
    if obstacle.errno == errno.EADDRINUSE:
        raise SettingsError(f"port {port} on {host} is taken by another program: choose another with --port")
    if obstacle.errno in {errno.EACCES, errno.EPERM}:
        raise SettingsError(
            f"port {port} on {host} needs privileges that this user does not have: choose one from 1024 on with --port, "
            "and put a reverse proxy before it where the low port is needed"
        )
    reason = obstacle.strerror or str(obstacle)
    raise SettingsError(f"nothing can listen on port {port} of {host} ({reason}): choose others with --host and --port")


def _obstacle(host: str, port: int) -> OSError | None:
    with socket.socket() as listener:
        # as servers do; else a port just left looks taken
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            return error
    return None
