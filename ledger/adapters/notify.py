"""Telling a supervisor how far a program is, by the protocol of sd_notify(3): one datagram to ``$NOTIFY_SOCKET``.

systemd understands it (``Type=notify``), and so does ``cityledger up``, which gives events no way in before the anchor service
has compared all heads.
"""

import contextlib
import os
import select
import socket
from typing import Self

VARIABLE = "NOTIFY_SOCKET"
LEADING = "leading"
STANDBY = "standby"
_MESSAGE_BYTES_MAX = 4096


def notify(status: str) -> None:
    """Says that this program is ready, and in which role; does nothing when no supervisor listens."""
    address = os.environ.get(VARIABLE)
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(f"READY=1\nSTATUS={status}\n".encode(), _socket_name(address))


def _socket_name(address: str) -> str:
    """``@name`` stands for a name in Linux's abstract namespace, which needs no file."""
    return "\0" + address[1:] if address.startswith("@") else address


class Listener:
    """Takes the messages of one child."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("")  # the kernel chooses a free abstract name (unix(7), autobind)

    @property
    def environment(self) -> dict[str, str]:
        """What the child needs in its environment."""
        name: bytes = self._socket.getsockname()
        return {VARIABLE: "@" + name[1:].decode("ascii")}

    def has_heard(self, status: str, timeout_s: float) -> bool:
        """Waits up to ``timeout_s`` for the next message; whether it says that the child is ready in this role."""
        if not select.select([self._socket], [], [], timeout_s)[0]:
            return False
        return f"STATUS={status}".encode() in self._socket.recv(_MESSAGE_BYTES_MAX).split(b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
