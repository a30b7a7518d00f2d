"""Acts for the contract suite: proposed by a use case, signed by bodies with keys of their own, then called on the chain.

An act is an object of its own (kind ``act``): what is to be signed, by whom, what was signed so far. Nobody signs here for anybody: a
signature comes from outside, is checked against the keys that may give it, and is judged again by the contract. With the last one the
contract call is asked for; what then becomes of it is ``ledger.services.steps``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

import orjson

from ledger.domain.act_json import act_from_json, act_name, act_to_json, typed_data
from ledger.domain.act_life import KIND, LIFE
from ledger.domain.acts.kinds import KeyPurpose
from ledger.domain.typed_acts import Act, Tail, act_signing_digest
from ledger.errors import (
    AccessError,
    ActDeadlineError,
    ConflictError,
    InputError,
    InvalidActSignatureError,
    SignatureError,
)
from ledger.log.typed_data import recover_address, to_checksum_address
from ledger.services.act_arguments import arguments_of, arguments_to_json
from ledger.services.act_lapse import standing_signatures
from ledger.services.act_sm2 import Sm2Signature, check_sm2, sm2_from_json, sm2_to_json
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.steps import check_signer

SIGNED_TYPE: Final = "org.cityledger.act.signed.v1"

LEAST_TIME: Final = timedelta(minutes=5)
"""A signature that lapses sooner could lapse before it is mined."""

MOST_TIME: Final = timedelta(days=366)

SIGN_DUTY: Final = "sign"
"""Duty to give an act its signatures in time, of features that set a deadline for it."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose signature an act needs.

    Args:
        parameter: the contract function's parameter that takes it; those of one parameter keep their order.
        participant: subject code of the body, which sees the act and may send its signature.
        body_id: its 32-byte id on the chain.
        purpose: what the key must be for.
        keys: the addresses, 20 bytes each, that may sign for it.
    """

    parameter: str
    participant: str
    body_id: bytes
    purpose: KeyPurpose
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ActSignature:
    """One signature of an act, as the contract takes it.

    Args:
        signer: id of the body, 32 bytes.
        key: address of the key that signed, 20 bytes.
        sm2_signature_digest: of the same body's SM2 signature, 32 bytes; zero when there is none.
        deadline: last second in which it may be relayed, Unix time.
        signature: r || s || v, 65 bytes.
        sm2: the SM2 signature itself, when there is one; the contract takes its digest only.
    """

    signer: bytes
    key: bytes
    sm2_signature_digest: bytes
    deadline: int
    signature: bytes
    sm2: Sm2Signature | None = None


def propose_act(
    uow: UnitOfWork,
    subject: StoredObject,
    act: Act,
    *,
    function: str,
    step: str,
    signers: Sequence[Signer],
    arguments: Mapping[str, bytes] | None = None,
) -> StoredObject:
    """Makes the act that a step of ``subject`` needs, and asks the signers for it.

    Args:
        uow: of the use case.
        subject: the object on whose behalf it is; named in the act's document.
        act: what is signed.
        function: of the act's contract, that takes it.
        step: what is completed when the call is final (``ledger.services.steps``).
        signers: whose signatures it needs.
        arguments: of the function, that the act does not say.
    """
    content = orjson.dumps([subject.kind, subject.object_id, subject.revision, act_name(act), act_to_json(act)])
    act_id = sha256(content).hexdigest()[:40]  # of the subject's revision: the same act proposed anew is another object
    document = {
        "act": act_name(act),
        "message": act_to_json(act),
        "function": function,
        "step": step,
        "subject": {"kind": subject.kind, "object_id": subject.object_id},
        "signers": [_signer_to_json(signer) for signer in signers],
        "signatures": {},
        **arguments_to_json(arguments),
    }
    parties = tuple(dict.fromkeys((*(signer.participant for signer in signers), *subject.parties)))
    return uow.create(KIND, act_id, state=LIFE.initial, parties=parties, document=document, act="propose")


def document_to_sign(uow: UnitOfWork, stored: StoredObject, *, place: int, deadline: int) -> dict[str, Any]:
    """The EIP-712 document for the signer at ``place`` of the act's list, without an SM2 signature.

    Raises:
        InputError: there is no such place.
    """
    signer = _signer(stored, place)
    act = act_of(stored)
    return typed_data(act, Tail(bytes.fromhex(signer["body_id"]), deadline), uow.domain_of(act.CONTRACT))


def act_of(stored: StoredObject) -> Act:
    """The act in its object."""
    return act_from_json(stored.document["act"], stored.document["message"])


def sign_act(
    uow: UnitOfWork,
    act_id: str,
    *,
    place: int,
    key: bytes,
    deadline: int,
    signature: bytes,
    sm2: Sm2Signature | None = None,
) -> StoredObject:
    """Takes one signature; with the last one the contract call is asked for.

    Args:
        uow: of the body that signs: its account sends the signature, or the operator relays it.
        act_id: the act.
        place: which of its signers this is, from 0.
        key: address of the key that signed.
        deadline: last second in which the signature may be relayed, Unix time.
        signature: r || s || v over the EIP-712 digest.
        sm2: the body's SM2 signature over the same act, when it makes one or the step needs it, by a key that it has on file.

    Raises:
        NotFoundError: no such act that the actor may see.
        IllegalTransitionError: it is not open for signatures any more.
        AccessError: the actor is neither the signer nor the operator.
        ConflictError: this signature is there already, and has not lapsed.
        ActDeadlineError: the deadline is over, too near or too far.
        InvalidActSignatureError: another key, another act, or one that may not sign for the body.
        LedgerError: what the step asks of its signers at that moment (``steps.Step``).
    """
    stored = uow.get(KIND, act_id)
    LIFE.next(stored.state, "sign")
    signer = _signer(stored, place)
    if uow.actor.participant != signer["participant"] and "operator" not in uow.actor.roles:
        raise AccessError("Only the body whose signature this is, or the operator who relays it, sends it.")
    standing = standing_signatures(stored, uow.now)
    if str(place) in standing:
        raise ConflictError("This signature is there already. Nothing was changed.")
    check_signer(uow, stored, signer, key, sm2)
    act = act_of(stored)
    given = _checked(uow, act, signer, key=key, deadline=deadline, signature=signature, sm2=sm2)
    signatures = {**standing, str(place): signature_to_json(given)}
    lapsed = sorted(int(other) for other in set(stored.document["signatures"]) - set(standing))
    is_complete = len(signatures) == len(stored.document["signers"])
    uow.record(
        SIGNED_TYPE,
        {
            "act_id": act_id,
            "act": stored.document["act"],
            "signer": given.signer.hex(),
            "key": to_checksum_address(key),
            "signing_digest": _digest(uow, act, given).hex(),
            "sm2_signature_digest": given.sm2_signature_digest.hex(),
        }
        | ({"lapsed": lapsed} if lapsed else {}),
        subject=act_id,
    )
    signed = uow.change(
        stored,
        act="complete" if is_complete else "sign",
        state=LIFE.next(stored.state, "complete" if is_complete else "sign"),
        document={**stored.document, "signatures": signatures},
    )
    if is_complete:
        uow.meet_deadline(signed, SIGN_DUTY)
        call_act(uow, signed)
    return signed


def call_act(uow: UnitOfWork, stored: StoredObject) -> int:
    """Asks for the contract call of an act whose signatures are all there; returns the call's number."""
    by_parameter: dict[str, list[ActSignature]] = {}
    for place, signer in enumerate(stored.document["signers"]):
        given = signature_from_json(stored.document["signatures"][str(place)])
        by_parameter.setdefault(signer["parameter"], []).append(given)
    document = stored.document
    return uow.call_chain(
        stored,
        step=document["step"],
        act=act_of(stored),
        function=document["function"],
        signatures=by_parameter,
        arguments=arguments_of(document),
    )


def signature_to_json(given: ActSignature) -> dict[str, Any]:
    """How a signature is kept in the act's document."""
    return {
        "signer": given.signer.hex(),
        "key": given.key.hex(),
        "sm2_signature_digest": given.sm2_signature_digest.hex(),
        "deadline": given.deadline,
        "signature": given.signature.hex(),
        "sm2": sm2_to_json(given.sm2),
    }


def signature_from_json(value: Mapping[str, Any]) -> ActSignature:
    """The signature that ``signature_to_json`` wrote."""
    return ActSignature(
        bytes.fromhex(value["signer"]),
        bytes.fromhex(value["key"]),
        bytes.fromhex(value["sm2_signature_digest"]),
        value["deadline"],
        bytes.fromhex(value["signature"]),
        sm2_from_json(value.get("sm2")),
    )


def _checked(
    uow: UnitOfWork,
    act: Act,
    signer: Mapping[str, Any],
    *,
    key: bytes,
    deadline: int,
    signature: bytes,
    sm2: Sm2Signature | None,
) -> ActSignature:
    if not LEAST_TIME.total_seconds() <= deadline - uow.now.timestamp() <= MOST_TIME.total_seconds():
        raise ActDeadlineError(
            "The deadline is between 5 minutes and 366 days from now, Unix seconds. Nothing was changed."
        )
    if key.hex() not in signer["keys"]:
        raise InvalidActSignatureError("This key may not sign for the body; its valid keys may. Nothing was changed.")
    body_id, domain = bytes.fromhex(signer["body_id"]), uow.domain_of(act.CONTRACT)
    sm2_digest = bytes(32) if sm2 is None else sm2.digest
    try:
        if sm2 is not None:
            check_sm2(uow, signer["participant"], act, Tail(body_id, deadline), domain, sm2=sm2)
        found = recover_address(act_signing_digest(act, Tail(body_id, deadline, sm2_digest), domain), signature)
    except SignatureError as error:
        raise InvalidActSignatureError(f"{error.detail}. Nothing was changed.") from error
    if found != key:
        raise InvalidActSignatureError(
            "The signature is not by this key over this act: another message, chain, contract or deadline was signed."
            " Nothing was changed."
        )
    return ActSignature(body_id, key, sm2_digest, deadline, signature, sm2)


def _digest(uow: UnitOfWork, act: Act, given: ActSignature) -> bytes:
    tail = Tail(given.signer, given.deadline, given.sm2_signature_digest)
    return act_signing_digest(act, tail, uow.domain_of(act.CONTRACT))


def _signer(stored: StoredObject, place: int) -> Mapping[str, Any]:
    signers: list[Mapping[str, Any]] = stored.document["signers"]
    if not 0 <= place < len(signers):
        raise InputError(f"The act has {len(signers)} signers, counted from 0. Nothing was changed.")
    return signers[place]


def _signer_to_json(signer: Signer) -> dict[str, Any]:
    return {
        "parameter": signer.parameter,
        "participant": signer.participant,
        "body_id": signer.body_id.hex(),
        "purpose": signer.purpose.name,
        "keys": [key.hex() for key in signer.keys],
    }
