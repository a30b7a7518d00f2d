"""Deploys ``Council`` and ``EvidenceLog`` at addresses that follow from code and arguments alone, and opens logs through the council.

Both functions may be run at any time, by anybody, any number of times: each step first asks the chain whether it is done.

1. The factory. The canonical deterministic-deployment proxy is used where the chain has it (anvil has it at genesis). Otherwise an
   equal one is deployed by the first transaction of the deployer's account; its address follows from that account alone.
2. ``Council`` by CREATE2: its address follows from factory, code, bodies and threshold. Later membership changes do not move it.
3. ``EvidenceLog`` by CREATE2: its address follows from factory, code and the council's address.

So a development chain that was lost and is deployed to again with the same key and bodies gets every address, and with them every
log id, back. A crash after any step leaves contracts that the next run finds; a transaction of the crashed run that is mined later
makes the repeated one fail, and the step is judged by the code on the chain, not by the transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coincurve import PrivateKey
from eth_abi.abi import encode
from web3.exceptions import Web3Exception
from web3.types import TxReceipt

from ledger.adapters.chain.artifact import (
    Artifact,
    contract_salt,
    create2_address,
    first_create_address,
    load_artifact,
)
from ledger.adapters.chain.sender import TransactionSender
from ledger.errors import LedgerError, MisuseError
from ledger.log.typed_data import (
    LogIdentity,
    address_of_public_key,
    council_signing_digest,
    keccak256,
    to_checksum_address,
)

CANONICAL_FACTORY = bytes.fromhex("4e59b44847b379578588920ca78fbf26c0b4956c")
"""The deterministic-deployment proxy: call data is salt || creation code, the answer is the address."""

FACTORY_RUNTIME_CODE = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0"
    "3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
)
FACTORY_CREATION_CODE = bytes.fromhex("604580600e600039806000f350fe") + FACTORY_RUNTIME_CODE

ACT_LIFETIME_S = 3600
"""How long signatures of a council act stay usable."""

LOG_STATUS_UNKNOWN = 0
"""``IEvidenceLog.LogStatus.UNKNOWN``."""


class DeploymentError(LedgerError):
    """The contracts could not be put, or are not, where they belong."""

    code = "deployment_failed"
    title = "Deployment failed"


@dataclass(frozen=True, slots=True)
class MinedAt:
    """The transaction that did a step, and its block."""

    tx_hash: bytes
    block_hash: bytes
    block_number: int


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where the contracts are. Addresses are 20 bytes.

    Args:
        chain_id: the chain.
        factory: the factory whose CREATE2 made the addresses.
        council: the ``Council``.
        evidence_log: the ``EvidenceLog``.
        code_hashes: keccak256 of the runtime code on the chain, by contract name.
        mined: by contract name, what deployed it in this run; None when it was there before.
    """

    chain_id: int
    factory: bytes
    council: bytes
    evidence_log: bytes
    code_hashes: Mapping[str, bytes]
    mined: Mapping[str, MinedAt | None]


def deploy(rpc_url: str, deployer_key: bytes, bodies: Sequence[bytes], threshold: int) -> Deployment:
    """Deploys what is missing and checks all code on the chain, byte for byte.

    Args:
        rpc_url: the node.
        deployer_key: secp256k1 key of the account that sends; it gets no rights.
        bodies: addresses of the council's founding bodies, 20 bytes each, in any order.
        threshold: how many of them must sign an act.

    Raises:
        DeploymentError: other code stands at an address, a transaction failed, or no factory can be had.
        ChainUnavailableError: the node does not answer; run it again.
    """
    sender = TransactionSender(rpc_url, deployer_key)
    factory = ensure_factory(sender)
    founding = encode(["address[]", "uint256"], [[to_checksum_address(body) for body in sorted(bodies)], threshold])
    artifact = load_artifact("Council")
    council, council_mined = _ensure_contract(sender, factory, artifact, founding, artifact.runtime_code_with())
    artifact = load_artifact("EvidenceLog")
    evidence_log, evidence_log_mined = _ensure_contract(
        sender,
        factory,
        artifact,
        encode(["address"], [to_checksum_address(council)]),
        artifact.runtime_code_with(council=council),
    )
    return Deployment(
        chain_id=sender.chain_id,
        factory=factory,
        council=council,
        evidence_log=evidence_log,
        code_hashes={
            "Council": keccak256(sender.code(council)),
            "EvidenceLog": keccak256(sender.code(evidence_log)),
        },
        mined={"Council": council_mined, "EvidenceLog": evidence_log_mined},
    )


def open_log(
    rpc_url: str,
    sender_key: bytes,
    deployment: Deployment,
    body_keys: Sequence[bytes],
    *,
    origin: str,
    checkpoint_key: bytes,
    anchor_address: bytes,
) -> bytes:
    """Opens a log by an act of the council, unless it was opened before (also when it was closed since).

    Args:
        rpc_url: the node.
        sender_key: secp256k1 key of the account that relays the act; it needs no rights.
        deployment: where the contracts are.
        body_keys: secp256k1 keys of the council's bodies, at least as many as its threshold; no more than that many sign.
        origin: origin line of the log's checkpoints.
        checkpoint_key: Ed25519 public key of its notes, 32 bytes.
        anchor_address: address of its secp256k1 anchor key, 20 bytes.

    Returns:
        The log id, 32 bytes.

    Raises:
        MisuseError: fewer keys than the threshold.
        DeploymentError: the act failed, for instance because a key is no body's.
        ChainUnavailableError: the node does not answer; run it again.
    """
    identity = LogIdentity(deployment.chain_id, deployment.evidence_log, origin, checkpoint_key, anchor_address)
    sender = TransactionSender(rpc_url, sender_key)
    if _is_opened(sender, identity):
        return identity.log_id
    evidence_log = sender.contract(deployment.evidence_log, load_artifact("EvidenceLog").abi)
    arguments = [origin, checkpoint_key, to_checksum_address(anchor_address)]
    failure: Exception | None = None
    receipt: TxReceipt | None = None
    try:
        receipt = _execute(
            sender, deployment, body_keys, bytes.fromhex(evidence_log.encode_abi("openLog", arguments)[2:])
        )
    except Web3Exception as error:  # refused: perhaps because another run's act came first
        failure = error
    if not _is_opened(sender, identity):
        shown = receipt["transactionHash"].hex() if receipt else str(failure)
        raise DeploymentError(f"The council's act to open log {origin} failed: {shown}.") from failure
    return identity.log_id


def ensure_factory(sender: TransactionSender) -> bytes:
    """The factory's address, after deploying an own one where the chain has none.

    Raises:
        DeploymentError: there is none, and the account cannot make one.
    """
    own = first_create_address(sender.address)
    for address in (CANONICAL_FACTORY, own):
        if sender.code(address) == FACTORY_RUNTIME_CODE:
            return address
    if sender.transaction_count() != 0:
        raise DeploymentError(
            "The chain has no deterministic-deployment proxy, and the deployer's account has sent before: use an"
            " account that never sent, whose first transaction then makes the proxy.",
            deployer=to_checksum_address(sender.address),
        )
    sender.send(None, FACTORY_CREATION_CODE)
    if sender.code(own) != FACTORY_RUNTIME_CODE:
        raise DeploymentError("Deploying the factory failed.", address=to_checksum_address(own))
    return own


def _ensure_contract(
    sender: TransactionSender, factory: bytes, artifact: Artifact, arguments: bytes, runtime_code: bytes
) -> tuple[bytes, MinedAt | None]:
    """Address of the contract and what deployed it now; its code is checked in both cases."""
    salt = contract_salt(artifact.contract_name)
    creation_code = artifact.creation_code + arguments
    address = create2_address(factory, salt, creation_code)
    receipt: TxReceipt | None = None
    failure: Exception | None = None
    if not sender.code(address):
        try:
            receipt = sender.send(factory, salt + creation_code)
        except Web3Exception as error:  # refused: perhaps because another run deployed it just now
            failure = error
    found = sender.code(address)
    if found != runtime_code:
        what = "other code" if found else "no code"
        raise DeploymentError(
            f"{artifact.contract_name} has {what} at its address.", address=to_checksum_address(address)
        ) from failure
    return address, mined_at(receipt)


def mined_at(receipt: TxReceipt | None) -> MinedAt | None:
    """Where the receipt says that its transaction was mined; None for none, or for one that failed."""
    if receipt is None or receipt["status"] != 1:
        return None
    return MinedAt(bytes(receipt["transactionHash"]), bytes(receipt["blockHash"]), int(receipt["blockNumber"]))


def _is_opened(sender: TransactionSender, identity: LogIdentity) -> bool:
    contract = sender.contract(identity.evidence_log, load_artifact("EvidenceLog").abi)
    status, _anchor_key = contract.functions.logState(identity.log_id).call()
    return bool(status != LOG_STATUS_UNKNOWN)


def _execute(sender: TransactionSender, deployment: Deployment, body_keys: Sequence[bytes], data: bytes) -> TxReceipt:
    """Has the council call ``EvidenceLog`` with these bytes."""
    council = sender.contract(deployment.council, load_artifact("Council").abi)
    threshold = int(council.functions.threshold().call())
    if len(body_keys) < threshold:
        raise MisuseError(f"The council needs {threshold} signatures; {len(body_keys)} keys were given.")
    deadline = sender.chain_time_s() + ACT_LIFETIME_S
    digest = council_signing_digest(
        sender.chain_id,
        deployment.council,
        deployment.evidence_log,
        data,
        nonce=int(council.functions.nonce().call()),
        deadline=deadline,
    )
    signed = sorted(sign_digest(key, digest) for key in body_keys)
    signatures = [signature for _signer, signature in signed[:threshold]]
    arguments = [to_checksum_address(deployment.evidence_log), data, deadline, signatures]
    return sender.send(deployment.council, bytes.fromhex(council.encode_abi("execute", arguments)[2:]))


def sign_digest(key: bytes, digest: bytes) -> tuple[bytes, bytes]:
    """Signer's address and r || s || v with low s (the library's own form) and v 27 or 28."""
    private_key = PrivateKey(key)
    signature = private_key.sign_recoverable(digest, hasher=None)
    address = address_of_public_key(private_key.public_key.format(compressed=False))
    return address, signature[:64] + bytes([signature[64] + 27])
