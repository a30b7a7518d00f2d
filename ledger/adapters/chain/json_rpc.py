"""JSON-RPC over the standard library, for the base install: what an offline verifier asks a node, and nothing else."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from ledger.adapters.chain.errors import ChainUnavailableError, error_from_rpc
from ledger.adapters.http_answers import read_whole
from ledger.adapters.proxies import open_url
from ledger.errors import InputError, MalformedEvidenceError

ANSWER_BYTES_MAX = 64 * 1024 * 1024


class JsonRpc:
    """One node.

    Raises:
        InputError: ``url`` is no HTTP URL.
    """

    def __init__(self, url: str, *, timeout_s: float = 20.0) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise InputError("the URL of a chain node begins with http:// or https://")
        self._url, self._timeout_s = url, timeout_s

    def call(self, method: str, *parameters: Any) -> Any:
        """The result of one call, as the node gave it.

        Raises:
            ChainUnavailableError: the node does not answer.
            LedgerError: the node answered with an error.
        """
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})  # noqa: S310 - checked above
        try:
            with open_url(request, self._timeout_s) as reply:
                answer = json.loads(read_whole(reply, ANSWER_BYTES_MAX))
        except urllib.error.HTTPError as error:
            error.close()
            raise ChainUnavailableError(f"the chain node answers {method} with HTTP status {error.code}") from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise ChainUnavailableError(f"the chain node does not answer {method}: {reason}") from error
        except ValueError as error:
            raise ChainUnavailableError(f"the chain node answers {method} with something else than JSON") from error
        if not isinstance(answer, dict) or ("result" not in answer and "error" not in answer):
            raise ChainUnavailableError(f"the chain node answers {method} with no JSON-RPC answer")
        if "error" in answer:
            problem = answer["error"]
            raise error_from_rpc(method, problem if isinstance(problem, dict) else {"message": str(problem)})
        return answer["result"]


def read_bytes(value: Any, size: int | None = None) -> bytes:
    """0x-prefixed hex of a node's answer as bytes.

    Raises:
        MalformedEvidenceError: it is none, or has another length.
    """
    try:
        if not value.startswith("0x"):
            raise MalformedEvidenceError("the chain node answers with hex without 0x")
        data = bytes.fromhex(value[2:])
    except (AttributeError, ValueError) as error:
        raise MalformedEvidenceError("the chain node answers with something else than hex") from error
    if size is not None and len(data) != size:
        raise MalformedEvidenceError(f"the chain node answers with {len(data)} bytes where {size} belong")
    return data


def read_quantity(value: Any) -> int:
    """A 0x-prefixed number of a node's answer.

    Raises:
        MalformedEvidenceError: it is none.
    """
    try:
        return int(value, 16)
    except (TypeError, ValueError) as error:
        raise MalformedEvidenceError("the chain node answers with something else than a number") from error


def spans(first: int, last: int, width: int) -> Iterator[tuple[int, int]]:
    """The range first..last, inclusive, in parts of at most ``width``."""
    for start in range(first, last + 1, width):
        yield start, min(start + width - 1, last)
