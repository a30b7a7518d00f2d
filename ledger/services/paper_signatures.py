"""Signatures of papers: SM2, by a key that the body has on file (``ledger.bundle.agreement_papers`` has the bytes)."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ledger.bundle.agreement_papers import paper_message
from ledger.errors import SignatureError
from ledger.log.signatures import verify_sm2
from ledger.log.timestamps import format_time
from ledger.services.act_sm2 import PARTICIPANT, Sm2Signature
from ledger.services.business import UnitOfWork


def signed_paper(
    uow: UnitOfWork, participant: str, kind: str, paper: Mapping[str, Any], sm2: Sm2Signature
) -> dict[str, Any]:
    """The signature as a document keeps it, once it was found to be that body's over this paper.

    Raises:
        SignatureError: the body has no such key on file, or has ended it; or the signature is another's, or over another text.
    """
    found = uow.peek(PARTICIPANT, participant)
    keys = [] if found is None else found.document["sm2_keys"]
    if sm2.public_key.hex() not in {key["public_key"] for key in keys if key["revoked_at"] is None}:
        raise SignatureError("This SM2 key is no valid one of the body. Nothing was changed.")
    try:
        verify_sm2(sm2.public_key, paper_message(kind, paper), sm2.signature)
    except SignatureError as error:
        raise SignatureError("The SM2 signature is not by this key over this paper. Nothing was changed.") from error
    return {
        "participant": participant,
        "public_key": sm2.public_key.hex(),
        "signature": sm2.signature.hex(),
        "at": format_time(uow.now),
    }


def signed_by_body(
    uow: UnitOfWork, participant: str, kind: str, paper: Mapping[str, Any], signature: bytes
) -> dict[str, Any]:
    """As ``signed_paper``, where the message has no room for the key: one of the body's keys on file must have made it.

    Raises:
        SignatureError: none did.
    """
    found = uow.peek(PARTICIPANT, participant)
    keys = [] if found is None else found.document["sm2_keys"]
    for key in keys:
        if key["revoked_at"] is None:
            with suppress(SignatureError):
                given = Sm2Signature(bytes.fromhex(key["public_key"]), signature)
                return signed_paper(uow, participant, kind, paper, given)
    raise SignatureError("No SM2 key that the body has on file made this signature. Nothing was changed.")
