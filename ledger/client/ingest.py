"""Bulk submission: several batches in flight, every acknowledgement kept on disk before it is counted.

The work can be stopped at any line and begun again from the start: an event's identity makes a repeat harmless, so there is no
progress file that could be wrong.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, local
from typing import Protocol

from ledger.adapters.stop_request import StopRequest
from ledger.client.lines import Batch, Line
from ledger.client.service import Accepted, BatchAnswer, RefusedItem, ServiceClient
from ledger.errors import LedgerError, RefusedByServiceError, UnavailableError
from ledger.log.canonical import encode_jcs
from ledger.log.receipt import LogReceipt

CONFLICT_CODES = frozenset({"event_conflict", "conflict"})
ACCESS_STATUSES = frozenset({401, 403})
REFUSALS_LISTED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """One line that was refused, and why."""

    file: str
    line: int
    code: str
    detail: str


@dataclass(slots=True)
class Tally:
    """What became of the lines so far. ``highest`` is the accepted event with the greatest leaf index.

    ``refusals`` lists at most ``REFUSALS_LISTED_MAX`` of ``conflicting + invalid``.
    """

    new: int = 0
    repeated: int = 0
    conflicting: int = 0
    invalid: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    highest: Accepted | None = None

    @property
    def lines(self) -> int:
        """How many lines have their result."""
        return self.new + self.repeated + self.conflicting + self.invalid

    @property
    def accepted(self) -> int:
        """How many lines the log acknowledged."""
        return self.new + self.repeated

    @property
    def refused(self) -> int:
        """How many lines were refused."""
        return self.conflicting + self.invalid

    def count_refusal(self, refusal: Refusal) -> None:
        """Counts one refused line."""
        if refusal.code in CONFLICT_CODES:
            self.conflicting += 1
        else:
            self.invalid += 1
        if len(self.refusals) < REFUSALS_LISTED_MAX:
            self.refusals.append(refusal)


class ReceiptKeeper(Protocol):
    """Where log receipts are kept."""

    def keep(self, receipt: LogReceipt, identities: Iterable[tuple[str, str]]) -> None:
        """Durable on return. ``identities`` are (source, id) in the order of the receipt's items."""
        ...


class ReceiptFile:
    """Log receipts as JSON lines: ``{"identities":[[source,id],...],"receipt":{...}}``, each line fsynced when it returns.

    The file is made with the first receipt, so a run that got none leaves none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0

    def keep(self, receipt: LogReceipt, identities: Iterable[tuple[str, str]]) -> None:
        """Appends one line."""
        value = {"identities": [list(identity) for identity in identities], "receipt": receipt.value()}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(encode_jcs(value) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self.count += 1


class Ingest:
    """One run of bulk submission.

    Args:
        new_client: makes a client; one for each thread.
        receipts: keeps the log receipts.
        first_new_leaf: tree size when the run began; a lower leaf index is a repeat of an earlier run.
        receipt_key: the log's Ed25519 receipt key, 32 bytes; None leaves the receipts' signatures to the audit.
        in_flight: batches under way at the same time.
        on_progress: called after every batch with the tally.
    """

    def __init__(
        self,
        new_client: Callable[[], ServiceClient],
        receipts: ReceiptKeeper,
        *,
        first_new_leaf: int,
        receipt_key: bytes | None,
        in_flight: int,
        on_progress: Callable[[Tally], None],
    ) -> None:
        self.tally = Tally()
        self._new_client, self._receipts, self._receipt_key = new_client, receipts, receipt_key
        self._first_new_leaf, self._in_flight, self._on_progress = first_new_leaf, in_flight, on_progress
        self._seen = bytearray()  # one bit a leaf from first_new_leaf on: new in this run
        self._stopping, self._reading = StopRequest(), False
        self._keeping, self._of_thread = Lock(), local()

    @property
    def is_stopped(self) -> bool:
        """Whether ``stop`` was called."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Ends the run after the batches that are under way. Made for a signal handler of the thread that is in ``run``."""
        self._stopping.set()
        if self._reading:  # a read of standard input may block for ever, and nothing is lost by leaving it
            raise KeyboardInterrupt

    def sleep(self, seconds: float) -> None:
        """A pause between retries that ``stop`` ends; for the ``RetryPolicy`` of the clients.

        Raises:
            UnavailableError: the run was stopped.
        """
        if self._stopping.wait(seconds):
            raise UnavailableError("stopped while the service did not answer")

    def run(self, batches: Iterable[Batch]) -> Tally:
        """Sends all batches.

        Raises:
            LedgerError: the service cannot be reached, refuses the key, or answers wrongly, or a file cannot be read on. Every
                acknowledgement that came is counted and kept, those of batches under way at that moment included.
        """
        source = iter(batches)
        pending: set[Future[_Results]] = set()
        failures: list[Exception] = []
        with ThreadPoolExecutor(self._in_flight, thread_name_prefix="ingest") as executor:
            while not failures and not self.is_stopped and (batch := self._read(source, failures)) is not None:
                if batch.lines:  # an empty one comes from a silent pipe: a refusal must not wait for its next line
                    pending.add(executor.submit(self._send, batch.lines))
                if len(pending) >= self._in_flight or any(future.done() for future in pending):
                    pending = self._collect(pending, failures)
            while pending:
                pending = self._collect(pending, failures)
        if failures and not self.is_stopped:
            raise failures[0]
        return self.tally

    def _read(self, source: Iterator[Batch], failures: list[Exception]) -> Batch | None:
        try:
            self._reading = True
            return next(source, None)
        except KeyboardInterrupt:
            return None
        except LedgerError as error:  # a damaged file ends the reading, not the batches under way
            failures.append(error)
            return None
        finally:
            self._reading = False

    def _collect(self, pending: "set[Future[_Results]]", failures: list[Exception]) -> "set[Future[_Results]]":
        """Waits for at least one batch and counts what is done; returns what is still under way."""
        done, rest = wait(pending, return_when=FIRST_COMPLETED)
        for future in done:
            error = future.exception()
            if isinstance(error, LedgerError | OSError):
                failures.append(error)
                continue
            for line, result in future.result():
                self._count(line, result)
            self._on_progress(self.tally)
        return rest

    def _count(self, line: Line, result: Accepted | RefusedItem) -> None:
        tally = self.tally
        if isinstance(result, RefusedItem):
            tally.count_refusal(Refusal(line.file, line.number, result.code, result.detail))
            return
        if self._is_new(result.leaf_index):
            tally.new += 1
        else:
            tally.repeated += 1
        if tally.highest is None or result.leaf_index >= tally.highest.leaf_index:
            tally.highest = result

    def _is_new(self, leaf_index: int) -> bool:
        """Whether this leaf is none of an earlier run and was not met in this one."""
        position, bit = divmod(leaf_index - self._first_new_leaf, 8)
        if position < 0:
            return False
        if position >= len(self._seen):
            self._seen.extend(bytes(position + 1 - len(self._seen)))
        was_seen = self._seen[position] >> bit & 1
        self._seen[position] |= 1 << bit
        return not was_seen

    def _send(self, lines: list[Line]) -> "_Results":
        """Runs in a thread of the pool: one batch from its lines to its kept receipt."""
        sendable = [line for line in lines if line.fault is None]
        refused: _Results = [(line, RefusedItem(*line.fault)) for line in lines if line.fault is not None]
        return refused + (self._submit(sendable) if sendable else [])

    def _submit(self, lines: list[Line]) -> "_Results":
        client = getattr(self._of_thread, "client", None)
        if client is None:
            client = self._of_thread.client = self._new_client()
        try:
            answer: BatchAnswer = client.submit_lines([line.raw for line in lines])
        except RefusedByServiceError as error:
            status = int(error.facts.get("status", 0))
            if status in ACCESS_STATUSES or not 400 <= status < 500:
                raise
            if len(lines) == 1:
                return [(lines[0], RefusedItem(error.problem_code, error.detail))]
            middle = len(lines) // 2  # one line spoils the whole request: find it, keep the others
            return self._submit(lines[:middle]) + self._submit(lines[middle:])
        if self._receipt_key is not None:
            answer.receipt.verify(self._receipt_key)
        if answer.accepted:
            with self._keeping:
                self._receipts.keep(answer.receipt, [(item.source, item.event_id) for item in answer.accepted])
        return list(zip(lines, answer.results, strict=True))


_Results = list[tuple[Line, Accepted | RefusedItem]]
