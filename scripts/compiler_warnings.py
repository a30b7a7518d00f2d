"""Fails on a compiler warning in our own sources, as the builds that are there recorded them: nothing is compiled.

Hardhat keeps what the compiler said beside its input. A warning counts when its file is under ``contracts/`` or ``tests/contracts/`` and
was compiled as it stands now; what OpenZeppelin's sources say does not. Every source must have been compiled as it stands, so
that an old build passes nothing. Test contracts are never deployed: that they are larger than a chain takes is no fault of theirs.

Usage: ``npm run build && python scripts/compiler_warnings.py``, or ``npm test && python scripts/compiler_warnings.py --tests``.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BUILDS = {"contracts": "build/artifacts/build-info", "tests/contracts": "build/cache/test-artifacts/build-info"}
"""Our folder of sources -> where its builds' inputs and outputs are."""
OF_PROJECT = "project/"
"""What Hardhat puts before the path of a source of ours."""
TOO_LARGE = {"5574", "3860"}
"""Codes of the warnings that a contract, or its creation code, is above a chain's limit."""


def builds(folder: Path) -> list[tuple[Any, Any]]:
    """Input and output of every build in the folder."""
    outputs = sorted(folder.glob("*.output.json"))
    return [
        (
            json.loads(path.with_name(path.name.replace(".output.json", ".json")).read_bytes())["input"],
            json.loads(path.read_bytes())["output"],
        )
        for path in outputs
    ]


def faults(sources: Mapping[str, str], found: list[tuple[Any, Any]]) -> list[str]:
    """What the builds say about these sources, and which of them no build has seen as they are.

    Args:
        sources: Path in the repository -> text, of every source that is judged.
        found: Input and output of each build.
    """
    said = set()
    seen = set()
    for given, output in found:
        texts = {name.removeprefix(OF_PROJECT): entry.get("content") for name, entry in given["sources"].items()}
        present = {name for name, text in sources.items() if texts.get(name) == text}
        seen |= present
        for error in output.get("errors", []):
            file = error.get("sourceLocation", {}).get("file", "").removeprefix(OF_PROJECT)
            is_test = file.startswith("tests/")
            if file in present and not (is_test and error.get("errorCode") in TOO_LARGE):
                said.add(error["formattedMessage"].strip())
    return sorted(said) + [f"{name}: not compiled as it stands" for name in sorted(sources.keys() - seen)]


def main(arguments: list[str]) -> int:
    """Judges; the exit code is the answer."""
    folder = "tests/contracts" if arguments == ["--tests"] else "contracts"
    paths = sorted((ROOT / folder).rglob("*.sol"))
    sources = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    found = faults(sources, builds(ROOT / BUILDS[folder]))
    for fault in found:
        print(fault, file=sys.stderr)
    if not found:
        print(f"{len(sources)} sources in {folder}: no warning")
    return 1 if found or not sources else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
