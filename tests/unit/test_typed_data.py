"""EIP-712 digests against eth-account's, recovery, log identity and EIP-55."""

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data
from hypothesis import given
from hypothesis import strategies as st
from support.signing import ethereum_signer, vector_identity

from ledger.errors import MalformedEvidenceError, SignatureError
from ledger.log.typed_data import (
    SECP256K1_ORDER,
    LogIdentity,
    address_of_public_key,
    checkpoint_signing_digest,
    council_signing_digest,
    domain_separator,
    keccak256,
    parse_checksum_address,
    recover_address,
    to_checksum_address,
)

PRIVATE_KEY = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
DIGEST = keccak256(b"a digest")
ADDRESSES = st.binary(min_size=20, max_size=20)
HASHES = st.binary(min_size=32, max_size=32)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"], exclude_characters="+"), min_size=1)
DOMAIN_FIELDS = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


def _eth_account_digest(primary_type: str, fields: str, domain: dict[str, Any], message: dict[str, Any]) -> bytes:
    """The digest by the library; ``fields`` as they stand in the EIP-712 type string."""
    typed = [dict(zip(("type", "name"), field.split(" "), strict=True)) for field in fields.split(",")]
    full = {
        "types": {"EIP712Domain": DOMAIN_FIELDS, primary_type: typed},
        "primaryType": primary_type,
        "domain": domain,
        "message": message,
    }
    return bytes(_hash_eip191_message(encode_typed_data(full_message=full)))


@given(
    st.builds(LogIdentity, st.integers(1, 2**256 - 1), ADDRESSES, NAMES, HASHES, ADDRESSES),
    st.integers(0, 2**64 - 1),
    HASHES,
)
def test_checkpoint_digest_equals_eth_accounts(identity: LogIdentity, tree_size: int, root_hash: bytes) -> None:
    expected = _eth_account_digest(
        "Checkpoint",
        "bytes32 logId,uint64 treeSize,bytes32 rootHash",
        {
            "name": "CityLedger EvidenceLog",
            "version": "1",
            "chainId": identity.chain_id,
            "verifyingContract": to_checksum_address(identity.evidence_log),
        },
        {"logId": identity.log_id, "treeSize": tree_size, "rootHash": root_hash},
    )
    assert checkpoint_signing_digest(identity, tree_size, root_hash) == expected


@given(
    st.integers(1, 2**256 - 1),
    ADDRESSES,
    ADDRESSES,
    st.binary(max_size=200),
    st.tuples(st.integers(0, 2**256 - 1), st.integers(0, 2**256 - 1)),
)
def test_council_digest_equals_eth_accounts(
    chain_id: int, council: bytes, target: bytes, data: bytes, numbers: tuple[int, int]
) -> None:
    nonce, deadline = numbers
    expected = _eth_account_digest(
        "Act",
        "address target,bytes data,uint256 nonce,uint256 deadline",
        {
            "name": "CityLedger Council",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": to_checksum_address(council),
        },
        {"target": to_checksum_address(target), "data": data, "nonce": nonce, "deadline": deadline},
    )
    assert council_signing_digest(chain_id, council, target, data, nonce=nonce, deadline=deadline) == expected


def test_domain_separator_of_the_eip_712_example_is_the_published_one() -> None:
    """The "Ether Mail" example of EIP-712."""
    separator = domain_separator("Ether Mail", "1", 1, bytes.fromhex("cc" * 20))
    assert separator.hex() == "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f"


def test_log_id_changes_with_every_part_of_the_identity() -> None:
    identity = vector_identity()
    parts = vars(identity).copy()
    changes = {
        "chain_id": 1,
        "evidence_log": bytes(20),
        "origin": "x",
        "checkpoint_key": bytes(32),
        "anchor_address": bytes(20),
    }
    assert parts.keys() >= changes.keys()
    ids = {LogIdentity(**{**parts, name: value}).log_id for name, value in changes.items()}
    assert len(ids | {identity.log_id}) == 6


@pytest.mark.parametrize(
    "change",
    [
        {"chain_id": -1},
        {"chain_id": 2**256},
        {"evidence_log": bytes(19)},
        {"origin": ""},
        {"origin": "a b"},
        {"origin": "a\nb"},
        {"origin": "\ud800"},
        {"checkpoint_key": bytes(33)},
        {"anchor_address": bytes(32)},
    ],
)
def test_log_identity_of_another_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedEvidenceError):
        LogIdentity(**{**vars(vector_identity()), **change})


@pytest.mark.parametrize(("tree_size", "root_hash"), [(-1, bytes(32)), (2**64, bytes(32)), (1, bytes(31))])
def test_checkpoint_digest_of_impossible_values_is_refused(tree_size: int, root_hash: bytes) -> None:
    with pytest.raises(MalformedEvidenceError):
        checkpoint_signing_digest(vector_identity(), tree_size, root_hash)


def test_council_digest_of_a_short_address_is_refused() -> None:
    for council, target in ((bytes(19), bytes(20)), (bytes(20), bytes(21))):
        with pytest.raises(MalformedEvidenceError):
            council_signing_digest(1, council, target, b"", nonce=0, deadline=0)


@given(st.integers(1, SECP256K1_ORDER - 1), HASHES)
def test_recovered_address_is_the_signers(private_key: int, digest: bytes) -> None:
    key = private_key.to_bytes(32, "big")
    account = Account.from_key(key)
    by_eth_account = account.unsafe_sign_hash(digest)
    signature = ethereum_signer(key.hex())(digest)
    assert signature == by_eth_account.signature
    assert to_checksum_address(recover_address(digest, signature)) == account.address


def _changed(*, r: int | None = None, s: int | None = None, v: int | None = None) -> bytes:
    signature = ethereum_signer(PRIVATE_KEY)(DIGEST)
    parts = (
        signature[:32] if r is None else r.to_bytes(32, "big"),
        signature[32:64] if s is None else s.to_bytes(32, "big"),
        signature[64:] if v is None else bytes([v]),
    )
    return b"".join(parts)


@pytest.mark.parametrize("v", [0, 1, 2, 26, 29, 37, 255])
def test_recover_with_another_v_is_refused(v: int) -> None:
    with pytest.raises(SignatureError, match="v is 27 or 28"):
        recover_address(DIGEST, _changed(v=v))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("r", 0),
        ("r", SECP256K1_ORDER),
        ("r", 2**256 - 1),
        ("s", 0),
        ("s", SECP256K1_ORDER // 2 + 1),
        ("s", SECP256K1_ORDER),
        ("s", 2**256 - 1),
        ("r", 5),  # no point of the curve has this x
    ],
)
def test_recover_with_r_or_s_out_of_range_is_refused(part: str, value: int) -> None:
    with pytest.raises(SignatureError):
        recover_address(DIGEST, _changed(**{part: value}))


@pytest.mark.parametrize(("digest", "signature"), [(DIGEST[:31], _changed()), (DIGEST, _changed()[:64]), (DIGEST, b"")])
def test_recover_of_another_length_is_refused(digest: bytes, signature: bytes) -> None:
    with pytest.raises(SignatureError, match="bytes, got"):
        recover_address(digest, signature)


# the examples of EIP-55
@pytest.mark.parametrize(
    "address",
    [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ],
)
def test_checksum_address_of_the_eip_reads_back(address: str) -> None:
    assert to_checksum_address(bytes.fromhex(address[2:])) == address
    assert parse_checksum_address(address) == bytes.fromhex(address[2:])
    if address[2:].lower() != address[2:]:
        with pytest.raises(MalformedEvidenceError):
            parse_checksum_address(address.lower())


@pytest.mark.parametrize(
    "text", ["", "0x", "0x" + "0" * 39, "0x" + "0" * 42, "0X" + "0" * 40, "0x" + "g" * 40, "00" * 21]
)
def test_checksum_address_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(MalformedEvidenceError):
        parse_checksum_address(text)


def test_address_of_a_compressed_key_is_refused() -> None:
    for key in (bytes(64), b"\x02" + bytes(32), b"\x05" + bytes(64)):
        with pytest.raises(MalformedEvidenceError):
            address_of_public_key(key)
    with pytest.raises(MalformedEvidenceError):
        to_checksum_address(bytes(19))
