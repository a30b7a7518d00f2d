"""Confidential parts under lock: who has a key opens them, also with other software; nobody else, and nothing that was changed."""

import base64
import hashlib
import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap
from hypothesis import given, settings
from hypothesis import strategies as st
from support.agreements import CONFIDENTIAL, disclosed

from ledger.adapters.sealing import (
    PROTECTED,
    RecipientKey,
    encode_recipient_key,
    open_sealed,
    parse_recipient_key,
    recipients_of,
    seal,
)
from ledger.adapters.signing_keys import X25519, public_part
from ledger.bundle.agreement_digest import AgreementSalts, agreement_digest, agreement_leaves, disclosed_leaves
from ledger.bundle.confidential_part import (
    ConfidentialPart,
    encode_confidential,
    parse_confidential,
    require_contract_hash,
    require_leaves,
)
from ledger.domain.agreement import InvalidAgreementError
from ledger.domain.sealing_errors import (
    CiphertextChangedError,
    RecipientKeyError,
    SealedForOthersError,
    SealedPartMalformedError,
    SealMismatchError,
)
from ledger.errors import InputError, MisuseError, TooLargeError

SECRETS = [hashlib.sha256(name).digest() for name in (b"bank", b"provider", b"stranger")]
BANK, PROVIDER, STRANGER = (RecipientKey(public_part(X25519, one), None) for one in SECRETS)
PLAINTEXT = "首年八折".encode()
SEALED = seal(PLAINTEXT, [BANK, PROVIDER])
PART = ConfidentialPart(CONFIDENTIAL, b"\x14" * 32)


def unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def open_by_the_standards(sealed: bytes, place: int, secret: bytes) -> bytes:
    """RFC 7516, 7518 (4.6) and 8037 with primitives alone: what other software does that never heard of this project."""
    value = json.loads(sealed)
    one = value["recipients"][place]
    epk = X25519PublicKey.from_public_bytes(unbase64(one["header"]["epk"]["x"]))
    shared = X25519PrivateKey.from_private_bytes(secret).exchange(epk)
    name = one["header"]["alg"].encode()
    other_info = len(name).to_bytes(4, "big") + name + bytes(8) + (256).to_bytes(4, "big")  # no apu, no apv; 256 bits
    wrapping_key = hashlib.sha256((1).to_bytes(4, "big") + shared + other_info).digest()
    content_key = aes_key_unwrap(wrapping_key, unbase64(one["encrypted_key"]))
    iv, ciphertext, tag = (unbase64(value[member]) for member in ("iv", "ciphertext", "tag"))
    return AESGCM(content_key).decrypt(iv, ciphertext + tag, value["protected"].encode())


@pytest.mark.parametrize("place", [0, 1])
def test_each_party_opens_it_and_so_does_other_software(place: int) -> None:
    assert open_sealed(SEALED, SECRETS[place]) == PLAINTEXT
    assert open_by_the_standards(SEALED, place, SECRETS[place]) == PLAINTEXT
    assert json.loads(unbase64(json.loads(SEALED)["protected"])) == PROTECTED
    assert recipients_of(SEALED) == (BANK.thumbprint, PROVIDER.thumbprint)


def test_nobody_else_opens_it() -> None:
    with pytest.raises(SealedForOthersError):
        open_sealed(SEALED, SECRETS[2])


def test_nothing_repeats_between_two_ciphertexts() -> None:
    first, second = (json.loads(seal(PLAINTEXT, [BANK])) for _ in range(2))
    assert first["iv"] != second["iv"] and first["ciphertext"] != second["ciphertext"]
    assert first["recipients"][0]["header"]["epk"] != second["recipients"][0]["header"]["epk"]


def test_thumbprint_is_that_of_the_standard() -> None:
    """RFC 7638 over the members that RFC 8037 requires, written out by hand."""
    key = RecipientKey(unbase64("3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"), None)
    text = '{"crv":"X25519","kty":"OKP","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}'
    assert unbase64(key.thumbprint) == hashlib.sha256(text.encode()).digest()


def open_both(sealed: bytes) -> set[bytes]:
    """Each party opens its own: the other one's wrapped key is not for it to check."""
    return {open_sealed(sealed, secret) for secret in SECRETS[:2]}


def test_every_changed_byte_of_the_ciphertext_is_noticed() -> None:
    assert open_both(SEALED) == {PLAINTEXT}
    for position in range(len(SEALED)):
        changed = SEALED[:position] + bytes([SEALED[position] ^ 1]) + SEALED[position + 1 :]
        with pytest.raises((SealedPartMalformedError, CiphertextChangedError, SealedForOthersError)):
            open_both(changed)


Change = Callable[[dict[str, Any]], Any]
OTHER_FORMS: dict[str, Change] = {
    "another member": lambda value: value.update(aad=""),
    "a member less": lambda value: value.pop("tag"),
    "shared header": lambda value: value.update(unprotected={"alg": "dir"}),
    "another content encryption": lambda value: value.update(protected="eyJlbmMiOiJBMTI4R0NNIn0"),
    "no recipient": lambda value: value.update(recipients=[]),
    "recipient twice": lambda value: value["recipients"].append(value["recipients"][0]),
    "another key management": lambda value: value["recipients"][0]["header"].update(alg="dir"),
    "more in a header": lambda value: value["recipients"][0]["header"].update(apu="AA"),
    "curve of another kind": lambda value: value["recipients"][0]["header"]["epk"].update(crv="X448"),
    "short key": lambda value: value["recipients"][0].update(encrypted_key="AAAA"),
    "padding": lambda value: value.update(ciphertext=value["ciphertext"] + "="),
    "recipients that are none": lambda value: value.update(recipients=[7]),
    "a number": lambda value: value.update(iv=7),
}


@pytest.mark.parametrize("name", sorted(OTHER_FORMS))
def test_only_the_one_form_is_read(name: str) -> None:
    value = json.loads(SEALED)
    OTHER_FORMS[name](value)
    with pytest.raises(SealedPartMalformedError):
        open_sealed(json.dumps(value, separators=(",", ":"), sort_keys=True).encode(), SECRETS[0])


@pytest.mark.parametrize(
    "raw", [b"", b"7", b"[]", b"{}", b"null", b"\xff", b" " + SEALED, b"[" * 9_000, b"{" * 500_000]
)
def test_what_is_no_ciphertext_is_named(raw: bytes) -> None:
    with pytest.raises(SealedPartMalformedError):
        open_sealed(raw, SECRETS[0])


@settings(max_examples=50)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_readers(raw: bytes) -> None:
    with pytest.raises(SealedPartMalformedError):
        open_sealed(raw, SECRETS[0])
    with pytest.raises(RecipientKeyError):
        parse_recipient_key(raw)


@pytest.mark.parametrize("keys", [[], [BANK, BANK], [RecipientKey(bytes([n]) * 32, None) for n in range(1, 22)]])
def test_keys_are_one_to_twenty_and_differ(keys: list[RecipientKey]) -> None:
    with pytest.raises(InputError):
        seal(PLAINTEXT, keys)


def test_key_of_small_order_is_refused() -> None:
    with pytest.raises(RecipientKeyError):
        seal(PLAINTEXT, [RecipientKey(bytes(32), None)])


def test_more_than_the_service_takes_is_refused() -> None:
    with pytest.raises(TooLargeError):
        seal(os.urandom(300_000), [BANK])


def test_public_key_is_handed_over_in_a_file() -> None:
    key = RecipientKey(BANK.public, "91310000MA00000012")
    value = json.loads(encode_recipient_key(key))
    assert value == {
        "body": "91310000MA00000012",
        "crv": "X25519",
        "kid": BANK.thumbprint,
        "kty": "OKP",
        "use": "enc",
        "x": base64.urlsafe_b64encode(BANK.public).decode().rstrip("="),
    }
    assert parse_recipient_key(encode_recipient_key(key)) == key
    assert parse_recipient_key(json.dumps({**value, "body": None, "use": "enc", "alg": "x"}).encode()) == BANK


@pytest.mark.parametrize(
    "members",
    [{"crv": "Ed25519"}, {"kty": "EC"}, {"x": "AA"}, {"kid": "other"}, {"body": "no code"}, {"d": "AA"}, {"x": 7}],
)
def test_file_that_is_no_public_key_is_refused(members: dict[str, Any]) -> None:
    value = json.loads(encode_recipient_key(BANK)) | members
    with pytest.raises(RecipientKeyError):
        parse_recipient_key(json.dumps(value).encode())
    with pytest.raises(RecipientKeyError):
        parse_recipient_key(b" " * 5_000 + encode_recipient_key(BANK))


texts = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_]{0,63}", fullmatch=True), st.text(min_size=1, max_size=60), min_size=1, max_size=50
)


@settings(max_examples=50)
@given(texts, st.binary(min_size=32, max_size=32))
def test_opened_part_has_the_leaves_that_the_agreement_has(content: dict[str, str], salt: bytes) -> None:
    part = ConfidentialPart(content, salt)
    assert parse_confidential(encode_confidential(part)) == part
    other = bytes([salt[0] ^ 1]) + salt[1:]
    whole = agreement_leaves(disclosed(), dict(content), AgreementSalts(other, salt))
    leaf_hashes = [leaf.leaf_hash for leaf in whole[: len(content)]]
    require_leaves(part, leaf_hashes)
    require_contract_hash(disclosed(), other, leaf_hashes, agreement_digest(whole))
    with pytest.raises(SealMismatchError):
        require_leaves(ConfidentialPart(content, other), leaf_hashes)
    with pytest.raises(SealMismatchError):
        require_leaves(part, leaf_hashes[1:])


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b'{"confidential":{"a":"b"},"salt":"00","v":1}',
        b'{"confidential":[],"salt":"%b","v":1}' % (b"00" * 32),
        b'{"confidential":{"a":1},"salt":"%b","v":1}' % (b"00" * 32),
        b'{"confidential":{"a":"b"},"salt":"%b","v":2}' % (b"00" * 32),
        encode_confidential(PART) + b"\n",
    ],
)
def test_what_is_no_confidential_part_is_refused(raw: bytes) -> None:
    with pytest.raises(SealedPartMalformedError):
        parse_confidential(raw)


def test_part_has_texts_and_a_salt() -> None:
    with pytest.raises(InvalidAgreementError):
        ConfidentialPart({}, bytes(32))
    with pytest.raises(MisuseError):
        ConfidentialPart(CONFIDENTIAL, bytes(31))


def test_agreement_with_another_disclosed_part_is_noticed() -> None:
    digest = agreement_digest([*PART.leaf_hashes, *disclosed_leaves(disclosed(), bytes(32))])
    require_contract_hash(disclosed(), bytes(32), PART.leaf_hashes, digest)
    with pytest.raises(SealMismatchError):
        require_contract_hash(disclosed(pay_basis="accrued"), bytes(32), PART.leaf_hashes, digest)
