"""EIP-712 digests, log ids and recovery of their signers, without a chain library (formats.md section 5).

The base install, which checks proofs offline, needs keccak-256 and secp256k1 recovery and nothing else of Ethereum. Addresses
are 20 bytes, digests 32 bytes, signatures 65 bytes r || s || v; text forms exist at the edges only.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from coincurve import PublicKey
from Crypto.Hash import keccak

from ledger.errors import MalformedEvidenceError, SignatureError
from ledger.log.hashing import HASH_BYTES
from ledger.log.note import check_key_name, encode_verifier_key

ADDRESS_BYTES: Final = 20
SIGNATURE_BYTES: Final = 65
SECP256K1_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
MAX_UINT64: Final = 2**64 - 1
MAX_UINT256: Final = 2**256 - 1

EVIDENCE_LOG_DOMAIN_NAME: Final = "CityLedger EvidenceLog"
COUNCIL_DOMAIN_NAME: Final = "CityLedger Council"
DOMAIN_VERSION: Final = "1"


def keccak256(data: bytes) -> bytes:
    """The 32-byte Keccak-256 digest Ethereum uses (not SHA3-256: the padding differs)."""
    return keccak.new(digest_bits=256, data=data).digest()


DOMAIN_TYPE_HASH: Final = keccak256(
    b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
CHECKPOINT_TYPE_HASH: Final = keccak256(b"Checkpoint(bytes32 logId,uint64 treeSize,bytes32 rootHash)")
ACT_TYPE_HASH: Final = keccak256(b"Act(address target,bytes data,uint256 nonce,uint256 deadline)")
LOG_ID_TYPE_HASH: Final = keccak256(
    b"CityLedgerLog(uint256 chainId,address evidenceLog,string origin,bytes32 checkpointKey,address anchorKey)"
)


@dataclass(frozen=True)
class LogIdentity:
    """What a log is: its chain, contract, name and the two keys that sign its heads (formats.md section 5).

    Args:
        chain_id: of the chain that ``evidence_log`` lives on.
        evidence_log: address of the ``EvidenceLog`` contract, 20 bytes.
        origin: the log's name, first line of its checkpoints and key name of its signatures.
        checkpoint_key: Ed25519 public key of its notes, 32 bytes.
        anchor_address: address of the secp256k1 anchor key, 20 bytes.

    Raises:
        MalformedEvidenceError: a length or range is wrong, or the origin cannot be a key name.
    """

    chain_id: int
    evidence_log: bytes
    origin: str
    checkpoint_key: bytes
    anchor_address: bytes

    def __post_init__(self) -> None:
        _uint("chain id", self.chain_id, MAX_UINT256)
        _exact("evidence log", self.evidence_log, ADDRESS_BYTES)
        check_key_name(self.origin)
        _exact("checkpoint key", self.checkpoint_key, HASH_BYTES)
        _exact("anchor address", self.anchor_address, ADDRESS_BYTES)

    @cached_property
    def log_id(self) -> bytes:
        """The 32-byte id that ``EvidenceLog.openLog`` computes from the same facts."""
        return keccak256(
            LOG_ID_TYPE_HASH
            + _uint("chain id", self.chain_id, MAX_UINT256)
            + _address("evidence log", self.evidence_log)
            + keccak256(self.origin.encode())
            + self.checkpoint_key
            + _address("anchor address", self.anchor_address)
        )

    @cached_property
    def verifier_key(self) -> str:
        """The C2SP verifier key (vkey) of its Ed25519 checkpoint key."""
        return encode_verifier_key(self.origin, self.checkpoint_key)

    @cached_property
    def domain_separator(self) -> bytes:
        """The EIP-712 domain of its checkpoints: the ``EvidenceLog`` contract it is anchored in."""
        return domain_separator(EVIDENCE_LOG_DOMAIN_NAME, DOMAIN_VERSION, self.chain_id, self.evidence_log)


def domain_separator(name: str, version: str, chain_id: int, verifying_contract: bytes) -> bytes:
    """The hash of struct ``EIP712Domain`` with exactly the fields name, version, chainId and verifyingContract.

    Raises:
        MalformedEvidenceError: the chain id is not a uint256 or the contract not 20 bytes.
    """
    return keccak256(
        DOMAIN_TYPE_HASH
        + keccak256(name.encode())
        + keccak256(version.encode())
        + _uint("chain id", chain_id, MAX_UINT256)
        + _address("verifying contract", verifying_contract)
    )


def signing_digest(separator: bytes, struct_hash: bytes) -> bytes:
    """What is signed in EIP-712: keccak256(0x19 0x01 || domain separator || struct hash)."""
    return keccak256(b"\x19\x01" + separator + struct_hash)


def checkpoint_signing_digest(identity: LogIdentity, tree_size: int, root_hash: bytes) -> bytes:
    """The digest that a log's anchor key signs for a head; ``EvidenceLog.anchor`` recomputes it.

    Raises:
        MalformedEvidenceError: the size is not a uint64 or the root hash not 32 bytes.
    """
    struct_hash = keccak256(
        CHECKPOINT_TYPE_HASH
        + identity.log_id
        + _uint("tree size", tree_size, MAX_UINT64)
        + _exact("root hash", root_hash, HASH_BYTES)
    )
    return signing_digest(identity.domain_separator, struct_hash)


def council_signing_digest(
    chain_id: int, council_address: bytes, target: bytes, data: bytes, *, nonce: int, deadline: int
) -> bytes:
    """The digest that council members sign for one act: call ``target`` with ``data``.

    Args:
        chain_id: the chain of the council.
        council_address: its address, the verifying contract, 20 bytes.
        target: the contract to call, 20 bytes.
        data: the call data, any length.
        nonce: of the act, uint256.
        deadline: Unix time in seconds, uint256.

    Raises:
        MalformedEvidenceError: a length or range is wrong.
    """
    struct_hash = keccak256(
        ACT_TYPE_HASH
        + _address("target", target)
        + keccak256(data)
        + _uint("nonce", nonce, MAX_UINT256)
        + _uint("deadline", deadline, MAX_UINT256)
    )
    return signing_digest(domain_separator(COUNCIL_DOMAIN_NAME, DOMAIN_VERSION, chain_id, council_address), struct_hash)


def recover_address(signing_digest: bytes, signature: bytes) -> bytes:
    """The 20-byte address whose key signed the digest.

    Only one encoding of a signature is taken: 65 bytes r || s || v with s in the lower half of the group order and v 27 or 28,
    as OpenZeppelin's ``ECDSA`` demands on chain; otherwise one head would have several valid signatures.

    Raises:
        SignatureError: wrong length, range, v, high s, or no public key gives this signature.
    """
    if len(signing_digest) != HASH_BYTES:
        raise SignatureError(f"a digest is {HASH_BYTES} bytes, got {len(signing_digest)}")
    if len(signature) != SIGNATURE_BYTES:
        raise SignatureError(f"an Ethereum signature is {SIGNATURE_BYTES} bytes, got {len(signature)}")
    r, s, v = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]
    if v not in (27, 28):
        raise SignatureError(f"v is 27 or 28, got {v}")
    if not 0 < r < SECP256K1_ORDER or not 0 < s <= SECP256K1_ORDER // 2:
        raise SignatureError("r or s is out of range, or s is in the upper half")
    try:
        key = PublicKey.from_signature_and_message(signature[:64] + bytes([v - 27]), signing_digest, hasher=None)
    except Exception as error:  # coincurve raises a bare Exception when no point has this r
        raise SignatureError("no public key gives this signature") from error
    return address_of_public_key(key.format(compressed=False))


def address_of_public_key(public_key: bytes) -> bytes:
    """The Ethereum address of an uncompressed secp256k1 public key: 65 bytes 0x04 || x || y.

    Raises:
        MalformedEvidenceError: not of that form.
    """
    if len(public_key) != 65 or public_key[0] != 4:
        raise MalformedEvidenceError("an uncompressed public key is 65 bytes that begin with 04")
    return keccak256(public_key[1:])[12:]


def to_checksum_address(address: bytes) -> str:
    """The EIP-55 text form of a 20-byte address: 0x and 40 hex digits whose case is the checksum.

    Raises:
        MalformedEvidenceError: not 20 bytes.
    """
    digits = _exact("address", address, ADDRESS_BYTES).hex()
    case = keccak256(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if nibble >= "8" else digit for digit, nibble in zip(digits, case, strict=False)
    )


def parse_checksum_address(text: str) -> bytes:
    """Strict inverse of ``to_checksum_address``.

    Raises:
        MalformedEvidenceError: not 0x and 40 hex digits, or the checksum in their case is wrong.
    """
    try:
        address = bytes.fromhex(text[2:])
    except ValueError as error:
        raise MalformedEvidenceError(f"not an address: {text[:64]!r}") from error
    if len(address) != ADDRESS_BYTES or to_checksum_address(address) != text:
        raise MalformedEvidenceError(f"not an EIP-55 address: {text[:64]!r}")
    return address


def _uint(name: str, value: int, maximum: int) -> bytes:
    """An unsigned number as one 32-byte word of the ABI."""
    if not 0 <= value <= maximum:
        raise MalformedEvidenceError(f"{name} {value} is not between 0 and {maximum}")
    return value.to_bytes(32, "big")


def _exact(name: str, value: bytes, length: int) -> bytes:
    if len(value) != length:
        raise MalformedEvidenceError(f"{name} has {len(value)} bytes, expected {length}")
    return value


def _address(name: str, value: bytes) -> bytes:
    """An address as one 32-byte word of the ABI."""
    return bytes(12) + _exact(name, value, ADDRESS_BYTES)
