"""A body's signature of an act by secp256k1 and, beside it, by SM2: the second one by the oracle in plain integers."""

from hashlib import sha256

from coincurve import PrivateKey
from support import sm2_reference

from ledger.domain.typed_acts import Act, Domain, Tail, act_signing_digest, act_sm2_message
from ledger.log.signatures import SM2_SIGNER_ID
from ledger.services.act_sm2 import Sm2Signature

CONCLUSION = "trade.agreement.conclude"
"""The step whose signers sign by both."""


def sm2_public_key(secret: bytes) -> bytes:
    """04 || x || y."""
    return sm2_reference.public_key(int.from_bytes(secret, "big"))


def sm2_signature(secret: bytes, message: bytes) -> Sm2Signature:
    """Over any message; the nonce follows from it."""
    nonce = int.from_bytes(sha256(secret + message).digest(), "big") % (sm2_reference.N - 1) + 1
    signature = sm2_reference.sign(int.from_bytes(secret, "big"), nonce, message, SM2_SIGNER_ID)
    return Sm2Signature(sm2_public_key(secret), signature)


def signed_by_both(
    key: PrivateKey, sm2_secret: bytes | None, act: Act, tail: Tail, domain: Domain
) -> tuple[bytes, Sm2Signature | None]:
    """r || s || v over the act with its tail, and the SM2 signature that the tail then names; without a secret that is none."""
    sm2 = None if sm2_secret is None else sm2_signature(sm2_secret, act_sm2_message(act, tail, domain))
    if sm2 is not None:
        tail = Tail(tail.signer, tail.deadline, sm2.digest)
    raw = key.sign_recoverable(act_signing_digest(act, tail, domain), hasher=None)
    return raw[:64] + bytes([raw[64] + 27]), sm2


def sm2_json(sm2: Sm2Signature | None) -> dict[str, dict[str, str]]:
    """The member of a request that brings it."""
    if sm2 is None:
        return {}
    return {"sm2": {"public_key": sm2.public_key.hex(), "signature": sm2.signature.hex()}}
