"""The service's endpoints as typed calls (formats.md section 8)."""

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ledger.client.transport import Response, RetryPolicy, Transport
from ledger.errors import MalformedEvidenceError, RefusedByServiceError, UnavailableError
from ledger.log.receipt import LogReceipt, receipt_from_value

NDJSON = "application/x-ndjson"
_GZIP_LEVEL = 3  # three quarters of the best ratio at a fifth of its time


@dataclass(frozen=True, slots=True)
class Accepted:
    """One event that the log holds. ``state`` is one of the words of design section 4."""

    source: str
    event_id: str
    state: str
    leaf_index: int
    leaf_hash: bytes
    received_at: str


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """One event of a batch that was not accepted, with the problem's stable code."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """The answer to one batch: the signed log receipt, and one result an event in the order they were sent."""

    receipt: LogReceipt
    results: list[Accepted | RefusedItem]

    @property
    def accepted(self) -> list[Accepted]:
        """The accepted events, in the order of the receipt's items."""
        return [result for result in self.results if isinstance(result, Accepted)]


class ServiceClient:
    """One client of one service. Not to be shared between threads: each thread makes its own (they are cheap).

    Every call raises ``UnavailableError`` when the service does not answer within the retry policy's time, and
    ``RefusedByServiceError`` when it answers with a problem.
    """

    def __init__(
        self, api_url: str, api_key: str | None = None, *, timeout_s: float = 60.0, retry: RetryPolicy | None = None
    ) -> None:
        self._transport = Transport(api_url, api_key, timeout_s=timeout_s, retry=retry)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    def submit_lines(self, lines: list[bytes]) -> BatchAnswer:
        """Sends events, one strict JSON object each, and waits (bounded by the service) until they are published."""
        body = gzip.compress(b"\n".join(lines) + b"\n", _GZIP_LEVEL, mtime=0)
        headers = {"Content-Type": NDJSON, "Content-Encoding": "gzip"}
        response = self._transport.request("POST", "/v1/events", body=body, headers=headers)
        return parse_batch_answer(response.json(), len(lines))

    def event_state(self, source: str, event_id: str) -> tuple[Accepted, LogReceipt]:
        """The state of one event and its log receipt, newly signed."""
        value = self._get("/v1/events", [("source", source), ("id", event_id)]).json()
        with _shape("the answer"):
            return _accepted(value["result"]), receipt_from_value(value["receipt"])

    def proof(
        self, source: str, event_id: str, *, redact: Sequence[str] = (), as_of_tree_size: int | None = None
    ) -> bytes:
        """The proof file of one event, byte for byte.

        Args:
            source: the event's source.
            event_id: the event's id.
            redact: JSON pointers into the body of fields to withhold.
            as_of_tree_size: size of the published checkpoint to use; None lets the service choose.
        """
        query = [("source", source), ("id", event_id), *(("redact", pointer) for pointer in redact)]
        query += [] if as_of_tree_size is None else [("as_of_tree_size", str(as_of_tree_size))]
        return self._get("/v1/events/proof", query).body

    def log_facts(self) -> dict[str, Any]:
        """What ``GET /v1/log`` says about the log, as the service says it."""
        value = self._get("/v1/log").json()
        if not isinstance(value, dict):
            raise UnavailableError("the answer of /v1/log is no object")
        return value

    def readiness(self) -> tuple[bool, dict[str, Any]]:
        """Whether the service is ready, and what its readiness check says about each part."""
        response = self._transport.request("GET", "/readyz", accept=frozenset({200, 503}))
        value = response.json()
        return response.status == 200, value if isinstance(value, dict) else {}

    def anchored_head(self, tree_size: int) -> dict[str, Any] | None:
        """The anchored head of at least that size, as the service states it."""
        value = self._get("/v1/anchors", [("cursor", str(max(tree_size - 1, 0))), ("limit", "1")]).json()
        items = value.get("items") if isinstance(value, dict) else None
        return items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else None

    def participant_differences(self, pages_max: int = 100) -> dict[str, Any] | None:
        """How participants and registry contract differ; None for a role that may not ask, or a service without contracts.

        All pages put together; ``is_whole`` unless there are more of them.
        """
        return self._all_differences("/v1/participants/differences", pages_max)

    def product_differences(self, pages_max: int = 100) -> dict[str, Any] | None:
        """How products and registry contract differ, as ``participant_differences``."""
        return self._all_differences("/v1/products/differences", pages_max)

    def _all_differences(self, path: str, pages_max: int) -> dict[str, Any] | None:
        found: dict[str, Any] = {"compared": 0, "items": []}
        cursor = None
        for _ in range(pages_max):
            query = [("limit", "1000")] + ([] if cursor is None else [("cursor", cursor)])
            page = self._differences(path, query)
            if page is None:
                return None
            cursor = page.get("next_cursor")
            found = {
                "block_number": page.get("block_number"),
                "compared": found["compared"] + int(page.get("compared", 0)),
                "items": found["items"] + page["items"],
                "is_whole": cursor is None,
            }
            if cursor is None:
                break
        return found

    def _differences(self, path: str, query: list[tuple[str, str]]) -> dict[str, Any] | None:
        try:
            value = self._get(path, query).json()
        except RefusedByServiceError as error:
            if error.facts.get("status") in (403, 404):
                return None
            raise
        return value if isinstance(value, dict) and isinstance(value.get("items"), list) else None

    def checkpoint(self) -> str | None:
        """The published checkpoint note; None before the first."""
        try:
            return self._get("/log/checkpoint").body.decode()
        except RefusedByServiceError as error:
            if error.facts.get("status") == 404:
                return None
            raise
        except UnicodeDecodeError as error:
            raise MalformedEvidenceError("the published checkpoint is not UTF-8") from error

    def tile(self, path: str) -> bytes:
        """The tile or entry bundle at ``path`` (``tile/...``)."""
        return self._get(f"/log/{path}").body

    def _get(self, path: str, query: list[tuple[str, str]] | None = None) -> Response:
        return self._transport.request("GET", path, query=query)


def parse_batch_answer(value: Any, count: int) -> BatchAnswer:
    """The answer to a batch of ``count`` events, checked: one result an event, one receipt item an accepted event.

    Raises:
        MalformedEvidenceError: the receipt does not promise what the results say; then nothing of the answer counts.
    """
    with _shape("the answer to a batch"):
        results = [_result(item) for item in value["results"]]
        receipt = receipt_from_value(value["receipt"])
    if len(results) != count:
        raise MalformedEvidenceError(f"{count} events were sent and {len(results)} results came back")
    answer = BatchAnswer(receipt, results)
    stated = [(result.leaf_index, result.leaf_hash) for result in answer.accepted]
    if stated != [(item.leaf_index, item.leaf_hash) for item in receipt.items]:
        raise MalformedEvidenceError("the log receipt promises other leaves than the results name")
    return answer


def _result(item: Any) -> Accepted | RefusedItem:
    if "problem" in item:
        problem = item["problem"]
        return RefusedItem(str(problem["code"]), str(problem.get("detail") or problem.get("title") or ""))
    return _accepted(item)


def _accepted(item: Any) -> Accepted:
    leaf_hash = bytes.fromhex(item["leaf_hash"])
    return Accepted(
        source=str(item["source"]),
        event_id=str(item["id"]),
        state=str(item["state"]),
        leaf_index=int(item["leaf_index"]),
        leaf_hash=leaf_hash,
        received_at=str(item["received_at"]),
    )


class _shape:  # noqa: N801 - reads as a statement: `with _shape(...)`
    """Turns a missing or mistyped member into one error."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, (KeyError, TypeError, ValueError, AttributeError)):
            raise MalformedEvidenceError(f"{self._what} does not have the documented shape") from error


ClientFactory = Callable[[], ServiceClient]
