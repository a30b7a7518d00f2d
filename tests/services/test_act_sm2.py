"""SM2 signatures of acts: by a key that the body has on file, kept with the act; any other is refused."""

from typing import Any

import pytest
from support import sm2_reference
from support.participants import BANK, OPERATOR, Registry, key_of

from ledger.domain.typed_acts import Tail, act_signing_digest, act_sm2_message, sm2_signature_digest
from ledger.errors import InvalidActSignatureError
from ledger.log.signatures import SM2_SIGNER_ID
from ledger.log.typed_data import address_of_public_key
from ledger.services import participant_duties, participant_steps
from ledger.services.act_sm2 import Sm2Signature
from ledger.services.acts import act_of, sign_act, signature_from_json
from ledger.services.business import Actor

KEY, OTHER_KEY = 7, 9


def public_key(key: int) -> bytes:
    return sm2_reference.public_key(key)


@pytest.fixture
def registry() -> Registry:
    """A bank with an SM2 key on file that proposed to leave: its signature and the operator's are asked for."""
    made = Registry.made()
    made.admit()
    made.act(participant_duties.add_sm2_key, BANK, public_key(KEY).hex())
    made.act(participant_steps.depart, BANK, "moving", made.bodies)
    return made


def sign(
    registry: Registry, *, key: int = KEY, message: bytes = b"", who: Actor = BANK, place: int = 0
) -> Sm2Signature:
    stored, deadline = registry.open_act(), int(registry.world.now.timestamp()) + 86_400
    signer = stored.document["signers"][place]
    body_id, signing = bytes.fromhex(signer["body_id"]), key_of(f"{signer['participant']} business")
    with registry.world.begin(who) as uow:
        act = act_of(stored)
        domain = uow.domain_of(act.CONTRACT)
        raw = sm2_reference.sign(
            key, 11, message + act_sm2_message(act, Tail(body_id, deadline), domain), SM2_SIGNER_ID
        )
        sm2 = Sm2Signature(public_key(key), raw)
        tail = Tail(body_id, deadline, sm2_signature_digest(sm2.public_key[1:], raw))
        signed = signing.sign_recoverable(act_signing_digest(act, tail, domain), hasher=None)
        given: dict[str, Any] = {
            "key": address_of_public_key(signing.public_key.format(compressed=False)),
            "signature": signed[:64] + bytes([signed[64] + 27]),
        }
        sign_act(uow, stored.object_id, place=place, deadline=deadline, sm2=sm2, **given)
    return sm2


def test_signature_by_a_key_on_file_is_kept_with_the_act(registry: Registry) -> None:
    given = sign(registry)
    kept = signature_from_json(registry.open_act().document["signatures"]["0"])
    assert (kept.sm2, kept.sm2_signature_digest) == (given, given.digest)


def test_signature_by_a_key_of_nobody_is_refused(registry: Registry) -> None:
    with pytest.raises(InvalidActSignatureError, match="no valid one of the body"):
        sign(registry, key=OTHER_KEY)


def test_signature_by_a_key_of_another_body_is_refused(registry: Registry) -> None:
    with pytest.raises(InvalidActSignatureError, match="no valid one of the body"):
        sign(registry, who=OPERATOR, place=1)


def test_signature_by_a_key_that_was_ended_is_refused(registry: Registry) -> None:
    registry.act(participant_duties.revoke_sm2_key, BANK, public_key(KEY).hex())
    with pytest.raises(InvalidActSignatureError, match="no valid one of the body"):
        sign(registry)


def test_signature_over_another_act_is_refused(registry: Registry) -> None:
    with pytest.raises(InvalidActSignatureError):
        sign(registry, message=b"x")
    assert registry.open_act().document["signatures"] == {}
