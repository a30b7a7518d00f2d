"""What a running installation tells others: ``connection.json`` with its secrets for the operator, ``trust.json`` for verifiers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.adapters.chain.deployment import Deployment
from ledger.adapters.chain.facts import read_chain_identity
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.files.durable import replace_file
from ledger.adapters.files.keys import KeyFiles
from ledger.log.trust import TrustedChain, TrustedLog, TrustFile
from ledger.log.typed_data import LogIdentity, to_checksum_address

CONNECTION_FILE = "connection.json"
TRUST_FILE = "trust.json"


@dataclass(frozen=True, slots=True)
class RunningStack:
    """Where everything is, once it runs. Holds no secret.

    Args:
        folder: the data folder.
        api_url: the API.
        database_url: PostgreSQL.
        rpc_url: the development chain.
        deployment: council and evidence log.
        contracts: every contract's address, 20 bytes, by its name in the directory.
        identity: the log.
    """

    folder: Path
    api_url: str
    database_url: str
    rpc_url: str
    deployment: Deployment
    contracts: Mapping[str, bytes]
    identity: LogIdentity


def write_trust(running: RunningStack, keys: KeyFiles) -> None:
    """Puts ``trust.json`` in place."""
    facts = read_chain_identity(JsonRpc(running.rpc_url), running.deployment.evidence_log)
    chain = TrustedChain(facts.chain_id, running.deployment.evidence_log, facts.code_hash, facts.genesis_hash)
    trust = TrustFile(chain, (TrustedLog(running.identity, keys.receipt_public_key),))
    replace_file(running.folder / TRUST_FILE, trust.encode(), 0o644)


def write_connection(running: RunningStack, keys: KeyFiles) -> None:
    """Puts ``connection.json`` in place, for the operator's eyes only."""
    value = connection_value(running, keys)
    replace_file(running.folder / CONNECTION_FILE, json.dumps(value, indent=2).encode() + b"\n", 0o600)


def connection_value(running: RunningStack, keys: KeyFiles) -> dict[str, Any]:
    """The content of ``connection.json`` (formats.md section 8)."""
    return {
        "api_url": running.api_url,
        "database_url": running.database_url,
        "rpc_url": running.rpc_url,
        "chain_id": running.deployment.chain_id,
        "contracts": {name: to_checksum_address(address) for name, address in running.contracts.items()},
        "log": {
            "id": "0x" + running.identity.log_id.hex(),
            "origin": running.identity.origin,
            "verifier_key": running.identity.verifier_key,
            "receipt_key": keys.receipt_public_key.hex(),
            "anchor_address": to_checksum_address(running.identity.anchor_address),
        },
        "api_keys": dict(keys.api_keys),
    }
