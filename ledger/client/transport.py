"""One HTTP connection, kept alive, that sends a request again when the service could not take it.

Sending the same bytes again is safe for everything this client does: reads change nothing, and an event's identity makes its
submission idempotent. What is retried: a failed connection, 429 and 503 (``Retry-After`` is honoured), 502 and 504.
"""

import http.client
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from ledger.adapters.http_answers import read_whole
from ledger.errors import RefusedByServiceError, UnavailableError

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
RESPONSE_BYTES_MAX = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long one request is kept trying, and how long the waits between are (doubling, with jitter)."""

    give_up_after_s: float = 60.0
    first_wait_s: float = 0.1
    wait_max_s: float = 5.0
    sleep: Callable[[float], None] = time.sleep
    on_first_failure: Callable[[str], None] = lambda _: None
    monotonic: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Response:
    """Status, header fields (names in lower case) and body of one answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            UnavailableError: it is none; then something else than the service answers at this address.
        """
        try:
            return json.loads(self.body)
        except ValueError:
            raise UnavailableError("the answer is not JSON; does the service listen at this address?") from None


class Transport:
    """Requests to one base URL over one connection. Not to be shared between threads."""

    def __init__(
        self, base_url: str, api_key: str | None = None, *, timeout_s: float = 60.0, retry: RetryPolicy | None = None
    ) -> None:
        parts = urlsplit(base_url)
        self._base_url, self._prefix = base_url, parts.path.rstrip("/")
        connection_type = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = connection_type(parts.hostname or "", parts.port, timeout=timeout_s)
        self._headers = {"Accept": "application/json", "User-Agent": "cityledger"}
        if api_key is not None:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._retry = retry or RetryPolicy()

    def close(self) -> None:
        """Closes the connection; the next request would open it again."""
        self._connection.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        query: list[tuple[str, str]] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        accept: frozenset[int] = frozenset({200, 201, 202}),
    ) -> Response:
        """Sends one request until it is answered.

        Args:
            method: HTTP method.
            path: path below the base URL, with its leading slash.
            query: query parameters in order.
            body: request body; sent again byte for byte on a retry.
            headers: further header fields.
            accept: statuses that are answers; others become errors.

        Raises:
            UnavailableError: no answer within the retry policy's time.
            RefusedByServiceError: the service answered with a problem.
        """
        target = self._prefix + path + ("?" + urlencode(query) if query else "")
        deadline = self._retry.monotonic() + self._retry.give_up_after_s
        wait_s = self._retry.first_wait_s
        while True:
            asked_wait_s, failure = 0.0, ""
            try:
                response = self._send(method, target, body, {**self._headers, **(headers or {})})
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                failure = f"{self._base_url} does not answer ({str(error) or type(error).__name__})"
            else:
                if response.status in accept:
                    return response
                if response.status not in RETRIED_STATUSES:
                    raise refusal(response)
                asked_wait_s = _retry_after_s(response)
                failure = f"{self._base_url} answers {response.status}: {refusal(response).detail}"
            pause_s = max(asked_wait_s, wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
            if self._retry.monotonic() + pause_s > deadline:
                raise UnavailableError(f"{failure}; given up after {self._retry.give_up_after_s:g} s")
            if wait_s == self._retry.first_wait_s:
                self._retry.on_first_failure(f"{failure}; trying for {self._retry.give_up_after_s:g} s")
            self._retry.sleep(pause_s)
            wait_s = min(2 * wait_s, self._retry.wait_max_s)

    def _send(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Response:
        self._connection.request(method, target, body=body, headers=dict(headers))
        answer = self._connection.getresponse()
        content = read_whole(answer, RESPONSE_BYTES_MAX + 1)
        if len(content) > RESPONSE_BYTES_MAX:
            raise http.client.HTTPException("the answer is too large")
        return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)


def refusal(response: Response) -> RefusedByServiceError:
    """The error that an answer other than success stands for (RFC 9457 when the body is a problem document)."""
    try:
        problem = json.loads(response.body)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {}
    detail = str(problem.get("detail") or problem.get("title") or f"HTTP status {response.status}")
    return RefusedByServiceError(
        detail,
        problem_code=str(problem.get("code") or f"http_{response.status}"),
        status=response.status,
        retry_after_s=_retry_after_s(response),
    )


def _retry_after_s(response: Response) -> float:
    text = response.headers.get("retry-after", "")
    return min(float(text), 60.0) if text.isascii() and text.isdecimal() else 0.0
