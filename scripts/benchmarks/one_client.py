"""The real application in a real server, asked by one client that keeps its connection.

Server and client share a process, so a question's time holds both sides: reading parameters, access, SQL, rendering, and parsing.
"""

import http.client
import time
from collections.abc import Callable
from urllib.parse import urlsplit

TIMEOUT_S = 60


class OneClient:
    """Asks one question after the other.

    Args:
        url: of the service.
    """

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(str(address.hostname), int(address.port or 0), timeout=TIMEOUT_S)

    def get(self, target: str, api_key: str) -> bytes:
        """The body of the answer to a question.

        Raises:
            RuntimeError: it is refused; names its target and the answer's beginning.
        """
        self._connection.request("GET", target, headers={"Authorization": f"Bearer {api_key}"})
        answer = self._connection.getresponse()
        raw = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{target}: {answer.status} {raw[:300]!r}")
        return raw

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()


def time_of(ask: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of a question: elapsed, and of processor time of server and client without the database's."""
    busy, started = time.process_time(), time.perf_counter()
    ask()
    return (time.perf_counter() - started) * 1_000, (time.process_time() - busy) * 1_000
