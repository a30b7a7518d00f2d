"""Contracts that connectors begin by the interfaces of TC609-6-2025-14 annex B: created (B.3), negotiated (B.4), adopted by an agreement.

None of these messages has a key by which a repeat is known. A creation is known by its content, because its id is made of that; a
proposal that repeats the sender's last one changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from ledger.bundle.agreement_papers import CONTRACT
from ledger.domain.agreement_id import generate_agreement_id
from ledger.domain.agreement_terms import AgreementTerms
from ledger.domain.codes import RANDOM_PARTS, CodeKind, NationalCode, parse_national_code, random_part
from ledger.domain.contract_draft import CLOCKS_OFF, KIND, LIFE, ROUNDS_MAX, ContractCreation, contract_abstract
from ledger.domain.policies.binding import bound_by
from ledger.domain.policies.model import PolicySet, Rule, Scope
from ledger.domain.policies.national import encode_strategy, parse_strategy
from ledger.domain.policies.odrl import encode_odrl, parse_odrl
from ledger.errors import AccessError, ConflictError, InputError, NotFoundError
from ledger.log.canonical import encode_jcs
from ledger.log.timestamps import format_time
from ledger.services.bodies import acting_body, body_of, ordering_body, participant_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.moves import moved
from ledger.services.negotiation_terms import check_contradictions
from ledger.services.order_objects import Offer, offer_of
from ledger.services.paper_signatures import signed_by_body
from ledger.services.participant_records import Bodies, body_with_role
from ledger.services.product_catalog import shown_of
from ledger.services.product_objects import PRODUCT

EVENT: Final = "org.cityledger.contract_draft.{}.v1"
OPEN_MAX: Final = 100
"""Drafts of one body that are neither adopted nor given up."""

_OPEN: Final = ("created", "negotiating", "agreed")


@dataclass(frozen=True, slots=True)
class _Proposal:
    """What a side proposes; ``digest`` is of the abstract that both would sign."""

    sender: str
    rule: Rule
    scope: Scope
    digest: str

    @property
    def kept(self) -> dict[str, Any]:
        """How the draft keeps it."""
        return {"by": self.sender, "strategy": encode_strategy(self.rule, self.scope), "digest": self.digest}


def create_contract(
    uow: UnitOfWork, creation: ContractCreation, request: Mapping[str, Any], signature: bytes, bodies: Bodies
) -> StoredObject:
    """Begins a contract; its id is issued by the trading platform of this space. The same request again finds it again.

    Args:
        uow: of the issuer.
        creation: what the request says.
        request: the same as it was sent, without its signature: that is what is signed.
        signature: SM2 of the issuer, r || s.
        bodies: to find the platform.

    Raises:
        AccessError: another body is named as the issuer, or the node is not its own.
        SignatureError: no key of the issuer signed it.
        InputError: its time is not now.
        BodyNotAbleError: the issuer is not in good standing, or its credit is limited.
        ConflictError: the issuer has too many open ones.
    """
    issuer = acting_body(uow).code
    node = parse_national_code(creation.issuer_node, CodeKind.CONNECTOR, CodeKind.BUSINESS_NODE)
    if creation.issuer != issuer or (node.kind is CodeKind.CONNECTOR and node.subject != issuer):
        raise AccessError("A body begins contracts in its own name, at a node of its own. Nothing was changed.")
    given = signed_by_body(uow, issuer, CONTRACT, request, signature)
    platform = body_with_role(uow, bodies, "trading_platform").object_id
    digest = sha256(b"cityledger/v1/contract-creation\n" + encode_jcs(dict(request))).digest()
    random = random_part(int.from_bytes(digest, "big") % RANDOM_PARTS)
    issuing = NationalCode(CodeKind.BUSINESS_NODE, platform, node.region, random)
    contract_id = generate_agreement_id(issuing, creation.issued_at, random)
    uow.hold(f"contract drafts of {issuer}")
    known = uow.peek(KIND, contract_id)
    if known is not None and known.document["request_digest"] == digest.hex():
        return known
    if abs(creation.issued_at - uow.now) > CLOCKS_OFF:
        raise InputError("issueTime is more than 5 minutes away from this server's clock. Nothing was changed.")
    ordering_body(uow)
    if len(uow.owned(KIND, issuer, states=_OPEN)) >= OPEN_MAX:
        raise ConflictError(f"A body has {OPEN_MAX} open contracts at most. Nothing was changed.")
    document: dict[str, Any] = {
        "issuer": issuer,
        "request": dict(request),
        "request_digest": digest.hex(),
        "signature": given,
        "issued_by": platform,
        "proposals": [],
        "agreed": None,
        "agreed_at": None,
        "signatures": [],
    }
    made = uow.create(KIND, contract_id, state=LIFE.initial, parties=(issuer,), document=document, act="create")
    _record(uow, made, "created", request_digest=digest.hex())
    return made


def negotiate_contract(
    uow: UnitOfWork, contract_id: str, name: str, strategy: Any, signatures: Sequence[tuple[str, bytes]]
) -> StoredObject:
    """One round: a proposal, or the same as the other side's last one, which agrees; then signatures, if any come with it.

    Raises:
        NotFoundError: there is no such contract that the actor may see.
        InvalidPolicyError: the strategy is none.
        InputError: another name, or an incomplete object or pair of nodes.
        ProductNotOfferedError: the product is not on offer.
        ContradictoryPolicyError: the strategy contradicts itself, or what the listed product forbids.
        AccessError: the actor is neither provider of the product nor the consumer.
        ConflictError: too many rounds, or signatures before it is agreed.
        SignatureError: a signature is not its body's.
        BodyNotAbleError: one of the two is not in good standing, or the credit of the one who proposes is limited.
    """
    stored = uow.get(KIND, contract_id)
    sender = acting_body(uow).code
    if sender not in stored.parties:
        raise NotFoundError("There is no such contract.")
    if name != stored.document["request"]["contractName"]:
        raise InputError("contractName is another than at the creation. Nothing was changed.")
    rule, scope = parse_strategy(strategy)
    digest = sha256(encode_jcs(contract_abstract(contract_id, name, rule, scope))).hexdigest()
    agreed = stored.document["agreed"]
    if agreed is None:
        stored = _round(uow, stored, _Proposal(sender, rule, scope, digest))
    elif digest != agreed["digest"]:
        raise ConflictError("This contract is agreed otherwise already. Nothing was changed.")
    if signatures:
        stored = _signed(uow, stored, contract_abstract(contract_id, name, rule, scope), signatures)
    return stored


def give_up_contract(uow: UnitOfWork, contract_id: str) -> StoredObject:
    """Either side gives a contract up that no agreement has adopted.

    Raises:
        NotFoundError: there is none that the actor may see.
        IllegalTransitionError: it is adopted, or given up already.
    """
    stored = uow.get(KIND, contract_id)
    if participant_of(uow.actor) not in stored.parties:
        raise NotFoundError("There is no such contract.")
    changed = moved(uow, LIFE, stored, "give_up", {})
    _record(uow, changed, "given_up", by=participant_of(uow.actor))
    return changed


def adopt_contract(
    uow: UnitOfWork, contract_id: str, offer: Offer, consumer: str, terms: AgreementTerms
) -> dict[str, Any]:
    """What an agreement under this id says about use: the agreed strategy, with what the listed product forbids and obliges to.

    The caller makes the agreement in the same transaction, whose event is the evidence.

    Raises:
        NotFoundError: there is no such contract that the actor may see.
        IllegalTransitionError: it is not agreed, or adopted already.
        ConflictError: it is about another product, between other parties or nodes, or under another name.
    """
    stored = uow.get(KIND, contract_id)
    LIFE.next(stored.state, "adopt")
    agreed = stored.document["agreed"]
    rule, scope = parse_strategy(agreed["strategy"])
    stated = (scope.product_id, scope.provider_node, scope.consumer_node or terms.consumer_node)
    is_same = stated == (offer.product.object_id, terms.provider_node, terms.consumer_node)
    is_named = terms.name == stored.document["request"]["contractName"]
    if set(stored.parties) != {offer.provider.code, consumer} or not is_same or not is_named:
        raise ConflictError("The contract of this id is about something else, or between others. Nothing was changed.")
    moved(uow, LIFE, stored, "adopt", {})
    listed = parse_odrl(offer.content.policy)
    return encode_odrl(bound_by(PolicySet((rule,), kind=listed.kind), listed))


def _round(uow: UnitOfWork, stored: StoredObject, proposal: _Proposal) -> StoredObject:
    proposals = stored.document["proposals"]
    last = proposals[-1] if proposals else {"by": None, "digest": None}
    is_same = last["digest"] == proposal.digest
    if is_same and last["by"] == proposal.sender:
        return stored  # the same message again
    ordering_body(uow)
    parties = _parties(uow, stored, proposal)
    at, said = format_time(uow.now), {"by": proposal.sender, "strategy_digest": proposal.digest}
    if is_same:
        agreed = moved(uow, LIFE, stored, "agree", {"agreed": {**proposal.kept, "at": at}, "agreed_at": at})
        _record(uow, agreed, "agreed", **said)
        return agreed
    if len(proposals) >= ROUNDS_MAX:
        raise ConflictError(f"A contract has {ROUNDS_MAX} proposals at most. Nothing was changed.")
    changes = {"proposals": [*proposals, {**proposal.kept, "at": at}]}
    proposed = moved(uow, LIFE, stored, "propose", changes, parties=parties)
    _record(uow, proposed, "proposed", round=len(proposals) + 1, **said)
    return proposed


def _parties(uow: UnitOfWork, stored: StoredObject, proposal: _Proposal) -> tuple[str, ...]:
    """Creator and counterpart; with the first proposal the counterpart becomes known, and after that nobody else."""
    scope = proposal.scope
    if not scope.product_id or not scope.provider_node:
        raise InputError("strategy names dataProductId and providerNodeId. Nothing was changed.")
    product = uow.peek(PRODUCT, scope.product_id)
    shown = None if product is None else shown_of(product)
    offer = offer_of(uow, scope.product_id, int(shown[0].rpartition("/")[2]) if shown else 0)
    listed = parse_odrl(offer.content.policy)
    check_contradictions(PolicySet((proposal.rule,), (), (), scope=scope), listed)
    creator, provider = stored.document["issuer"], offer.provider.code
    consumer = creator if creator != provider else _owner_of(scope.consumer_node)
    if consumer is None:
        raise InputError("A provider that begins a contract names consumerNodeId. Nothing was changed.")
    both = tuple(dict.fromkeys((creator, provider, consumer)))
    if len(both) != 2 or (len(stored.parties) > 1 and set(both) != set(stored.parties)):
        raise AccessError("A contract is between the product's provider and one consumer. Nothing was changed.")
    body_of(uow, next(code for code in both if code != proposal.sender))
    return both


def _owner_of(node: str) -> str | None:
    return parse_national_code(node, CodeKind.CONNECTOR).subject if node else None


def _signed(
    uow: UnitOfWork, stored: StoredObject, abstract: dict[str, Any], signatures: Sequence[tuple[str, bytes]]
) -> StoredObject:
    """With signatures of the final confirmation; those that are there already change nothing."""
    if stored.state != "agreed":
        raise ConflictError("A contract is signed once both sides have agreed. Nothing was changed.")
    there = {one["participant"] for one in stored.document["signatures"]}
    wanted = [(code, signature) for code, signature in signatures if code not in there]
    if {code for code, _ in wanted} - set(stored.parties) or len({code for code, _ in wanted}) < len(wanted):
        raise InputError("signatureList has each party of the contract once. Nothing was changed.")
    if not wanted:
        return stored
    given = [signed_by_body(uow, code, CONTRACT, abstract, signature) for code, signature in wanted]
    signed = moved(uow, LIFE, stored, "sign", {"signatures": [*stored.document["signatures"], *given]})
    _record(uow, signed, "signed", signers=[one["participant"] for one in given])
    return signed


def _record(uow: UnitOfWork, stored: StoredObject, event: str, **data: Any) -> None:
    said = {"contract_id": stored.object_id, "state": stored.state, **data}
    uow.record(EVENT.format(event), said, subject=stored.object_id)
