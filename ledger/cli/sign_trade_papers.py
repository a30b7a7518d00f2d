"""Papers of orders and agreements: what their digests in an act stand for, computed from what the API shows.

The digest of an agreement needs its confidential part only as hashes, so whoever may read the disclosed part can check it. A party that wants
to see the other part too adds the member ``confidential_part`` to the file, as ``sign open --out`` saved it; it then has to be the one.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ledger.bundle.agreement_chain import agreement_chain_id, agreement_reason_digest, filing_digest
from ledger.bundle.agreement_digest import (
    CONFIDENTIAL,
    AgreementSalts,
    agreement_digest,
    agreement_leaves,
    disclosed_leaves,
)
from ledger.bundle.order_digest import order_chain_id, order_reason_digest, voucher_digest

Found = Iterator[tuple[bytes, str, Any]]
"""Digest, title and content."""

_WITHHELD: Final = "hashes of the confidential part, whose words are not here"


def order_papers(value: Mapping[str, Any], salt: bytes) -> Found:
    """Of an order as ``GET /v1/orders/{id}`` answers: number, voucher, and why it ended."""
    order_id = value["order_id"]
    yield order_chain_id(salt, order_id), f"order {order_id}", order_id
    if value["voucher"] is not None:
        yield voucher_digest(salt, value["voucher"]), "voucher of an order", value["voucher"]
    if value.get("closing") is not None:
        yield order_reason_digest(salt, value["closing"]), "reason why an order ends", value["closing"]


def agreement_papers(value: Mapping[str, Any], salt: bytes) -> Found:
    """Of an agreement as ``GET /v1/agreements/{id}`` answers: id, content, filing, and why it ends."""
    agreement_id = value["agreement_id"]
    yield agreement_chain_id(salt, agreement_id), f"agreement {agreement_id}", agreement_id
    yield _content(value)
    if value["filing"] is not None:
        yield filing_digest(salt, value["filing"]), "filing of an agreement", value["filing"]
    if value["ending"] is not None:
        yield agreement_reason_digest(salt, value["ending"]), "reason why an agreement ends", value["ending"]


def _content(value: Mapping[str, Any]) -> tuple[bytes, str, Any]:
    disclosed, disclosed_salt = value["disclosed"], bytes.fromhex(value["disclosed_salt"])
    hashes = value["confidential"]["leaf_hashes"]
    opened = value.get("confidential_part")
    if opened is None:
        leaves = [bytes.fromhex(one) for one in hashes]
        digest = agreement_digest([*leaves, *disclosed_leaves(disclosed, disclosed_salt)])
        return digest, "agreement, its disclosed part", {"disclosed": disclosed, _WITHHELD: hashes}
    salts = AgreementSalts(disclosed_salt, bytes.fromhex(opened["salt"]))
    whole = agreement_leaves(disclosed, opened["confidential"], salts)
    if [leaf.leaf_hash.hex() for leaf in whole if leaf.pointer.startswith(CONFIDENTIAL)] != list(hashes):
        raise ValueError("confidential_part")
    return (
        agreement_digest(whole),
        "agreement, both parts",
        {"disclosed": disclosed, "confidential": opened["confidential"]},
    )
