"""Ed25519, secp256k1 and SM2: published vectors, one accepted form, and refusals."""

import base64

import pytest
from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support import sm2_reference as sm2

from ledger.errors import SignatureError, SubmitterSignatureError
from ledger.log import signatures
from ledger.log.signatures import (
    SM2_SIGNER_ID,
    decode_signature_value,
    encode_signature_value,
    submitter_message,
    verify_ed25519,
    verify_secp256k1,
    verify_sm2,
    verify_submitter_signature,
)
from ledger.log.typed_data import SECP256K1_ORDER

MESSAGE = b"message digest"

# RFC 8032 section 7.1, TEST 1 to 3: public key, message, signature
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]

# The eight points of small order, and their spellings with y not below the prime
WEAK_ED25519 = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]

# GB/T 32918.5-2017 annex A.2, recommended curve, signer id 1234567812345678, message "message digest"
SM2_PRIVATE_KEY = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
SM2_NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
SM2_PUBLIC_KEY = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
SM2_SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


def _flip(value: bytes, index: int) -> bytes:
    return value[:index] + bytes([value[index] ^ 1]) + value[index + 1 :]


@pytest.mark.parametrize(("public_key", "message", "signature"), RFC_8032)
def test_ed25519_vector_verifies_and_every_changed_byte_fails(public_key: str, message: str, signature: str) -> None:
    key, text, value = bytes.fromhex(public_key), bytes.fromhex(message), bytes.fromhex(signature)
    verify_ed25519(key, text, value)
    for index in range(64):
        with pytest.raises(SignatureError):
            verify_ed25519(key, text, _flip(value, index))
    for index in range(32):
        with pytest.raises(SignatureError):
            verify_ed25519(_flip(key, index), text, value)
    with pytest.raises(SignatureError):
        verify_ed25519(key, text + b"\x00", value)


def test_ed25519_signature_with_s_above_the_order_is_refused() -> None:
    key, message, value = (bytes.fromhex(part) for part in RFC_8032[1])
    s = int.from_bytes(value[32:], "little") + 2**252 + 27742317777372353535851937790883648493
    with pytest.raises(SignatureError):
        verify_ed25519(key, message, value[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("public_key", WEAK_ED25519)
def test_ed25519_key_of_small_order_or_not_canonical_is_refused(public_key: str) -> None:
    with pytest.raises(SignatureError, match="not an acceptable"):
        verify_ed25519(bytes.fromhex(public_key), b"", bytes([1]) + bytes(63))


def test_ed25519_key_of_small_order_would_otherwise_sign_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason for the refusal above: with the identity as key, (identity, 0) is a signature of every message."""
    monkeypatch.setattr(signatures, "check_ed25519_key", lambda _key: None)
    verify_ed25519(bytes.fromhex(WEAK_ED25519[0]), b"anything", bytes([1]) + bytes(63))


@pytest.mark.parametrize(("key_length", "signature_length"), [(31, 64), (33, 64), (32, 63), (32, 65)])
def test_ed25519_of_another_length_is_refused(key_length: int, signature_length: int) -> None:
    with pytest.raises(SignatureError, match="bytes, got"):
        verify_ed25519(b"\x42" * key_length, b"", bytes(signature_length))


def _secp256k1(message: bytes) -> tuple[bytes, bytes]:
    key = PrivateKey(bytes([7] * 32))
    return key.public_key.format(compressed=True), key.sign_recoverable(message)[:64]


def test_secp256k1_signature_over_sha256_verifies_and_every_changed_byte_fails() -> None:
    key, value = _secp256k1(MESSAGE)
    verify_secp256k1(key, MESSAGE, value)
    for index in range(64):
        with pytest.raises(SignatureError):
            verify_secp256k1(key, MESSAGE, _flip(value, index))
    for index in range(33):
        with pytest.raises(SignatureError):
            verify_secp256k1(_flip(key, index), MESSAGE, value)
    with pytest.raises(SignatureError):
        verify_secp256k1(key, MESSAGE + b".", value)


def test_secp256k1_public_vector_verifies() -> None:
    """The widely published RFC 6979 case of this curve: private key 1, message "Satoshi Nakamoto", SHA-256."""
    key = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    value = bytes.fromhex(
        "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
        "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
    )
    verify_secp256k1(key, b"Satoshi Nakamoto", value)


def test_secp256k1_high_s_twin_is_refused() -> None:
    key, value = _secp256k1(MESSAGE)
    twin = value[:32] + (SECP256K1_ORDER - int.from_bytes(value[32:], "big")).to_bytes(32, "big")
    with pytest.raises(SignatureError, match="upper half"):
        verify_secp256k1(key, MESSAGE, twin)


@pytest.mark.parametrize(
    ("key", "signature"),
    [
        (b"\x02" + b"\xff" * 32, b"\x01" * 64),
        (b"\x05" + b"\x01" * 32, b"\x01" * 64),
        (b"\x04" * 65, b"\x01" * 64),
        (_secp256k1(b"")[0], b"\x00" * 64),
        (_secp256k1(b"")[0], b"\xff" * 32 + b"\x01" * 32),
        (_secp256k1(b"")[0], b"\x01" * 63),
    ],
)
def test_secp256k1_of_another_form_is_refused(key: bytes, signature: bytes) -> None:
    with pytest.raises(SignatureError):
        verify_secp256k1(key, b"", signature)


def test_sm2_vector_of_the_standard_verifies() -> None:
    assert sm2.public_key(SM2_PRIVATE_KEY) == SM2_PUBLIC_KEY
    assert sm2.sign(SM2_PRIVATE_KEY, SM2_NONCE, MESSAGE, SM2_SIGNER_ID) == SM2_SIGNATURE
    verify_sm2(SM2_PUBLIC_KEY, MESSAGE, SM2_SIGNATURE)


@pytest.mark.parametrize("seed", range(1, 6))
def test_sm2_signature_of_the_reference_verifies_natively(seed: int) -> None:
    private_key, nonce, message = seed * 0x1234567 + 1, seed * 0x7654321 + 9, bytes([seed]) * (50 * seed)
    key = sm2.public_key(private_key)
    value = sm2.sign(private_key, nonce, message, SM2_SIGNER_ID)
    assert sm2.is_valid(key, message, value, SM2_SIGNER_ID)
    verify_sm2(key, message, value)
    other_signer = sm2.sign(private_key, nonce, message, b"somebody else")
    assert not sm2.is_valid(key, message, other_signer, SM2_SIGNER_ID)
    with pytest.raises(SignatureError):
        verify_sm2(key, message, other_signer)


def test_sm2_with_a_changed_byte_fails() -> None:
    for index in (0, 15, 31, 32, 63):
        with pytest.raises(SignatureError):
            verify_sm2(SM2_PUBLIC_KEY, MESSAGE, _flip(SM2_SIGNATURE, index))
    with pytest.raises(SignatureError):
        verify_sm2(SM2_PUBLIC_KEY, MESSAGE + b".", SM2_SIGNATURE)


@pytest.mark.parametrize(
    ("key", "signature"),
    [
        (SM2_PUBLIC_KEY[1:], SM2_SIGNATURE),
        (b"\x03" + SM2_PUBLIC_KEY[1:33], SM2_SIGNATURE),
        (b"\x05" + SM2_PUBLIC_KEY[1:], SM2_SIGNATURE),
        (_flip(SM2_PUBLIC_KEY, 64), SM2_SIGNATURE),
        (b"\x04" + bytes(64), SM2_SIGNATURE),
        (b"\x04" + b"\xff" * 64, SM2_SIGNATURE),
        (SM2_PUBLIC_KEY, bytes(64)),
        (SM2_PUBLIC_KEY, SM2_SIGNATURE[:32] + bytes(32)),
        (SM2_PUBLIC_KEY, bytes(32) + SM2_SIGNATURE[32:]),
        (SM2_PUBLIC_KEY, b"\xff" * 64),
        (SM2_PUBLIC_KEY, (1).to_bytes(32, "big") + (sm2.N - 1).to_bytes(32, "big")),
        (SM2_PUBLIC_KEY, SM2_SIGNATURE + b"\x00"),
    ],
)
def test_sm2_of_another_form_is_refused_without_a_word_of_the_native_library(
    key: bytes, signature: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SignatureError):
        verify_sm2(key, MESSAGE, signature)
    assert capfd.readouterr() == ("", "")


EVENT = b'{"id":"1","source":"/s","specversion":"1.0","type":"t"}'
ORIGIN = "log.example/2026"


def test_submitter_message_is_the_domain_and_canonical_json() -> None:
    assert submitter_message(ORIGIN, EVENT) == (
        b'cityledger/v1/submitter\n{"event":' + EVENT + b',"origin":"log.example/2026"}'
    )
    assert submitter_message('a"\\\u4e2d\x1f', b"{}").endswith('"origin":"a\\"\\\\\u4e2d\\u001f"}'.encode())


def _submitter_cases() -> list[tuple[str, bytes, bytes]]:
    message = submitter_message(ORIGIN, EVENT)
    ed25519 = Ed25519PrivateKey.from_private_bytes(bytes([5] * 32))
    secp256k1_key, secp256k1_value = _secp256k1(message)
    sm2_value = sm2.sign(SM2_PRIVATE_KEY, SM2_NONCE, message, SM2_SIGNER_ID)
    return [
        ("ed25519", ed25519.public_key().public_bytes_raw(), ed25519.sign(message)),
        ("secp256k1", secp256k1_key, secp256k1_value),
        ("sm2", SM2_PUBLIC_KEY, sm2_value),
    ]


@pytest.mark.parametrize(("alg", "key", "signature"), _submitter_cases())
def test_submitter_signature_verifies_for_its_event_and_log_only(alg: str, key: bytes, signature: bytes) -> None:
    value = encode_signature_value(signature)
    verify_submitter_signature(alg, key, ORIGIN, EVENT, value)
    for origin, event in (("log.example/2027", EVENT), (ORIGIN, EVENT.replace(b'"1"', b'"2"'))):
        with pytest.raises(SubmitterSignatureError):
            verify_submitter_signature(alg, key, origin, event, value)
    for other in {"ed25519", "secp256k1", "sm2", "rsa", "", alg.upper()} - {alg}:
        with pytest.raises(SubmitterSignatureError):
            verify_submitter_signature(other, key, ORIGIN, EVENT, value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "A" * 85,
        "A" * 87,
        "A" * 86 + "==",
        "A" * 85 + "B",  # bits set that no byte uses
        "+" + "A" * 85,
        "/" + "A" * 85,
        " " + "A" * 85,
        "é" + "A" * 85,
        base64.urlsafe_b64encode(bytes(63)).decode().rstrip("="),
        base64.urlsafe_b64encode(bytes(65)).decode().rstrip("="),
    ],
)
def test_signature_value_of_another_form_is_refused(value: str) -> None:
    assert decode_signature_value("A" * 86) == bytes(64)
    with pytest.raises(SubmitterSignatureError):
        decode_signature_value(value)


def test_sm2_error_of_the_native_library_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> bool:
        raise signatures.gmssl_pyx.GmsslInnerError("inner error")

    monkeypatch.setattr(signatures.gmssl_pyx, "sm2_verify", fail)
    with pytest.raises(SignatureError, match="malformed SM2"):
        verify_sm2(SM2_PUBLIC_KEY, MESSAGE, SM2_SIGNATURE)
