"""Runs the contract tests under forge and fails unless every line, branch and function of ``contracts/`` is covered.

Hardhat builds and tests; it counts no branches, so this one number comes from forge, on the same tests, offline (``foundry.toml``).
Left out: ``contracts/mocks``, and the gas and byte-code tests, which judge optimised code that coverage does not compile.
The bar asked for is every function and 98 % of the branches; nothing less than everything has been needed, so nothing less passes.

Forge takes any contract that has a function ``table...`` for a test contract and leaves it out of the report, which
would pass over ``RevenueSettlement`` (``tableOf``, ``tableCount``) in silence. So it works on a copy in which these have other names, and
every source that holds code must be in the report. Branches of the one-line operators in ``contracts/types`` do not exist, and
forge counts no functions outside contracts.

Usage: ``npm run coverage``.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPY = ROOT / "build" / "coverage"
REPORT = ROOT / "build" / "lcov.info"
COUNTS = {"LF": "lines", "LH": "lines", "BRF": "branches", "BRH": "branches", "FNF": "functions", "FNH": "functions"}
TABLE_TEST = re.compile(r"\btable(?=(?:Of|Count)\b)")
NOT_COUNTED = ("contracts/mocks/", "contracts/interfaces/", "contracts/types/")
# forge's own limit is 2^30, less than ten thousand splits in one test take when nothing is optimised
GAS_LIMIT = str(2**62)


def find_forge() -> Path:
    """The native binary: npm installs the one package that fits this machine, and its shim is of no use."""
    found = sorted(ROOT.glob("node_modules/@foundry-rs/forge-*/bin/forge*"))
    if not found:
        raise SystemExit("forge is not there: run `npm ci --ignore-scripts` first")
    return found[0]


def copy_sources() -> None:
    """Lays the sources out in ``build/coverage`` as they stand in the repository, but for these names."""
    shutil.rmtree(COPY, ignore_errors=True)
    for folder in ("contracts", "tests/contracts", "tests/vectors"):
        shutil.copytree(ROOT / folder, COPY / folder)
    for source in COPY.rglob("*.sol"):
        source.write_text(TABLE_TEST.sub("theTable", source.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copy(ROOT / "foundry.toml", COPY)
    for name in ("node_modules", "scripts"):
        (COPY / name).symlink_to(ROOT / name)


def run_forge() -> str:
    """Runs the tests with coverage; the output, or an exit with it when a test failed or a source gave a warning."""
    copy_sources()
    REPORT.unlink(missing_ok=True)
    command = [str(find_forge()), "coverage", "--report", "summary", "--report", "lcov", "--report-file", str(REPORT)]
    command += [
        "--no-match-coverage",
        "^(tests|contracts/mocks)/|node_modules/",
        "--no-match-contract",
        "Gas|ByteCode|SuiteStolen|SuiteTest",
    ]
    command += ["--gas-limit", GAS_LIMIT]
    done = subprocess.run(command, cwd=COPY, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
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


def unreported(report: str) -> list[str]:
    """Sources with code that the report does not name: what is not counted cannot be called covered."""
    sources = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "contracts").rglob("*.sol"))
    counted = [name for name in sources if not name.startswith(NOT_COUNTED)]
    if not counted:
        raise SystemExit("there are no contracts")
    named = {line.removeprefix("SF:") for line in report.splitlines() if line.startswith("SF:")}
    return [f"{name}: not in the report" for name in counted if name not in named]


def main() -> int:
    """Runs and judges; the exit code is the answer."""
    output = run_forge()
    print(output[output.rindex("╭") :] if "╭" in output else output)
    report = REPORT.read_text(encoding="utf-8")
    missing = unreported(report) + uncovered(report)
    for line in missing:
        print("not covered:", line, file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
