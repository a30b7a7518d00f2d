"""Writes the compiled contracts that the wheel carries, from Hardhat's build output.

``ledger/adapters/chain/artifacts/<Contract>.json`` holds what deploying, calling and checking a contract needs: ABI, creation code,
runtime code, where its immutables stand, and a digest of compiler settings and sources. The files are deterministic and committed.

Usage: ``npm run build && python scripts/export_artifacts.py [--check]``; ``--check`` writes nothing and fails on any difference.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "artifacts"
ARTIFACTS = ROOT / "ledger" / "adapters" / "chain" / "artifacts"
CONTRACTS = (
    *("AccessManager", "Council", "DeliveryReceipts", "DigitalContractRegistry", "Directory", "Disputes"),
    *("DistributionTables", "EvidenceLog", "Orders", "ParticipantRegistry", "Payouts", "ProductRegistry"),
    *("RevenueSettlement", "SettlementRules"),
)
FOREIGN = {"AccessManager": "@openzeppelin/contracts/access/manager/AccessManager.sol"}
"""Contracts that are not ours, and where Hardhat puts what it makes of them."""


def _load(path: Path) -> Any:
    if not path.exists():
        raise SystemExit(f"{path.relative_to(ROOT)} is not there: run `npm run build` first")
    return json.loads(path.read_bytes())


def source_closure(source_name: str, sources: dict[str, Any]) -> set[str]:
    """The source and everything it imports, by compiler source name. ``sources`` is the compiler output's member of that name."""
    found: set[str] = set()
    waiting = [source_name]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        nodes = sources[name]["ast"]["nodes"]
        waiting += [node["absolutePath"] for node in nodes if node["nodeType"] == "ImportDirective"]
    return found


def source_hash(names: set[str], sources: dict[str, Any]) -> str:
    """SHA-256, in hex, over the sorted sources: each name and content with its length before it, 8 bytes big-endian."""
    digest = hashlib.sha256()
    for name in sorted(names):
        for part in (name.encode(), sources[name]["content"].encode()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def immutable_names(node: Any) -> dict[str, str]:
    """Syntax tree id -> name of every immutable below this node; ids change with any edit, names do not."""
    if isinstance(node, list):
        return {key: name for item in node for key, name in immutable_names(item).items()}
    if not isinstance(node, dict):
        return {}
    names = immutable_names(list(node.values()))
    if node.get("nodeType") == "VariableDeclaration" and node.get("mutability") == "immutable":
        names[str(node["id"])] = node["name"].strip("_").lower()
    return names


def build_artifact(contract_name: str) -> bytes:
    """The artifact file of one contract."""
    folder = BUILD / FOREIGN.get(contract_name, f"contracts/{contract_name}.sol")
    artifact = _load(folder / f"{contract_name}.json")
    build_info = _load(BUILD / "build-info" / f"{artifact['buildInfoId']}.json")
    output = _load(BUILD / "build-info" / f"{artifact['buildInfoId']}.output.json")["output"]
    source_name = artifact["inputSourceName"]
    settings = build_info["input"]["settings"]
    if artifact["linkReferences"]:
        raise SystemExit(f"{contract_name} needs linked libraries; they are internal by design")
    closure = source_closure(source_name, output["sources"])
    names = immutable_names([output["sources"][name]["ast"] for name in sorted(closure)])
    value = {
        "abi": artifact["abi"],
        "bytecode": artifact["bytecode"],
        "compiler": {
            "evmVersion": settings["evmVersion"],
            "metadata": settings["metadata"],
            "optimizer": settings["optimizer"],
            "version": build_info["solcLongVersion"],
            "viaIR": settings.get("viaIR", False),
        },
        "contractName": contract_name,
        "deployedBytecode": artifact["deployedBytecode"],
        "immutableReferences": {names[key]: places for key, places in artifact["immutableReferences"].items()},
        "sourceHash": source_hash(closure, build_info["input"]["sources"]),
        "sourceName": artifact["sourceName"],
    }
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def main() -> int:
    """Writes or checks all artifacts; the exit code is the answer."""
    check = "--check" in sys.argv[1:]
    drifted = []
    for contract_name in CONTRACTS:
        path = ARTIFACTS / f"{contract_name}.json"
        data = build_artifact(contract_name)
        if path.exists() and path.read_bytes() == data:
            continue
        drifted.append(str(path.relative_to(ROOT)))
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    if check and drifted:
        print("differ from the contracts:", *drifted, "(run scripts/export_artifacts.py)", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
