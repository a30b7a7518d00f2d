"""Agreements: generated from a confirmed order, or as a framework for call-offs; signed by both parties; abandoned before that.

The service never sees the confidential part: the party that has an agreement generated hands in the hashes of its leaves and the ciphertext.
Ids, salts and the random part of the contract id are drawn by the caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.bundle.agreement_chain import agreement_chain_id
from ledger.bundle.agreement_digest import agreement_digest, disclosed_leaves
from ledger.bundle.order_digest import order_chain_id
from ledger.domain.act_json import act_to_json
from ledger.domain.agreement import InvalidAgreementError
from ledger.domain.agreement_id import generate_agreement_id, parse_agreement_id
from ledger.domain.agreement_status import AGREEMENT_LIFE
from ledger.domain.agreement_terms import (
    AgreementSubject,
    AgreementTerms,
    ChainFacts,
    PayShare,
    build_agreement_act,
    build_disclosed,
    full_shares,
)
from ledger.domain.codes import CodeKind, NationalCode, parse_national_code
from ledger.domain.credit import NO_NEW_ORDERS
from ledger.domain.order import OrderPrice
from ledger.domain.order_life import BOTH, CONSUMER
from ledger.domain.policies.binding import bound_by
from ledger.domain.policies.odrl import encode_odrl, parse_odrl
from ledger.domain.price import PriceRule
from ledger.domain.records import from_json, to_json
from ledger.errors import AccessError, ConflictError
from ledger.services.agreement_objects import (
    KIND,
    act_of_agreement,
    disclosed_of,
    get_agreement,
    move_agreement,
    record_agreement,
    require_party,
)
from ledger.services.agreement_steps import DONE
from ledger.services.agreement_templates import require_bans, required_template
from ledger.services.bodies import Body, BodyNotAbleError, body_of, known_body
from ledger.services.business import StoredObject, UnitOfWork, salt_of_ids
from ledger.services.contract_drafts import adopt_contract
from ledger.services.negotiation_terms import check_contradictions
from ledger.services.new_agreement import NewAgreement
from ledger.services.order_negotiations import claim_for_framework, evidence_of
from ledger.services.order_objects import Offer, get_order, offer_of, require_application, require_side
from ledger.services.product_objects import PROVIDERS, chain_id_of, price_rule_paper
from ledger.services.trade_chain import Asked, ask_chain

_ANY_RANDOM: Final = "00000000"


@dataclass(frozen=True, slots=True)
class _Between:
    """What both ways to an agreement lead to; ``order_chain_id`` is zero for a framework agreement, ``negotiated`` of an order's alone."""

    offer: Offer
    provider: Body
    consumer: Body
    price: PriceRule
    order_id: str | None
    order_chain_id: bytes
    negotiated: Mapping[str, Any] | None = None

    @property
    def policy(self) -> Mapping[str, Any]:
        """What was negotiated, with what the product's version forbids and obliges to; or else what that states."""
        if self.negotiated is None:
            return self.offer.content.policy
        agreed = parse_odrl({"@type": "Offer", **self.negotiated["policy"]})
        return encode_odrl(bound_by(agreed, parse_odrl(self.offer.content.policy)))


def generate_agreement(uow: UnitOfWork, order_id: str, command: NewAgreement) -> StoredObject:
    """The agreement of a confirmed order, with its parties, product, price and policy, or the one that was negotiated; by either party.

    Raises:
        NotFoundError: there is no such order that the actor may see.
        IllegalTransitionError: it is not confirmed, or is a call-off, which has its agreement from the start.
        AccessError: the actor is no party of it.
        ConflictError: it has an agreement already.
        InvalidAgreementError: the terms do not go together, or the product has no template of the library.
        ProductNotOfferedError: the product is not on offer any more.
        BodyNotAbleError: one of the parties is not in good standing.
    """
    order = get_order(uow, order_id, "contract")
    require_side(uow, order, *BOTH)
    document = order.document
    if document["agreement_id"] is not None:
        raise ConflictError("This order has its agreement already. Nothing was changed.")
    about = document["content"]
    offer = offer_of(uow, about["product_code"], about["product_version"])
    price = {name: value for name, value in document["voucher"]["price"].items() if name != "price_rule_digest"}
    between = _Between(
        offer=offer,
        provider=offer.provider,
        consumer=body_of(uow, document["consumer"], CONSUMER),
        price=from_json(OrderPrice, price).rule,
        order_id=order_id,
        order_chain_id=order_chain_id(salt_of_ids(order), order_id),
        negotiated=document.get("negotiated"),
    )
    if between.negotiated is not None:
        policy = parse_odrl({"@type": "Offer", **between.policy})
        check_contradictions(policy, parse_odrl(offer.content.policy))
    made = _generate(uow, between, _id_of(uow, offer, command), command)
    uow.change(order, act="generate_agreement", document={**document, "agreement_id": made.object_id})
    record_agreement(uow, made, "generated", **evidence_of(between.negotiated))
    return made


def generate_framework(
    uow: UnitOfWork,
    product_code: str,
    product_version: int,
    consumer: str,
    command: NewAgreement,
    *,
    negotiation_id: str | None = None,
) -> StoredObject:
    """A framework agreement, under which orders are called off; by the provider of the product or by the consumer.

    Its policy is the one that was negotiated where ``negotiation_id`` names a negotiation that both finalized.

    Raises:
        As ``generate_agreement``; of the negotiation as ``claim_for_framework``.
        ApplicationNeededError: the product has public data, and the consumer's use of them was never approved or matched.
        BodyNotAbleError: also when the credit of one of the two is limited: either one's orders would follow from it.
    """
    offer = offer_of(uow, product_code, product_version)
    if uow.actor.participant not in (offer.provider.code, consumer) or consumer == offer.provider.code:
        raise AccessError("The provider, or a consumer that is another body, does this. Nothing was changed.")
    both = (offer.provider, body_of(uow, consumer, CONSUMER))
    for body in both:
        body.require_unlimited(NO_NEW_ORDERS)
    require_application(uow, offer, consumer)
    agreement_id = _id_of(uow, offer, command)
    between = _Between(
        offer=offer,
        provider=both[0],
        consumer=both[1],
        price=offer.content.price,
        order_id=None,
        order_chain_id=bytes(32),
        negotiated=None
        if negotiation_id is None
        else claim_for_framework(uow, agreement_id, negotiation_id, consumer, offer),
    )
    made = _generate(uow, between, agreement_id, command)
    record_agreement(uow, made, "generated", **evidence_of(between.negotiated))
    return made


def ask_signatures(uow: UnitOfWork, agreement_id: str) -> StoredObject:
    """Either party closes the text; then provider and consumer sign ``Agreement``. Based on the revision that the caller saw.

    Raises:
        NotFoundError: there is no such agreement that the actor may see.
        IllegalTransitionError: its signatures are asked for already, or it is past that.
        RevisionMismatchError: it was changed meanwhile.
        ConflictError: its last day is over.
        ProductNotOfferedError: the product is not on offer any more.
        BodyNotAbleError: one of the parties is not in good standing, or has no key.
    """
    stored = get_agreement(uow, agreement_id, "sign")
    require_party(uow, stored)
    uow.expect_revision(stored)
    document = stored.document
    if document["waiting"] is not None:
        raise ConflictError("The signatures of this agreement are asked for already. Nothing was changed.")
    if disclosed_of(stored).is_over(uow.now):
        raise ConflictError("The last day of this agreement is over. Nothing was changed.")
    offer_of(uow, document["product_code"], document["product_version"])
    parties = (body_of(uow, document["provider"], *PROVIDERS), body_of(uow, document["consumer"], CONSUMER))
    signers = [body.signer("parties") for body in parties]
    waiting = ask_chain(uow, stored, Asked("conclude", act_of_agreement(stored), "conclude", signers))
    moved = move_agreement(uow, stored, "sign", {"waiting": waiting, "refused": None})
    record_agreement(uow, moved, "signatures_asked", act_id=waiting["act_id"])
    return moved


def issuing_node_of(offer: Offer) -> NationalCode:
    """Under which business node a contract id is issued: of the trading platform that reviewed the product, in the product's region.

    Only owner and region of the node are in the id.
    """
    region = parse_national_code(offer.product.object_id, CodeKind.PRODUCT).region
    return NationalCode(CodeKind.BUSINESS_NODE, offer.platforms[0], region, _ANY_RANDOM)


def _id_of(uow: UnitOfWork, offer: Offer, command: NewAgreement) -> str:
    return generate_agreement_id(issuing_node_of(offer), uow.now, command.random)


def _generate(uow: UnitOfWork, between: _Between, agreement_id: str, command: NewAgreement) -> StoredObject:
    """``agreement_id`` is what the platform issues for it; a contract that both parties have already keeps its own."""
    _require_nodes(between, command.terms)
    template = required_template(between.offer)
    stated, policy = between.offer.content, between.policy
    if command.contract_id is not None:
        if between.negotiated is not None:
            raise ConflictError("A negotiation has its terms already; leave the contract id away. Nothing was written.")
        agreement_id = command.contract_id
        policy = adopt_contract(uow, agreement_id, between.offer, between.consumer.code, command.terms)
    require_bans(policy, template)
    subject = AgreementSubject(
        provider=(between.provider.code, between.provider.name),
        consumer=(between.consumer.code, between.consumer.name),
        product_code=between.offer.product.object_id,
        product_version=int(between.offer.version.document["version"]),
        policy=policy,
        price=between.price,
        weights=stated.weights,
    )
    part, shares = build_disclosed(subject, command.terms), full_shares(subject, command.terms)
    disclosed = to_json(part)
    hidden = [bytes.fromhex(one) for one in command.confidential.leaf_hashes]
    digest = agreement_digest([*hidden, *disclosed_leaves(disclosed, command.disclosed_salt)])
    facts = ChainFacts(
        agreement_id=agreement_chain_id(command.salt, agreement_id),
        order_id=between.order_chain_id,
        product_id=chain_id_of(between.offer.product),
        provider=between.provider.body_id,
        consumer=between.consumer.body_id,
        contract_digest=digest,
        price_rule_digest=bytes.fromhex(between.offer.version.document["price_rule_digest"]),
        body_ids=_body_ids(uow, shares),
    )
    document = {
        "order_id": between.order_id,
        "negotiated": between.negotiated,
        "provider": between.provider.code,
        "consumer": between.consumer.code,
        "product_code": subject.product_code,
        "product_version": subject.product_version,
        "platforms": list(between.offer.platforms),
        "issued_by": parse_agreement_id(agreement_id).subject,
        "disclosed": disclosed,
        "disclosed_salt": command.disclosed_salt.hex(),
        "confidential": to_json(command.confidential),
        "contract_hash": digest.hex(),
        "price_rule": price_rule_paper(between.offer.version),
        "shares": [to_json(share) for share in shares],
        "salt": command.salt.hex(),
        "agreement": act_to_json(build_agreement_act(part, shares, facts)),
        **dict.fromkeys(("waiting", "refused", "filing", "ending", "orders_closed", "signatures", *DONE.values())),
    }
    parties = (between.consumer.code, between.provider.code)
    return uow.create(
        KIND, agreement_id, state=AGREEMENT_LIFE.initial, parties=parties, document=document, act="generate"
    )


def _require_nodes(between: _Between, terms: AgreementTerms) -> None:
    """A connector is its own body's; a business node may be a platform's that performs for a party."""
    for name, text, body in (
        ("provider_node", terms.provider_node, between.provider),
        ("consumer_node", terms.consumer_node, between.consumer),
    ):
        node = parse_national_code(text, CodeKind.CONNECTOR, CodeKind.BUSINESS_NODE)
        if node.kind is CodeKind.CONNECTOR and node.subject != body.code:
            raise InvalidAgreementError(f"{name} is another body's connector. Nothing was changed.")


def _body_ids(uow: UnitOfWork, shares: Sequence[PayShare]) -> dict[str, bytes]:
    bodies = {share.recipient: known_body(uow, share.recipient) for share in shares}
    if any(body is None for body in bodies.values()):
        raise BodyNotAbleError("A body that is to be paid is not admitted. Nothing was changed.")
    return {code: body.body_id for code, body in bodies.items() if body is not None}
