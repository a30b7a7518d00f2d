"""SM2 signatures of acts: by a key that the body has on file, over the same act, kept with it. The chain holds their digest only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.typed_acts import Act, Domain, Tail, act_sm2_message, sm2_signature_digest
from ledger.errors import InvalidActSignatureError, Sm2KeyMissingError, Sm2SignatureMissingError
from ledger.log.signatures import verify_sm2
from ledger.services.business import UnitOfWork

PARTICIPANT: Final = "participant"


@dataclass(frozen=True, slots=True)
class Sm2Signature:
    """The same body's SM2 signature over the same act (``act_sm2_message``): key 0x04 || x || y, signature r || s."""

    public_key: bytes
    signature: bytes

    @property
    def digest(self) -> bytes:
        """What the act's tail says of it, 32 bytes."""
        return sm2_signature_digest(self.public_key[1:], self.signature)


def check_sm2(uow: UnitOfWork, participant: str, act: Act, tail: Tail, domain: Domain, *, sm2: Sm2Signature) -> None:
    """Refuses an SM2 signature that is not by a valid SM2 key of the body over this act.

    Raises:
        InvalidActSignatureError: the body has no such key on file, or has ended it.
        SignatureError: it does not verify.
    """
    if sm2.public_key.hex() not in _valid_keys(uow, participant):
        raise InvalidActSignatureError(
            "This SM2 key is no valid one of the body; it is put on file before it signs. Nothing was changed."
        )
    verify_sm2(sm2.public_key, act_sm2_message(act, tail, domain), sm2.signature)


def require_sm2(uow: UnitOfWork, participant: str, sm2: Sm2Signature | None) -> None:
    """Refuses a signature of an act that bodies sign by both schemes, when the SM2 one is not there; ``check_sm2`` judges one that is.

    Raises:
        Sm2KeyMissingError: the body has no valid SM2 key on file.
        Sm2SignatureMissingError: it has, and did not use it.
    """
    if not _valid_keys(uow, participant):
        raise Sm2KeyMissingError(
            "This act is signed with SM2 too, and the body has no valid SM2 key on file. Nothing was changed, and the"
            " signatures of others stay. Put a key on file (POST /v1/participants/{code}/add-sm2-key), then sign with both."
        )
    if sm2 is None:
        raise Sm2SignatureMissingError(
            "This act is signed with secp256k1 and with SM2, and the SM2 signature is missing. Nothing was changed, and the"
            " signatures of others stay. Sign again with both keys (cityledger sign act --sm2-key NAME), and send that."
        )


def sm2_to_json(sm2: Sm2Signature | None) -> dict[str, str] | None:
    """How it is kept in the act's document: without it nobody could show later what the digest on the chain is of."""
    return None if sm2 is None else {"public_key": sm2.public_key.hex(), "signature": sm2.signature.hex()}


def sm2_from_json(value: Mapping[str, Any] | None) -> Sm2Signature | None:
    """The inverse of ``sm2_to_json``."""
    return (
        None if value is None else Sm2Signature(*(bytes.fromhex(value[name]) for name in ("public_key", "signature")))
    )


def _valid_keys(uow: UnitOfWork, participant: str) -> set[str]:
    """Public keys, hex, that the body has on file and has not ended."""
    found = uow.peek(PARTICIPANT, participant)
    keys = [] if found is None else found.document["sm2_keys"]
    return {key["public_key"] for key in keys if key["revoked_at"] is None}
