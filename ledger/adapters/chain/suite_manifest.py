"""The manifest of a deployment: what stands where, with which code, since which block; canonical JSON (RFC 8785).

Written anew after every step, so a run that ended anywhere leaves a true account of what it had done. The order is that of the
deployment; contracts that were adopted have no transaction.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ledger.adapters.files.durable import replace_file
from ledger.errors import InputError, LedgerError
from ledger.log.canonical import encode_jcs, parse_json
from ledger.log.typed_data import parse_checksum_address, to_checksum_address

MANIFEST_VERSION: Final = 1
PUBLIC_FILE_MODE: Final = 0o644


class SuiteManifestError(InputError):
    """A manifest cannot be read, or is of another deployment."""

    code = "suite_manifest"
    title = "Manifest refused"


@dataclass(frozen=True, slots=True)
class ContractRecord:
    """One contract. Hashes are 32 bytes, the address 20.

    Args:
        name: name in the directory.
        contract_name: name of the contract in the sources; two councils have one.
        version: number in the directory; 0 until it is listed.
        address: where it is.
        arguments: ABI encoding of the constructor's arguments; None for an adopted contract whose founding is not known.
        code_hash: keccak256 of the code on the chain.
        source_hash: SHA-256 over its sources, as ``scripts/export_artifacts.py`` computes it.
        tx_hash: what deployed it; None when it was adopted, or when an interrupted run did it in a block that is no longer found.
        block_hash: the block of that transaction.
        block_number: its number.
    """

    name: str
    contract_name: str
    version: int
    address: bytes
    arguments: bytes | None
    code_hash: bytes
    source_hash: bytes
    tx_hash: bytes | None
    block_hash: bytes | None
    block_number: int | None


@dataclass(frozen=True, slots=True)
class RoleRecord:
    """One role of the access manager: its number, name, member, the member's delay in seconds and the guardian role's name."""

    role_id: int
    name: str
    members: tuple[bytes, ...]
    delay_s: int
    guardian: str | None


@dataclass(frozen=True, slots=True)
class SuiteManifest:
    """A whole deployment. Hashes are 32 bytes, the factory's address 20."""

    chain_id: int
    genesis_hash: bytes
    profile: str
    config_sha256: bytes
    factory: bytes
    contracts: tuple[ContractRecord, ...]
    roles: tuple[RoleRecord, ...]

    def contract(self, name: str) -> ContractRecord | None:
        """The contract of this name."""
        return next((record for record in self.contracts if record.name == name), None)


def encode_manifest(manifest: SuiteManifest) -> bytes:
    """Canonical JSON of a manifest."""
    return encode_jcs(
        {
            "v": MANIFEST_VERSION,
            "chain_id": manifest.chain_id,
            "genesis_hash": _hex(manifest.genesis_hash),
            "profile": manifest.profile,
            "config_sha256": _hex(manifest.config_sha256),
            "factory": to_checksum_address(manifest.factory),
            "contracts": [_contract_to_json(record) for record in manifest.contracts],
            "roles": [
                {
                    "id": role.role_id,
                    "name": role.name,
                    "members": [to_checksum_address(member) for member in role.members],
                    "delay_s": role.delay_s,
                    "guardian": role.guardian,
                }
                for role in manifest.roles
            ],
        }
    )


def parse_manifest(raw: bytes) -> SuiteManifest:
    """Strict inverse of ``encode_manifest``.

    Raises:
        SuiteManifestError: not a manifest, or not in its one encoding.
    """
    try:
        value: Any = parse_json(raw)
        manifest = SuiteManifest(
            chain_id=_integer(value["chain_id"]),
            genesis_hash=_bytes(value["genesis_hash"]),
            profile=str(value["profile"]),
            config_sha256=_bytes(value["config_sha256"]),
            factory=parse_checksum_address(value["factory"]),
            contracts=tuple(_contract_from_json(item) for item in value["contracts"]),
            roles=tuple(
                RoleRecord(
                    _integer(item["id"]),
                    str(item["name"]),
                    tuple(parse_checksum_address(member) for member in item["members"]),
                    _integer(item["delay_s"]),
                    item["guardian"],
                )
                for item in value["roles"]
            ),
        )
    except (LedgerError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise SuiteManifestError(f"not a manifest: {error}") from error
    if encode_manifest(manifest) != raw:
        raise SuiteManifestError("a manifest has exactly its fields, in canonical JSON")
    return manifest


def read_manifest(path: Path) -> SuiteManifest:
    """The manifest in a file.

    Raises:
        SuiteManifestError: it cannot be read or is none.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SuiteManifestError(f"{path} cannot be read: {error.strerror}") from error
    try:
        return parse_manifest(raw)
    except SuiteManifestError as error:
        raise SuiteManifestError(
            f"{path}: {error.detail}; put it aside, and `contracts deploy` writes it anew from the chain"
        ) from error


def write_manifest(path: Path, manifest: SuiteManifest) -> None:
    """Puts the manifest in place, durably and at once."""
    replace_file(path, encode_manifest(manifest), PUBLIC_FILE_MODE)


def _contract_to_json(record: ContractRecord) -> dict[str, Any]:
    return {
        "name": record.name,
        "contract": record.contract_name,
        "version": record.version,
        "address": to_checksum_address(record.address),
        "arguments": _hex_or_none(record.arguments),
        "code_hash": _hex(record.code_hash),
        "source_hash": _hex(record.source_hash),
        "tx_hash": _hex_or_none(record.tx_hash),
        "block_hash": _hex_or_none(record.block_hash),
        "block_number": record.block_number,
    }


def _contract_from_json(item: Any) -> ContractRecord:
    return ContractRecord(
        name=str(item["name"]),
        contract_name=str(item["contract"]),
        version=_integer(item["version"]),
        address=parse_checksum_address(item["address"]),
        arguments=_bytes_or_none(item["arguments"]),
        code_hash=_bytes(item["code_hash"]),
        source_hash=_bytes(item["source_hash"]),
        tx_hash=_bytes_or_none(item["tx_hash"]),
        block_hash=_bytes_or_none(item["block_hash"]),
        block_number=None if item["block_number"] is None else _integer(item["block_number"]),
    )


def _integer(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"no number: {value!r}")
    return value


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _hex_or_none(value: bytes | None) -> str | None:
    return None if value is None else _hex(value)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _bytes_or_none(text: str | None) -> bytes | None:
    return None if text is None else _bytes(text)
