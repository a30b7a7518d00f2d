"""Keys and log identity of the format vectors, and signers over them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.log.typed_data import LogIdentity, parse_checksum_address

FORMATS = Path(__file__).resolve().parents[1] / "vectors" / "formats"


def load_formats(name: str) -> Any:
    """One file of the format vectors."""
    return json.loads((FORMATS / name).read_bytes())


def vector_identity() -> LogIdentity:
    """The log of the format vectors."""
    keys = load_formats("keys.json")
    return LogIdentity(
        chain_id=keys["chain_id"],
        evidence_log=bytes.fromhex(keys["evidence_log"][2:]),
        origin=keys["origin"],
        checkpoint_key=bytes.fromhex(keys["checkpoint_public_key"]),
        anchor_address=parse_checksum_address(keys["anchor_address"]),
    )


def ed25519_signer(private_key: str) -> Callable[[bytes], bytes]:
    """Signs messages with an Ed25519 key given in hex."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key)).sign


def ethereum_signer(private_key: str) -> Callable[[bytes], bytes]:
    """Signs 32-byte digests as r || s || v (27 or 28) with a secp256k1 key given in hex."""
    key = PrivateKey(bytes.fromhex(private_key))

    def sign(digest: bytes) -> bytes:
        signature = key.sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes([signature[64] + 27])

    return sign
