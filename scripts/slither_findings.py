"""Compares Slither's findings with ``contracts/SLITHER.md``, where each one that stays is justified in a line of its own.

A line is ``| check | file | element | why |``. Both directions are errors: a finding without a line, and a line without a finding, so that
the file never speaks of code that is gone.

Usage: ``python scripts/slither_findings.py REPORT.json``.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
JUSTIFICATIONS = ROOT / "contracts" / "SLITHER.md"
COLUMNS = 4
MIN_REASON = 20

Key = tuple[str, str, str]


def findings_of(report: dict[str, Any]) -> dict[Key, str]:
    """What Slither found: (check, file, element) and its own words. Several in one element are one."""
    if not report["success"]:
        raise SystemExit(f"slither failed: {report['error']}")
    found = {}
    for finding in report["results"].get("detectors", []):
        element = finding["elements"][0]
        key = (finding["check"], element["source_mapping"]["filename_relative"], element["name"])
        found[key] = f"{finding['impact']}: {finding['description'].strip()}"
    return found


def justified_in(text: str) -> dict[Key, str]:
    """The lines of the table, by (check, file, element)."""
    justified: dict[Key, str] = {}
    for line in text.splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if not line.startswith("| `") or len(cells) != COLUMNS:
            continue
        check, file, element, why = cells
        if (check, file, element) in justified or len(why) < MIN_REASON:
            raise SystemExit(f"{JUSTIFICATIONS.name}: a line stands twice or gives no reason: {line}")
        justified[check, file, element] = why
    return justified


def main(arguments: list[str]) -> int:
    """Judges; the exit code is the answer."""
    if len(arguments) != 1:
        print("usage: slither_findings.py REPORT.json")
        return 2
    found = findings_of(json.loads(Path(arguments[0]).read_text(encoding="utf-8")))
    justified = justified_in(JUSTIFICATIONS.read_text(encoding="utf-8"))
    for key in sorted(found.keys() - justified.keys()):
        print("not justified:", *key, "\n   ", found[key])
    for key in sorted(justified.keys() - found.keys()):
        print("justified, but no longer found:", *key)
    print(f"{len(found)} findings, {len(found.keys() & justified.keys())} of them justified line by line")
    return 0 if found.keys() == justified.keys() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
