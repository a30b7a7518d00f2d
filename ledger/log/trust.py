"""The trust file, first form: whom a verifier believes, got separately from any proof (FORMATS.md section 7).

It is the verifier's own input and not evidence, so any spelling of the JSON is taken; ``encode`` writes JCS. Witnesses and
council signatures belong to a later form: a file that has some is refused here rather than read without them.
"""

from typing import Any, Final, NamedTuple

from ledger.errors import MalformedEvidenceError, VerificationError
from ledger.log.canonical import encode_jcs
from ledger.log.note import parse_verifier_key
from ledger.log.strict import (
    ethereum_hex,
    parse_evidence_json,
    read_count,
    read_ethereum20,
    read_ethereum32,
    read_hex32,
    read_list,
    read_object,
    read_string,
    read_version,
)
from ledger.log.typed_data import LogIdentity, parse_checksum_address, to_checksum_address

PROFILE_DEVELOPMENT: Final = "development"
"""The chain has no consensus; whatever was made on it says so."""

_MEMBERS: Final = ("chain", "logs", "profile", "signatures", "v", "witnesses")
_CHAIN_MEMBERS: Final = ("chain_id", "evidence_log", "evidence_log_code_hash", "genesis_hash")
_LOG_MEMBERS: Final = ("anchor_address", "log_id", "origin", "receipt_key", "verifier_key")


class TrustedChain(NamedTuple):
    """The chain and the contract that are believed; addresses 20 bytes, hashes 32 bytes (keccak-256)."""

    chain_id: int
    evidence_log: bytes
    evidence_log_code_hash: bytes
    genesis_hash: bytes


class TrustedLog(NamedTuple):
    """A log that is believed: what it is, with both keys of its heads, and its Ed25519 receipt key (32 bytes)."""

    identity: LogIdentity
    receipt_key: bytes


class TrustFile(NamedTuple):
    """One trust file; ``profile`` names the network profile that the chain belongs to."""

    chain: TrustedChain
    logs: tuple[TrustedLog, ...]
    profile: str = PROFILE_DEVELOPMENT

    def log(self, origin: str) -> TrustedLog:
        """The log of this origin.

        Raises:
            VerificationError: the file names no such log.
        """
        for log in self.logs:
            if log.identity.origin == origin:
                return log
        raise VerificationError(f"the trust file names no log {origin!r}")

    def value(self) -> dict[str, Any]:
        """The trust file as an object."""
        return {
            "chain": {
                "chain_id": self.chain.chain_id,
                "evidence_log": ethereum_hex(self.chain.evidence_log),
                "evidence_log_code_hash": ethereum_hex(self.chain.evidence_log_code_hash),
                "genesis_hash": ethereum_hex(self.chain.genesis_hash),
            },
            "logs": [_log_value(log) for log in self.logs],
            "profile": self.profile,
            "signatures": [],
            "v": 1,
            "witnesses": [],
        }

    def encode(self) -> bytes:
        """JCS of the trust file."""
        return encode_jcs(self.value())


def parse_trust_file(raw: bytes) -> TrustFile:
    """The trust file in ``raw``.

    Raises:
        MalformedEvidenceError: not strict JSON, another member or type, a log id that does not follow from the log's own facts,
            a log named twice, or witnesses and signatures, which this version cannot judge.
    """
    members = read_object(parse_evidence_json(raw, "trust file"), _MEMBERS, "the trust file")
    read_version(members["v"], "the trust file")
    if members["witnesses"] != [] or members["signatures"] != []:
        raise MalformedEvidenceError("a trust file with witnesses or signatures is of a later form than this verifier")
    chain = _read_chain(members["chain"])
    logs = tuple(_read_log(log, chain) for log in read_list(members["logs"], "the trust file's logs"))
    if len({log.identity.origin for log in logs}) != len(logs):
        raise MalformedEvidenceError("the trust file names a log twice")
    return TrustFile(chain, logs, read_string(members["profile"], "the trust file's profile"))


def _read_chain(value: Any) -> TrustedChain:
    members = read_object(value, _CHAIN_MEMBERS, "the trust file's chain")
    return TrustedChain(
        read_count(members["chain_id"], "the chain id"),
        read_ethereum20(members["evidence_log"], "the evidence log's address"),
        read_ethereum32(members["evidence_log_code_hash"], "the evidence log's code hash"),
        read_ethereum32(members["genesis_hash"], "the genesis hash"),
    )


def _read_log(value: Any, chain: TrustedChain) -> TrustedLog:
    members = read_object(value, _LOG_MEMBERS, "a log of the trust file")
    origin, checkpoint_key = parse_verifier_key(read_string(members["verifier_key"], "a log's verifier_key"))
    if members["origin"] != origin:
        raise MalformedEvidenceError("a log's verifier_key is of another origin")
    anchor_address = parse_checksum_address(read_string(members["anchor_address"], "a log's anchor_address"))
    identity = LogIdentity(chain.chain_id, chain.evidence_log, origin, checkpoint_key, anchor_address)
    if read_ethereum32(members["log_id"], "a log's log_id") != identity.log_id:
        raise MalformedEvidenceError(
            f"the log id of {origin!r} does not follow from its chain, contract, origin and keys"
        )
    return TrustedLog(identity, read_hex32(members["receipt_key"], "a log's receipt_key"))


def _log_value(log: TrustedLog) -> dict[str, Any]:
    return {
        "anchor_address": to_checksum_address(log.identity.anchor_address),
        "log_id": ethereum_hex(log.identity.log_id),
        "origin": log.identity.origin,
        "receipt_key": log.receipt_key.hex(),
        "verifier_key": log.identity.verifier_key,
    }
