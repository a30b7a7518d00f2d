"""What a verifier reads from a chain node: the facts for one proof, and the heads that a log anchored.

Nothing here judges; ``ledger.bundle`` and the receipt audit do. Without web3, so that the base install can read a chain.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from ledger.adapters.chain.errors import RpcRejectedError
from ledger.adapters.chain.json_rpc import JsonRpc, read_bytes, read_quantity, spans
from ledger.bundle.chain_facts import AnchoredHead, ChainFacts
from ledger.bundle.contract_head import ContractHead, HeadState
from ledger.errors import MalformedEvidenceError
from ledger.log.checkpoint import parse_checkpoint_body, parse_note
from ledger.log.proof_file import AnchorFacts, ProofFile
from ledger.log.trust import TrustFile
from ledger.log.typed_data import keccak256

HEAD_ANCHORED: Final = keccak256(b"HeadAnchored(bytes32,uint64,bytes32)")
"""Topic of the event that ``EvidenceLog`` emits when it records a new head."""

EQUIVOCATED: Final = (
    keccak256(b"HeadForked(bytes32,uint64,bytes32,bytes32)"),
    keccak256(b"ForkReported(bytes32,uint64,bytes32,bytes32,uint64,bytes32)"),
)
"""Topics of the events with which ``EvidenceLog`` marks a log as equivocated."""

_HEAD_SELECTOR: Final = keccak256(b"head(bytes32)")[:4]
_HEAD_BYTES: Final = 4 * 32
"""The view's answer: tree size, root hash, closed, equivocated."""

LOGS_BLOCK_SPAN: Final = 5_000
"""Blocks asked for in one ``eth_getLogs``; nodes limit it."""


class MinedHead(NamedTuple):
    """A head that the contract recorded, and where; hashes are 32 bytes."""

    tree_size: int
    root_hash: bytes
    block_number: int
    block_hash: bytes
    tx_hash: bytes


def read_chain_facts(rpc: JsonRpc, anchor: AnchorFacts) -> ChainFacts:
    """The facts for the anchor of one proof.

    Raises:
        ChainUnavailableError: the node does not answer.
        MalformedEvidenceError: it answers with something that no node says.
    """
    code = read_bytes(rpc.call("eth_getCode", _hex(anchor.contract), "latest"))
    tx_receipt = rpc.call("eth_getTransactionReceipt", _hex(anchor.tx_hash))
    is_mined = isinstance(tx_receipt, Mapping) and read_quantity(tx_receipt.get("status")) == 1
    block = rpc.call("eth_getBlockByNumber", hex(anchor.block_number), False)
    return ChainFacts(
        chain_id=read_quantity(rpc.call("eth_chainId")),
        genesis_hash=_genesis_hash(rpc),
        code_hash=keccak256(code),
        tx_hash=anchor.tx_hash,
        tx_block_number=read_quantity(tx_receipt.get("blockNumber")) if is_mined else None,
        tx_block_hash=read_bytes(tx_receipt.get("blockHash"), 32) if is_mined else None,
        anchored=tuple(_anchored_heads(tx_receipt)) if is_mined else (),
        canonical_block_hash=read_bytes(block.get("hash"), 32) if isinstance(block, Mapping) else None,
    )


class ChainIdentity(NamedTuple):
    """Which chain answers, and the code at the contract's address (keccak-256)."""

    chain_id: int
    genesis_hash: bytes
    code_hash: bytes


def read_chain_identity(rpc: JsonRpc, contract: bytes) -> ChainIdentity:
    """Which chain answers. Raises as ``read_chain_facts``."""
    code = read_bytes(rpc.call("eth_getCode", _hex(contract), "latest"))
    return ChainIdentity(read_quantity(rpc.call("eth_chainId")), _genesis_hash(rpc), keccak256(code))


def read_contract_head(rpc: JsonRpc, proof: ProofFile, trust: TrustFile, *, is_searched: bool = True) -> ContractHead:
    """What the trusted contract says about the proof's log.

    The events are searched only when ``is_searched``: for the checkpoint's size when the proof's anchor does not settle it, and for
    the block of the mark when the log is marked as equivocated.

    Raises:
        VerificationError: the trust file does not name the log, or the checkpoint cannot be read.
        LedgerError: as ``read_chain_facts``.
    """
    log = trust.log(proof.opening.envelope.origin).identity
    checkpoint = parse_checkpoint_body(parse_note(proof.checkpoint).text)
    chain = read_chain_identity(rpc, log.evidence_log)
    state = _head_state(rpc, log.evidence_log, log.log_id)
    is_settled = proof.anchor is not None and proof.anchor.tree_size >= checkpoint.tree_size
    root = marked = None
    if is_searched and not is_settled and state is not None and state.tree_size > checkpoint.tree_size:
        heads = read_mined_heads(rpc, log.evidence_log, log.log_id)
        root = next((head.root_hash for head in heads if head.tree_size == checkpoint.tree_size), None)
    if is_searched and state is not None and state.is_equivocated:
        marks = _chain_events(rpc, log.evidence_log, log.log_id, *EQUIVOCATED)
        marked = next((read_quantity(mark.get("blockNumber")) for mark in marks), None)
    return ContractHead(*chain, state, root, marked)


def _head_state(rpc: JsonRpc, contract: bytes, log_id: bytes) -> HeadState | None:
    """The view ``head``; None when no contract is there or it does not know the log."""
    call = {"to": _hex(contract), "data": _hex(_HEAD_SELECTOR + log_id)}
    try:
        answer = read_bytes(rpc.call("eth_call", call, "latest"))
    except RpcRejectedError as error:
        if "revert" in str(error.facts.get("rpc_message", "")).lower():
            return None
        raise
    if not answer:
        return None
    if len(answer) != _HEAD_BYTES:
        raise MalformedEvidenceError(f"the chain node answers with {len(answer)} bytes where {_HEAD_BYTES} belong")
    size, root, equivocated = answer[:32], answer[32:64], answer[96:]
    return HeadState(int.from_bytes(size, "big"), root, any(equivocated))


def read_mined_heads(rpc: JsonRpc, contract: bytes, log_id: bytes) -> list[MinedHead]:
    """Every head that the contract recorded for this log, in the order of the chain. Raises as ``read_chain_facts``."""
    found: list[MinedHead] = []
    for chain_event in _chain_events(rpc, contract, log_id, HEAD_ANCHORED):
        head = _head(chain_event)
        if head is not None and (head.contract, head.log_id) == (contract, log_id):
            place = read_quantity(chain_event.get("blockNumber")), read_bytes(chain_event.get("blockHash"), 32)
            tx_hash = read_bytes(chain_event.get("transactionHash"), 32)
            found.append(MinedHead(head.tree_size, head.root_hash, *place, tx_hash))
    return found


def _chain_events(rpc: JsonRpc, contract: bytes, log_id: bytes, *topics: bytes) -> Iterator[Mapping[str, Any]]:
    """The contract's events about this log with one of ``topics``, in the order of the chain."""
    last_block = read_quantity(rpc.call("eth_blockNumber"))
    for first, last in spans(0, last_block, LOGS_BLOCK_SPAN):
        query = {
            "address": _hex(contract),
            "topics": [[_hex(topic) for topic in topics], _hex(log_id)],
            "fromBlock": hex(first),
            "toBlock": hex(last),
        }
        for chain_event in _list(rpc.call("eth_getLogs", query)):
            if not isinstance(chain_event, Mapping):
                raise MalformedEvidenceError("the chain node gives an event that is no object")
            yield chain_event


def read_block_time(rpc: JsonRpc, number: int) -> int:
    """The time that a block states, in seconds since 1970. Raises as ``read_chain_facts``."""
    block = rpc.call("eth_getBlockByNumber", hex(number), False)
    if not isinstance(block, Mapping):
        raise MalformedEvidenceError(f"the chain node does not give block {number}")
    return read_quantity(block.get("timestamp"))


def _genesis_hash(rpc: JsonRpc) -> bytes:
    genesis = rpc.call("eth_getBlockByNumber", "0x0", False)
    if not isinstance(genesis, Mapping):
        raise MalformedEvidenceError("the chain node does not give block 0")
    return read_bytes(genesis.get("hash"), 32)


def _anchored_heads(tx_receipt: Mapping[str, Any]) -> Iterator[AnchoredHead]:
    for chain_event in _list(tx_receipt.get("logs")):
        head = _head(chain_event)
        if head is not None:
            yield head


def _head(chain_event: Any) -> AnchoredHead | None:
    """The head in one chain event; None for an event of another kind."""
    if not isinstance(chain_event, Mapping):
        raise MalformedEvidenceError("the chain node gives an event that is no object")
    topics = [read_bytes(topic, 32) for topic in _list(chain_event.get("topics"))]
    if len(topics) != 3 or topics[0] != HEAD_ANCHORED:
        return None
    return AnchoredHead(
        contract=read_bytes(chain_event.get("address"), 20),
        log_id=topics[1],
        tree_size=int.from_bytes(topics[2], "big"),
        root_hash=read_bytes(chain_event.get("data"), 32),
    )


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedEvidenceError("the chain node gives something else than a list")
    return value


def _hex(octets: bytes) -> str:
    return "0x" + octets.hex()
