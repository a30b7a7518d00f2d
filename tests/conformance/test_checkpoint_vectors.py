"""Keys, log id and checkpoints of the format vectors, made by a second implementation, byte for byte."""

import pytest
from support.signing import ed25519_signer, ethereum_signer, load_formats, vector_identity

from ledger.log.checkpoint import (
    Checkpoint,
    encode_verifier_key,
    open_checkpoint,
    parse_note,
    parse_verifier_key,
    sign_checkpoint,
)
from ledger.log.signatures import verify_submitter_signature
from ledger.log.typed_data import checkpoint_signing_digest, recover_address, to_checksum_address

KEYS = load_formats("keys.json")
CHECKPOINTS = load_formats("checkpoints.json")
SIGNED_ENTRIES = [entry for entry in load_formats("entries.json") if entry.get("submitter_public_key")]


def test_log_id_and_verifier_key_are_the_vectors() -> None:
    identity = vector_identity()
    assert "0x" + identity.log_id.hex() == KEYS["log_id"]
    assert identity.verifier_key == KEYS["verifier_key"]
    assert parse_verifier_key(KEYS["verifier_key"]) == (identity.origin, identity.checkpoint_key)
    assert encode_verifier_key(identity.origin, identity.checkpoint_key) == KEYS["verifier_key"]
    assert to_checksum_address(identity.anchor_address) == KEYS["anchor_address"]


@pytest.mark.parametrize("vector", CHECKPOINTS, ids=lambda vector: vector["tree_size"])
def test_checkpoint_vector_opens_and_signs_again_to_the_same_bytes(vector: dict[str, object]) -> None:
    identity = vector_identity()
    opened = open_checkpoint(str(vector["note"]), identity)
    assert opened.note == vector["note"]
    assert parse_note(str(vector["note"])).encode() == vector["note"]
    assert opened.checkpoint.tree_size == vector["tree_size"]
    assert opened.checkpoint.root_hash.hex() == vector["root_hash"]
    assert "0x" + opened.anchor_signature.hex() == vector["eip712_signature"]
    digest = checkpoint_signing_digest(identity, opened.checkpoint.tree_size, opened.checkpoint.root_hash)
    assert recover_address(digest, opened.anchor_signature) == identity.anchor_address
    signed = sign_checkpoint(
        Checkpoint(identity.origin, opened.checkpoint.tree_size, opened.checkpoint.root_hash),
        ed25519_signer(KEYS["checkpoint_private_key"]),
        ethereum_signer(KEYS["anchor_private_key"]),
        identity,
    )
    assert signed == vector["note"]


def test_submitter_signature_vectors_verify() -> None:
    assert SIGNED_ENTRIES
    for entry in SIGNED_ENTRIES:
        signature = entry["opening"]["body"]["signature"]
        verify_submitter_signature(
            signature["alg"],
            bytes.fromhex(entry["submitter_public_key"]),
            KEYS["origin"],
            entry["event_jcs"].encode(),
            signature["value"],
        )
