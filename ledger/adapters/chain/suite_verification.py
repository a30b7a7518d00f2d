"""Recompiles the sources and compares them with the code on the chain, so that a regulator need not believe the operator's build.

The sources are read from a checkout; the compiler is the one that the checkout's ``scripts/solc`` runs, driven by py-solc-x. Its
version and settings are those that each contract's artefact records, and the source names are spelled as Hardhat spells them,
because both enter the code.
Immutables are masked out for the comparison; their values are read from the chain and must be the contract's own address, a word
of the constructor's arguments in the manifest, or the hash of the contract's EIP-712 domain name.
"""

import hashlib
import json
import posixpath
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from ledger.adapters.chain.artifact import WORD_BYTES, mask
from ledger.adapters.chain.suite_manifest import ContractRecord, SuiteManifest
from ledger.errors import InputError, UnavailableError
from ledger.log.typed_data import keccak256

PROJECT: Final = "project/"
NPM: Final = "npm/"
OPENZEPPELIN: Final = "@openzeppelin/contracts"
MANAGER_SOURCE: Final = "access/manager/AccessManager.sol"
OUTPUT: Final = ("evm.bytecode.object", "evm.deployedBytecode.object", "evm.deployedBytecode.immutableReferences")
_IMPORT: Final = re.compile(r'^\s*import\s+(?:[^"\';]*\sfrom\s+)?["\']([^"\']+)["\']\s*;', re.MULTILINE)


class SourcesError(InputError):
    """The sources cannot be read or do not compile."""

    code = "contract_sources"
    title = "Sources refused"


class CompilerMissingError(UnavailableError):
    """The compiler, or py-solc-x, is not there."""

    code = "compiler_missing"
    title = "No compiler"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the comparison of one contract came to; no ``differences`` when all is well.

    ``immutables`` are the values on the chain, 32 bytes each, by their place in the code.
    """

    name: str
    immutables: Mapping[int, bytes]
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """What the sources give for one contract.

    Args:
        code: as it stands on the chain, with zeros for immutables.
        immutable_offsets: their places.
        source_hash: SHA-256 over the sources.
        creation_code: what deploys it, without the constructor's arguments.
    """

    code: bytes
    immutable_offsets: tuple[int, ...]
    source_hash: bytes
    creation_code: bytes


class Sources:
    """The Solidity files of a checkout, by the names under which Hardhat compiles them.

    Args:
        root: the checkout; ``contracts/`` and ``node_modules/`` are in it.

    Raises:
        SourcesError: OpenZeppelin's package is not there.
    """

    def __init__(self, root: Path) -> None:
        self._package = root / "node_modules" / OPENZEPPELIN
        self._root = root
        try:
            version = json.loads((self._package / "package.json").read_bytes())["version"]
        except (OSError, ValueError, KeyError) as error:
            raise SourcesError(f"{self._package} is no npm package: run npm ci --ignore-scripts") from error
        self._npm_prefix = f"{NPM}{OPENZEPPELIN}@{version}/"

    @property
    def remappings(self) -> list[str]:
        """How imports of the package are read."""
        return [f"{PROJECT}:{OPENZEPPELIN}/={self._npm_prefix}"]

    def name_of(self, contract_name: str) -> str:
        """Source name of the file that holds the contract of this name."""
        if contract_name == "AccessManager":
            return self._npm_prefix + MANAGER_SOURCE
        return f"{PROJECT}contracts/{contract_name}.sol"

    def closure(self, source_name: str) -> dict[str, str]:
        """The source and everything that it imports: name -> text.

        Raises:
            SourcesError: a file cannot be read.
        """
        found: dict[str, str] = {}
        waiting = [source_name]
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found[name] = self._read(name)
            waiting += [self._resolve(name, imported) for imported in _IMPORT.findall(found[name])]
        return found

    def _read(self, name: str) -> str:
        path = (
            self._package / name.removeprefix(self._npm_prefix)
            if name.startswith(self._npm_prefix)
            else self._root / name.removeprefix(PROJECT)
        )
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SourcesError(f"{path} cannot be read: {error}") from error

    def _resolve(self, importing: str, imported: str) -> str:
        if imported.startswith("."):
            return posixpath.normpath(posixpath.join(posixpath.dirname(importing), imported))
        if imported.startswith(OPENZEPPELIN + "/"):
            return self._npm_prefix + imported.removeprefix(OPENZEPPELIN + "/")
        raise SourcesError(f"{importing} imports {imported}, which is neither ours nor OpenZeppelin's")


def compile_sources(root: Path, compiler: Path, settings_of: Mapping[str, Mapping[str, Any]]) -> dict[str, Compiled]:
    """Compiles contracts, each with its own settings; those that share settings in one run.

    Args:
        root: the checkout.
        compiler: a program that takes standard JSON as ``solc`` does.
        settings_of: by contract name, ``version``, ``evmVersion``, ``metadata``, ``optimizer``, ``viaIR`` as the contract's artefact
            records them (``load_compiler_settings``).

    Raises:
        SourcesError: a file cannot be read, or the compiler finds an error.
        CompilerMissingError: py-solc-x or the compiler is not there, or the compiler is of another version.
    """
    sources = Sources(root)
    groups: dict[str, list[str]] = {}
    for name, settings in settings_of.items():
        groups.setdefault(json.dumps(settings, sort_keys=True), []).append(name)
    found: dict[str, Compiled] = {}
    for key, names in groups.items():
        found |= _compile_alike(sources, compiler, names, json.loads(key))
    return found


def _compile_alike(
    sources: Sources, compiler: Path, contract_names: Sequence[str], settings: Mapping[str, Any]
) -> dict[str, Compiled]:
    closures = {name: sources.closure(sources.name_of(name)) for name in contract_names}
    every = {name: text for closure in closures.values() for name, text in closure.items()}
    chosen: dict[str, Any] = {key: settings[key] for key in ("evmVersion", "metadata", "optimizer")}
    if settings["viaIR"]:
        chosen["viaIR"] = True
    _check_version(compiler, settings["version"])
    output = _run_compiler(
        compiler,
        {
            "language": "Solidity",
            "sources": {name: {"content": text} for name, text in sorted(every.items())},
            "settings": {
                **chosen,
                "remappings": sources.remappings,
                "outputSelection": {sources.name_of(name): {name: list(OUTPUT)} for name in contract_names},
            },
        },
    )
    return {
        name: _compiled(output["contracts"][sources.name_of(name)][name], closures[name]) for name in contract_names
    }


def verify_suite(
    manifest: SuiteManifest,
    compiled: Mapping[str, Compiled],
    code_at: Callable[[bytes], bytes],
) -> list[Finding]:
    """Compares every contract of the manifest with what the sources gave.

    Args:
        manifest: what was deployed.
        compiled: by contract name.
        code_at: code on the chain by address; the manifest's ``code_hash`` is checked against it too.
    """
    return [_verify(record, compiled[record.contract_name], code_at(record.address)) for record in manifest.contracts]


def _verify(record: ContractRecord, compiled: Compiled, code: bytes) -> Finding:
    differences = []
    if keccak256(code) != record.code_hash:
        differences.append("the code on the chain has another hash than the manifest says")
    masked = mask(code, compiled.immutable_offsets)
    if masked != compiled.code:
        differences.append(
            f"the code on the chain ({len(masked)} bytes) and the sources' ({len(compiled.code)} bytes) differ from byte"
            f" {first_difference(masked, compiled.code)} on"
        )
    if compiled.source_hash != record.source_hash:
        differences.append("the sources have another digest than the manifest says")
    values = {offset: code[offset : offset + WORD_BYTES] for offset in compiled.immutable_offsets}
    known = {record.address.rjust(WORD_BYTES, b"\0"), keccak256(b"CityLedger " + record.name.encode())}
    arguments = record.arguments or b""
    known |= {arguments[place : place + WORD_BYTES] for place in range(0, len(arguments), WORD_BYTES)}
    for offset, value in values.items():
        if value not in known:
            differences.append(f"the immutable at byte {offset} is 0x{value.hex()}, which no argument explains")
    return Finding(record.name, values, tuple(differences))


def first_difference(left: bytes, right: bytes) -> int:
    """Place of the first byte that differs; the length of the shorter one when it is the other's beginning."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(left), len(right)))


def _compiled(contract: Any, closure: Mapping[str, str]) -> Compiled:
    deployed = contract["evm"]["deployedBytecode"]
    places = [place["start"] for places in deployed["immutableReferences"].values() for place in places]
    digest = hashlib.sha256()
    for name in sorted(closure):
        for part in (name.encode(), closure[name].encode()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return Compiled(
        bytes.fromhex(deployed["object"]),
        tuple(sorted(places)),
        digest.digest(),
        bytes.fromhex(contract["evm"]["bytecode"]["object"]),
    )


def _check_version(compiler: Path, version: str) -> None:
    if not compiler.is_file():
        raise CompilerMissingError(f"there is no compiler at {compiler}")
    try:
        told = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 - the checkout's own
    except (OSError, subprocess.CalledProcessError) as error:
        raise CompilerMissingError(f"the compiler {compiler} does not run: {error}") from error
    # "Version: 0.8.37+commit.f401782d.Linux.g++": the platform behind the commit does not count, all before it does
    found = re.search(r"^Version: (\d+\.\d+\.\d+\S*?\+commit\.[0-9a-f]+)(?:\.|$)", told, re.MULTILINE)
    if found is None or found[1] != version:
        raise CompilerMissingError(
            f"the contracts were compiled by {version}; {compiler} says: {' '.join(told.split())}"
        )


def _run_compiler(compiler: Path, standard_json: dict[str, Any]) -> Any:
    try:
        solcx: Any = import_module("solcx")  # only verification needs it
    except ImportError as error:
        raise CompilerMissingError("this needs py-solc-x: pip install 'cityledger[verify]'") from error
    try:
        return solcx.compile_standard(standard_json, solc_binary=str(compiler))
    except solcx.exceptions.SolcError as error:
        raise SourcesError(f"the sources do not compile: {str(error)[:2000]}") from error
