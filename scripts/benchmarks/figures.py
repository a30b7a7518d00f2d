"""Percentiles and peak memory."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

_KIB = re.compile(r"^(VmHWM|RssShmem):\s+(\d+) kB$", re.MULTILINE)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which ``share`` of the values lie (nearest rank); None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(seconds: float | None) -> float | None:
    """Seconds as milliseconds with one decimal place."""
    return None if seconds is None else round(seconds * 1000, 1)


def peak_memory_mib(pids: Iterable[int]) -> float:
    """Peak resident size of processes that still run, together; the shared memory that PostgreSQL's map counts once.

    An upper bound: every process at its own peak, and shared program text in each.
    """
    own, shared = 0, 0
    for pid in pids:
        try:
            status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        except OSError:
            continue
        kib = {name: int(count) for name, count in _KIB.findall(status)}
        mapped = kib.get("RssShmem", 0)
        own += kib.get("VmHWM", 0) - mapped
        shared = max(shared, mapped)
    return round((own + shared) / 1024, 1)


def descendants(pid: int) -> list[int]:
    """All processes below ``pid``, itself first."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text(encoding="ascii").split()]
            except OSError:
                continue
    return found
