"""Runs the contract tests under forge and fails unless every line, branch and function of ``contracts/`` is covered.

Hardhat builds and tests; it counts no branches, so this one number comes from forge, on the same tests, offline (``foundry.toml``).
Left out: ``contracts/mocks``, and the gas and byte-code tests, which judge optimised code that coverage does not compile.

Usage: ``npm run coverage``.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "build" / "lcov.info"
COUNTS = {"LF": "lines", "LH": "lines", "BRF": "branches", "BRH": "branches", "FNF": "functions", "FNH": "functions"}


def find_forge() -> Path:
    """The native binary: npm installs the one package that fits this machine, and its shim is of no use."""
    found = sorted(ROOT.glob("node_modules/@foundry-rs/forge-*/bin/forge*"))
    if not found:
        raise SystemExit("forge is not there: run `npm ci --ignore-scripts` first")
    return found[0]


def run_forge() -> str:
    """Runs the tests with coverage; the output, or an exit with it when a test failed or a source gave a warning."""
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    command = [str(find_forge()), "coverage", "--report", "summary", "--report", "lcov", "--report-file", str(REPORT)]
    command += ["--no-match-coverage", "^(tests|contracts/mocks)/", "--no-match-contract", "Gas|ByteCode"]
    done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode or not REPORT.exists():
        raise SystemExit(f"{done.stdout}\nforge coverage failed")
    return done.stdout


def uncovered(report: str) -> list[str]:
    """What the lcov report says is not covered, one line a file and kind. Branches are counted from their own records."""
    missing = []
    for record in report.split("end_of_record"):
        fields = [line.partition(":") for line in record.splitlines()]
        values = {key: value for key, _, value in fields}
        if "SF" not in values:
            continue
        for found, hit in (("LF", "LH"), ("BRF", "BRH"), ("FNF", "FNH")):
            if values[found] != values[hit]:
                missing.append(f"{values['SF']}: {values[hit]} of {values[found]} {COUNTS[found]}")
        for key, _, value in fields:
            if (key == "DA" and value.endswith(",0")) or (key == "BRDA" and value.endswith((",0", ",-"))):
                missing.append(f"{values['SF']}: {key} {value}")
    return missing


def main() -> int:
    """Runs and judges; the exit code is the answer."""
    output = run_forge()
    print(output[output.rindex("╭") :] if "╭" in output else output)
    report = REPORT.read_text(encoding="utf-8")
    covered_files = report.count("SF:contracts/")
    missing = uncovered(report)
    for line in missing:
        print("not covered:", line, file=sys.stderr)
    if covered_files == 0:
        print("the report names no contract", file=sys.stderr)
    return 1 if missing or covered_files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
