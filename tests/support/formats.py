"""The worked examples of the formats (tests/vectors/formats) as objects, and the keys they were made with."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from ledger.bundle.chain_facts import AnchoredHead, ChainFacts
from ledger.bundle.contract_head import ContractHead, HeadState
from ledger.log.body import event_from_body_value
from ledger.log.entry import Entry, parse_entry
from ledger.log.opening import Opening, opening_from_value
from ledger.log.proof_file import ProofFile, parse_proof
from ledger.log.trust import TrustFile, parse_trust_file

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
FORMATS = VECTORS / "formats"


@cache
def load(name: str) -> Any:
    """A JSON file of tests/vectors, by its path below that folder."""
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def keys() -> dict[str, Any]:
    return load("formats/keys.json")


@cache
def trust() -> TrustFile:
    return parse_trust_file((FORMATS / "trust.json").read_bytes())


@cache
def proofs() -> dict[str, bytes]:
    """Name -> bytes of every worked proof."""
    return {case["name"]: case["proof_jcs"].encode() for case in load("formats/proofs.json")}


def entry_case(name: str) -> dict[str, Any]:
    return next(case for case in load("formats/entries.json") if case["name"] == name)


def opened(case: dict[str, Any]) -> tuple[Entry, Opening]:
    """The entry and the full opening of a worked entry."""
    return parse_entry(case["entry_jcs"].encode()), opening_from_value(case["opening"])


def event_of(case: dict[str, Any]) -> Any:
    return event_from_body_value(case["opening"]["body"])


class ChainDouble:
    """A chain that holds exactly one anchor: what a caller would read from it for any proof."""

    def __init__(self, proof: ProofFile, trusted: TrustFile) -> None:
        assert proof.anchor is not None
        self._anchor = proof.anchor
        self._chain = trusted.chain

    def facts_for(self, proof: ProofFile) -> ChainFacts:
        asked = proof.anchor
        assert asked is not None
        held = self._anchor
        has_tx = asked.tx_hash == held.tx_hash
        return ChainFacts(
            chain_id=self._chain.chain_id,
            genesis_hash=self._chain.genesis_hash,
            code_hash=self._chain.evidence_log_code_hash,
            tx_hash=asked.tx_hash,
            tx_block_number=held.block_number if has_tx else None,
            tx_block_hash=held.block_hash if has_tx else None,
            anchored=(AnchoredHead(held.contract, held.log_id, held.tree_size, held.root_hash),) if has_tx else (),
            canonical_block_hash=held.block_hash if asked.block_number == held.block_number else None,
        )

    def contract_head(self) -> ContractHead:
        """The anchored head as the contract's newest, without a mark."""
        chain, state = self._chain, HeadState(self._anchor.tree_size, self._anchor.root_hash, is_equivocated=False)
        return ContractHead(chain.chain_id, chain.genesis_hash, chain.evidence_log_code_hash, state)


@cache
def chain_of(name: str) -> ChainDouble:
    """The chain that holds the anchor of a worked proof."""
    return ChainDouble(parse_proof(proofs()[name]), trust())
