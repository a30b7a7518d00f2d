"""Completes package-lock.json after ``npm install`` so that ``npm ci`` accepts it on every registry.

A registry may not serve some platform packages (native builds for other systems). npm then leaves them out of the lock
although the parent still names them under ``optionalDependencies``, and ``npm ci`` stops with EUSAGE. This adds the
missing names with their version, processor and system, so that npm knows it may leave them out.

Usage: ``python scripts/complete_npm_lock.py [--check]``; ``--check`` writes nothing and fails when something is missing.
"""

import json
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parents[1] / "package-lock.json"

# npm's words for systems and processors, as they stand in the names of platform packages
SYSTEMS = {"darwin": "darwin", "linux": "linux", "win32": "win32"}
PROCESSORS = {"amd64": "x64", "x64": "x64", "arm64": "arm64", "ia32": "ia32", "arm": "arm"}


def platform_entry(name: str, version: str) -> dict[str, Any]:
    """The lock entry of a platform package, read from its name (``anvil-darwin-arm64``).

    Raises:
        ValueError: the name holds no system or no processor that npm knows.
    """
    words = name.rsplit("/", 1)[-1].split("-")
    systems = [SYSTEMS[word] for word in words if word in SYSTEMS]
    processors = [PROCESSORS[word] for word in words if word in PROCESSORS]
    if not systems or not processors:
        raise ValueError(f"{name} is optional and missing from the lock, but its name says no platform")
    return {"version": version, "cpu": processors, "dev": True, "optional": True, "os": systems}


def missing_entries(lock: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Entries that ``optionalDependencies`` name and ``packages`` lacks, by their path in ``packages``."""
    packages = lock["packages"]
    missing = {}
    for parent, package in packages.items():
        for name, version in package.get("optionalDependencies", {}).items():
            nested = f"{parent}/node_modules/{name}"
            top = f"node_modules/{name}"
            if nested not in packages and top not in packages:
                missing[top] = platform_entry(name, version)
    return missing


def main() -> int:
    """Completes or checks the lock; the exit code is the answer."""
    lock = json.loads(LOCK.read_text(encoding="utf-8"))
    missing = missing_entries(lock)
    if not missing:
        return 0
    if "--check" in sys.argv[1:]:
        print("package-lock.json lacks:", *sorted(missing), "(run scripts/complete_npm_lock.py)", file=sys.stderr)
        return 1
    lock["packages"] = dict(sorted((lock["packages"] | missing).items()))
    LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
