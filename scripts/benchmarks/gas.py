"""Gas of one anchor with the signature and the consistency proof checked on chain, at several log sizes.

The log is virtual: all leaves are equal, so the hash of every complete subtree is known without holding the tree, and proofs
of a billion leaves are as real as those of ten. Figures are ``gasUsed`` of transaction receipts: base cost and calldata included.
"""

import statistics
from functools import cache
from pathlib import Path
from typing import Any

from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.adapters.chain.deployment import deploy, open_log
from ledger.adapters.chain.evidence_log import ChainHead, encode_anchor
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.embedded.anvil import CHAIN_ID, EmbeddedAnvil
from ledger.adapters.embedded.ports import free_port
from ledger.log.hashing import hash_children, hash_leaf
from ledger.log.proof import Node, consistency_path, root_hash
from ledger.log.typed_data import LogIdentity, address_of_public_key, checkpoint_signing_digest

SIZES = (1_000, 100_000, 1_000_000, 1_000_000_000)
ANCHORS_PER_SIZE = 15
GROWTHS = (1, 37, 400, 5_000, 20_000)
"""Entries between two anchors: from one to a full second of load."""


@cache
def subtree_hash(level: int) -> bytes:
    """Hash of a complete subtree of 2^level equal leaves."""
    return hash_leaf(b"entry") if level == 0 else hash_children(subtree_hash(level - 1), subtree_hash(level - 1))


def read_nodes(nodes: "list[Node] | Any") -> list[bytes]:
    """The reader of the virtual tree."""
    return [subtree_hash(node[0]) for node in nodes]


def measure(folder: Path) -> dict[str, Any]:
    """Median and largest gas of an anchor at each size."""
    node = EmbeddedAnvil(folder / "chain", free_port())
    node.start()
    try:
        return {
            f"at_{size}": round(statistics.median(used)) if used else None
            for size, used in _used_by_size(node.rpc_url).items()
        }
    finally:
        node.stop()


def _used_by_size(rpc_url: str) -> dict[int, list[int]]:
    bodies = [PrivateKey() for _ in range(3)]
    addresses = [address_of_public_key(body.public_key.format(compressed=False)) for body in bodies]
    sender_key = PrivateKey().secret
    deployment = deploy(rpc_url, sender_key, addresses, 2)
    used: dict[int, list[int]] = {}
    for size in SIZES:
        anchor_key, checkpoint_key = PrivateKey(), Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        identity = LogIdentity(
            chain_id=CHAIN_ID,
            evidence_log=deployment.evidence_log,
            origin=f"benchmark.invalid/{size}",
            checkpoint_key=checkpoint_key,
            anchor_address=address_of_public_key(anchor_key.public_key.format(compressed=False)),
        )
        open_log(
            rpc_url,
            sender_key,
            deployment,
            [body.secret for body in bodies],
            origin=identity.origin,
            checkpoint_key=checkpoint_key,
            anchor_address=identity.anchor_address,
        )
        used[size] = _anchor_around(TransactionSender(rpc_url, sender_key), identity, anchor_key, size)
    return used


def _anchor_around(sender: TransactionSender, identity: LogIdentity, anchor_key: PrivateKey, size: int) -> list[int]:
    used = []
    _anchor(sender, identity, anchor_key, 0, size)  # the first anchor has no proof and is not counted
    old_size = size
    for number in range(ANCHORS_PER_SIZE):
        new_size = old_size + min(GROWTHS[number % len(GROWTHS)], size)
        used.append(_anchor(sender, identity, anchor_key, old_size, new_size))
        old_size = new_size
    return used


def _anchor(
    sender: TransactionSender, identity: LogIdentity, anchor_key: PrivateKey, old_size: int, new_size: int
) -> int:
    root = root_hash(new_size, read_nodes)
    digest = checkpoint_signing_digest(identity, new_size, root)
    signature = anchor_key.sign_recoverable(digest, hasher=None)
    signature = signature[:64] + bytes([signature[64] + 27])
    path = consistency_path(old_size, new_size, read_nodes) if old_size else []
    head = ChainHead(new_size, root, closed=False, equivocated=False)
    data = encode_anchor(identity.log_id, old_size, head, path=path, signature=signature)
    return int(sender.send(identity.evidence_log, data)["gasUsed"])
