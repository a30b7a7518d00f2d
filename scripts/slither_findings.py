"""Compares Slither's findings with ``contracts/SLITHER.md``, where each one that stays is justified in a line of its own.

A line is ``| check | file | element | finding | why |``. A finding is known by what it says of the code, not by where that stands: the
text of every expression that Slither names, in the order of the source, and of a call inside a loop the way that leads there. So
code that moves keeps its line, and another finding of the same check in an element that was judged before is a new one; where two
say the same, the second is numbered. Both directions are errors: a finding without a line, and a line without a finding, so that
the file never speaks of code that is gone.

Usage: ``python scripts/slither_findings.py REPORT.json``.
"""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
JUSTIFICATIONS = ROOT / "contracts" / "SLITHER.md"
COLUMNS = 5
MIN_REASON = 20
STACK = "Calls stack containing the loop:"
NOTHING = "(all of it)"
"""What a finding says that names nothing beside its element."""
CELLS = re.compile(r"(?<!\\)\|")
"""Between cells: a bar that is no part of an expression, where it stands as ``\\|``."""

Key = tuple[str, str, str, str]


def text_of(element: dict[str, Any]) -> str:
    """What the source says there; a block of assembly, which Slither gives no text, by the digest of its own."""
    if element["name"]:
        return " ".join(element["name"].split())
    place = element["source_mapping"]
    source = (ROOT / place["filename_relative"]).read_bytes()[place["start"] :][: place["length"]]
    return f"assembly {hashlib.sha256(b' '.join(source.split())).hexdigest()[:16]}"


def way_of(description: str) -> str:
    """The functions through which a call is reached, as Slither tells them; empty when it tells none."""
    _, _, stack = description.partition(STACK)
    return " -> ".join(line.strip().partition("(")[0] for line in stack.splitlines() if line.strip())


def said_by(finding: dict[str, Any]) -> str:
    """What tells this finding from others of its check in its element."""
    parts = {
        (element["source_mapping"]["filename_relative"], element["source_mapping"]["start"]): text_of(element)
        for element in finding["elements"][1:]
    }
    said = "; ".join(parts[place] for place in sorted(parts))
    way = way_of(finding["description"])
    return (f"{said} by {way}" if way else said) or NOTHING


def findings_of(report: dict[str, Any]) -> dict[Key, str]:
    """What Slither found: (check, file, element, finding) and its own words."""
    if not report["success"]:
        raise SystemExit(f"slither failed: {report['error']}")
    found: dict[Key, str] = {}
    for finding in report["results"].get("detectors", []):
        element = finding["elements"][0]
        first = (finding["check"], element["source_mapping"]["filename_relative"], element["name"])
        said, number = said_by(finding), 1
        key = (*first, said)
        while key in found:
            number += 1
            key = (*first, f"{said} ({number})")
        found[key] = f"{finding['impact']}: {finding['description'].strip()}"
    return found


def line_of(key: Key, why: str) -> str:
    """A line of the table."""
    cells = [f"`{cell.replace('|', chr(92) + '|')}`" for cell in key]
    return f"| {' | '.join(cells)} | {why} |"


def justified_in(text: str) -> dict[Key, str]:
    """The lines of the table, by (check, file, element, finding)."""
    justified: dict[Key, str] = {}
    for line in text.splitlines():
        if not line.startswith("| `"):
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in CELLS.split(line.strip())[1:-1]]
        if len(cells) != COLUMNS:
            raise SystemExit(f"{JUSTIFICATIONS.name}: a line does not have {COLUMNS} cells: {line}")
        check, file, element, said = (cell.strip("`") for cell in cells[:-1])
        if (check, file, element, said) in justified or len(cells[-1]) < MIN_REASON:
            raise SystemExit(f"{JUSTIFICATIONS.name}: a line stands twice or gives no reason: {line}")
        justified[check, file, element, said] = cells[-1]
    return justified


def main(arguments: list[str]) -> int:
    """Judges; the exit code is the answer."""
    if len(arguments) != 1:
        print("usage: slither_findings.py REPORT.json")
        return 2
    found = findings_of(json.loads(Path(arguments[0]).read_text(encoding="utf-8")))
    justified = justified_in(JUSTIFICATIONS.read_text(encoding="utf-8"))
    for key in sorted(found.keys() - justified.keys()):
        print(f"not justified: {found[key]}\n    {line_of(key, '...')}")
    for key in sorted(justified.keys() - found.keys()):
        print("justified, but no longer found:", *key)
    print(f"{len(found)} findings, {len(found.keys() & justified.keys())} of them justified line by line")
    return 0 if found.keys() == justified.keys() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
