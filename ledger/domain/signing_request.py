"""What a signer is given: the EIP-712 document of an act, alone or with who may sign it and the papers behind its digests. Pure.

Nothing in it is believed. The act is built from the document with the project's own types and encoded again; only a document that comes
out the same is one, and the digest that is signed is that of the act so built. What the service says besides (whose keys may sign, what
the act is about) is kept apart and shown as its words.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ledger.domain.act_json import ACTS, act_from_json, act_name, typed_data
from ledger.domain.signing_errors import (
    DeadlineOverError,
    KeyNotSignerError,
    OtherBodyError,
    UnexplainedActError,
    WrongChainError,
    WrongContractError,
)
from ledger.domain.typed_acts import NO_SM2_SIGNATURE, Act, Domain, Tail, act_signing_digest
from ledger.errors import LedgerError

VERSION: Final = 1
DOMAIN_PREFIX: Final = "CityLedger "
_MEMBERS: Final = {"v", "act_id", "place", "subject", "signers", "typed_data", "papers"}
_UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, AssertionError, IndexError)


@dataclass(frozen=True, slots=True)
class PlaceOfSigner:
    """One of an act's signers, as the service says.

    Args:
        participant: subject code of the body.
        body_id: its id on the chain, 32 bytes.
        purpose: what the key must be for.
        keys: addresses that may sign, 20 bytes each.
    """

    participant: str
    body_id: bytes
    purpose: str
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """An act to sign.

    Args:
        act: what is signed.
        tail: signer, deadline, no SM2 signature yet.
        domain: for which contract on which chain.
        act_id: its name at the service; None for a bare EIP-712 document.
        place: which signer is asked, from 0; None for a bare document.
        signers: all of them, as the service says; empty for a bare document.
        subject: kind and name of the object that it is about, as the service says.
        papers: objects behind its digests, as the service gave them.
    """

    act: Act
    tail: Tail
    domain: Domain
    act_id: str | None = None
    place: int | None = None
    signers: tuple[PlaceOfSigner, ...] = ()
    subject: tuple[str, str] | None = None
    papers: tuple[Mapping[str, Any], ...] = ()

    @property
    def digest(self) -> bytes:
        """The EIP-712 digest, 32 bytes, without an SM2 signature."""
        return act_signing_digest(self.act, self.tail, self.domain)

    @property
    def signer(self) -> PlaceOfSigner | None:
        """The one who is asked; None for a bare document."""
        return None if self.place is None else self.signers[self.place]


def request_to_json(
    act_id: str, place: int, answer: Mapping[str, Any], document: Mapping[str, Any], papers: list[Mapping[str, Any]]
) -> dict[str, Any]:
    """The file that is carried to the signer, out of the service's answers: the act, its EIP-712 document, and the papers behind it."""
    members = ("participant", "body_id", "purpose", "keys")
    return {
        "v": VERSION,
        "act_id": act_id,
        "place": place,
        "subject": {name: answer["subject"][name] for name in ("kind", "object_id")},
        "signers": [{name: signer[name] for name in members} for signer in answer["signers"]],
        "typed_data": dict(document),
        "papers": papers,
    }


def request_from_json(value: Any) -> SigningRequest:
    """The request in a file of ``request_to_json``, or in an EIP-712 document alone.

    Raises:
        UnexplainedActError: neither; or its type, its contract or a member is not of this project.
        OtherBodyError: the signer inside the document is not the one at the place that is asked.
    """
    if not isinstance(value, Mapping):
        raise UnexplainedActError("The document is no JSON object.")
    if "typed_data" not in value:
        return _act(value)
    if set(value) != _MEMBERS or value["v"] != VERSION:
        raise UnexplainedActError(
            f"A document to sign has the members {', '.join(sorted(_MEMBERS))}, version {VERSION}."
        )
    try:
        request = replace(
            _act(value["typed_data"]),
            act_id=str(value["act_id"]),
            place=int(value["place"]),
            signers=tuple(_signer(signer) for signer in value["signers"]),
            subject=(str(value["subject"]["kind"]), str(value["subject"]["object_id"])),
            papers=tuple(dict(paper) for paper in value["papers"]),
        )
        asked = request.signers[_natural(value["place"])]
    except _UNREADABLE as error:
        raise UnexplainedActError("The document does not say in the usual form who signs what.") from error
    if asked.body_id != request.tail.signer:
        raise OtherBodyError(
            f"The document is to be signed by the body 0x{request.tail.signer.hex()}, and place {request.place} of the act is"
            f" another's, 0x{asked.body_id.hex()}."
        )
    return request


def check_place(request: SigningRequest, chain_id: int | None, contracts: Mapping[str, bytes] | None) -> None:
    """Refuses an act for another chain or another contract than the signer's own.

    Args:
        request: the act.
        chain_id: of the signer's chain, when it was named.
        contracts: addresses of the contracts by name, when there is a manifest.

    Raises:
        WrongChainError: another chain.
        WrongContractError: the manifest has no contract of this name, or another address for it.
    """
    domain = request.domain
    if chain_id is not None and domain.chain_id != chain_id:
        raise WrongChainError(f"The act is for chain {domain.chain_id}, and you sign for chain {chain_id}.")
    if contracts is None:
        return
    if domain.contract not in contracts:
        raise WrongContractError(f"The manifest has no contract {domain.contract}.")
    if contracts[domain.contract] != domain.verifying_contract:
        raise WrongContractError(
            f"The act is for the address 0x{domain.verifying_contract.hex()}, and {domain.contract} of the manifest is at"
            f" 0x{contracts[domain.contract].hex()}."
        )


def check_deadline(request: SigningRequest, now: float) -> None:
    """Refuses an act whose deadline is over; ``now`` in Unix seconds.

    Raises:
        DeadlineOverError: it is.
    """
    if request.tail.deadline <= now:
        raise DeadlineOverError(
            f"The deadline was second {request.tail.deadline} of Unix time, {int(now - request.tail.deadline)} seconds ago."
            " Fetch the document again."
        )


def check_signer(request: SigningRequest, address: bytes, body: str | None) -> PlaceOfSigner:
    """The signer that is asked, once the key is one of its keys.

    Args:
        request: the act.
        address: of the key, 20 bytes.
        body: subject code that the key is kept for, when one was named.

    Raises:
        UnexplainedActError: a bare document, which does not say who signs.
        OtherBodyError: the key may sign for another place only, or is kept for another body.
        KeyNotSignerError: the key may sign at no place.
    """
    asked = request.signer
    if asked is None:
        raise UnexplainedActError("This document does not say who may sign it; get it with `cityledger sign fetch`.")
    if body is not None and asked.participant != body:
        raise OtherBodyError(
            f"The key is kept for {body}, and the signature that is asked for is that of {asked.participant}."
        )
    if address in asked.keys:
        return asked
    elsewhere = [place for place, signer in enumerate(request.signers) if address in signer.keys]
    if elsewhere:
        raise OtherBodyError(
            f"The key may sign at place {', '.join(map(str, elsewhere))} of this act; the document is for place {request.place}, which"
            f" is {asked.participant}'s."
        )
    raise KeyNotSignerError(
        f"The key 0x{address.hex()} is none of those that may sign here: {', '.join('0x' + key.hex() for key in asked.keys)}."
    )


def _act(document: Any) -> SigningRequest:
    """The act of an EIP-712 document, built with our own types; refused unless they give the same document."""
    try:
        domain = document["domain"]
        name = str(domain["name"])
        kind = f"{name.removeprefix(DOMAIN_PREFIX)}.{document['primaryType']}"
        message = document["message"]
    except _UNREADABLE as error:
        raise UnexplainedActError(
            "This is no EIP-712 document: it needs types, primaryType, domain and message."
        ) from error
    if not name.startswith(DOMAIN_PREFIX) or kind not in ACTS:
        raise UnexplainedActError(
            f"Nothing is known of an act {_quoted(document['primaryType'])} for {_quoted(name)}; it is not signed."
        )
    try:
        act = act_from_json(kind, message)
        tail = Tail(_octets(message["signer"]), _natural(message["deadline"]), _octets(message["sm2SignatureDigest"]))
        place = Domain(act.CONTRACT, _natural(domain["chainId"]), _octets(domain["verifyingContract"]))
        again = typed_data(act, tail, place)
        act_signing_digest(act, tail, place)  # every value fits its type
    except (*_UNREADABLE, LedgerError) as error:
        raise UnexplainedActError(f"A member of {kind} is missing or not of its type; it is not signed.") from error
    if _text(document) != _text(again):
        raise UnexplainedActError(
            f"The document is not what {kind} looks like: a member or a type is another; it is not signed."
        )
    if tail.sm2_signature_digest != NO_SM2_SIGNATURE:
        raise UnexplainedActError(
            f"This {act_name(act)} holds the digest of an SM2 signature that nobody here has made."
        )
    return SigningRequest(act, tail, place)


def _signer(value: Mapping[str, Any]) -> PlaceOfSigner:
    keys = tuple(_octets(key) for key in value["keys"])
    return PlaceOfSigner(str(value["participant"]), _octets(value["body_id"]), str(value["purpose"]), keys)


def _octets(text: str) -> bytes:
    if not text.startswith("0x"):
        raise ValueError(text)
    return bytes.fromhex(text[2:])


def _natural(value: Any) -> int:
    """A number as the documents have it; ``int`` would also take -1, and a place counted from the end."""
    if type(value) is not int or value < 0:
        raise ValueError(value)
    return value


def _text(value: Any) -> str:
    """For a comparison that tells ``true`` from ``1``."""
    return json.dumps(value, sort_keys=True)


def _quoted(value: Any) -> str:
    return ascii(str(value)[:64])
