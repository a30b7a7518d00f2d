"""Measures the ledger on this machine: rates, delays, gas, proofs, memory. One JSON object with stable names.

    scripts/benchmark.py                      a short run
    scripts/benchmark.py --minutes 10         the long run that the README quotes
    scripts/benchmark.py --preload 1000000    with that many identities in the database before anything is measured
    scripts/benchmark.py --json               prints only the JSON object

It starts its own copies of everything in a temporary folder (real PostgreSQL with fsync on, a real development chain), sends
traffic over loopback only and stops by itself; Ctrl-C stops it too and leaves nothing behind. Events are 600 bytes of
canonical JSON. Absolute figures hold for one machine on one day: compare ratios.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from benchmarks import gas, library, service

SHARES = {"library": 0.3, "http_batch": 0.4, "http_single": 0.3}
"""How the minutes are divided among the three loads."""


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    with Path("/proc/meminfo").open(encoding="ascii") as meminfo:
        memory_kib = int(meminfo.readline().split()[1])
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory_kib / 2**20),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def measure(minutes: float, preload: int) -> dict[str, Any]:
    """Every measurement, one after the other, each in a folder of its own."""
    result: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "minutes": minutes,
        "preload": preload,
        "event_bytes": 600,
    }
    with tempfile.TemporaryDirectory(prefix="cityledger-benchmark-") as folder:
        root = Path(folder)
        show("library: append through the library, two processes")
        result["library"] = library.measure(root / "library", minutes * 60 * SHARES["library"], preload)
        show("http: batches, single events, proofs, time to final")
        result |= service.measure(
            root / "service",
            batch_seconds=minutes * 60 * SHARES["http_batch"],
            single_seconds=minutes * 60 * SHARES["http_single"],
            preload=preload,
        )
        show("gas: anchors with real consistency proofs")
        result["gas"] = gas.measure(root / "gas")
    return result


def show(line: str) -> None:
    """Progress goes to standard error, so that standard output is the result alone."""
    print(f"benchmark: {line}", file=sys.stderr, flush=True)


def print_table(result: dict[str, Any], prefix: str = "") -> None:
    """The result as lines of name and value."""
    for name, value in result.items():
        if isinstance(value, dict):
            print_table(value, f"{prefix}{name}.")
        else:
            print(f"{prefix}{name:<40} {value}")


def main() -> int:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0, help="length of the three loads together (default 1)")
    parser.add_argument("--preload", type=int, default=0, help="identities that are there before (default 0)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    arguments = parser.parse_args()
    if not 0.05 <= arguments.minutes <= 120 or arguments.preload < 0:
        parser.error("--minutes lies between 0.05 and 120, --preload is not negative")
    result = measure(arguments.minutes, arguments.preload)
    if arguments.json:
        print(json.dumps(result))
    else:
        print_table(result)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        show("stopped; nothing was kept")
        sys.exit(130)
