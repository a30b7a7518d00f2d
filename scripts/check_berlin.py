"""Compiles the same standard JSON once more for ``berlin`` and compares the code of every contract that the package carries.

Hardhat compiles for ``paris`` (so that the artefacts of earlier releases stay what they are); a consortium chain may run Berlin
rules. Equal code for both is a stronger statement than a walk through the instructions: nothing in it depends on the later rules.

Usage: ``npm run build && python scripts/check_berlin.py``.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "artifacts"
ARTIFACTS = ROOT / "ledger" / "adapters" / "chain" / "artifacts"
OUTPUT = ["evm.bytecode.object", "evm.deployedBytecode.object"]


def built(contract_name: str) -> Any:
    """Hardhat's artifact of a contract that the package carries."""
    source_name = json.loads((ARTIFACTS / f"{contract_name}.json").read_bytes())["sourceName"]
    path = BUILD / source_name / f"{contract_name}.json"
    if not path.exists():
        raise SystemExit(f"{path.relative_to(ROOT)} is not there: run `npm run build` first")
    return json.loads(path.read_bytes())


def compile_for_berlin(build_info_id: str, wanted: dict[str, list[str]]) -> Any:
    """The compiler's output for the build's own input, only the target changed."""
    standard_json = json.loads((BUILD / "build-info" / f"{build_info_id}.json").read_bytes())["input"]
    if standard_json["settings"]["evmVersion"] != "paris":
        raise SystemExit("the build is not for paris")
    standard_json["settings"]["evmVersion"] = "berlin"
    standard_json["settings"]["outputSelection"] = {
        source: dict.fromkeys(contracts, OUTPUT) for source, contracts in wanted.items()
    }
    done = subprocess.run(
        [ROOT / "scripts" / "solc", "--standard-json"],
        input=json.dumps(standard_json),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)["contracts"]


def main() -> int:
    """Compares; the exit code is the answer."""
    names = sorted(path.stem for path in ARTIFACTS.glob("*.json"))
    builds: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for name in names:
        artifact = built(name)
        builds[artifact["buildInfoId"]].append((name, artifact))
    different = []
    for build_info_id, group in builds.items():
        wanted: dict[str, list[str]] = {artifact["inputSourceName"]: [name] for name, artifact in group}
        compiled = compile_for_berlin(build_info_id, wanted)
        for name, artifact in group:
            evm = compiled[artifact["inputSourceName"]][name]["evm"]
            codes = ("0x" + evm["bytecode"]["object"], "0x" + evm["deployedBytecode"]["object"])
            if codes != (artifact["bytecode"], artifact["deployedBytecode"]):
                different.append(name)
    if different:
        print("other code for berlin than for paris:", *different, file=sys.stderr)
    else:
        print(f"{len(names)} contracts: the same code for berlin and paris")
    return 1 if different or not names else 0


if __name__ == "__main__":
    sys.exit(main())
