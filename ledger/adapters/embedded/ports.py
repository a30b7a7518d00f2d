"""Loopback ports: which are free."""

import socket


def free_port() -> int:
    """A port that nobody listens on now; the system does not hand it out again soon."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on ``port`` now."""
    with socket.socket() as listener:
        listener.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as servers do; else a port just left looks taken
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True
