"""Fifth part of the story: orders and agreements, from a draft to their place on the chain, each step by the body whose step it is."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from ledger.adapters.sealing import RecipientKey, open_sealed, seal
from ledger.adapters.signing_keys import X25519, new_secret, public_part
from ledger.bundle.agreement_digest import SALT_BYTES
from ledger.bundle.confidential_part import (
    ConfidentialPart,
    encode_confidential,
    parse_confidential,
    require_contract_hash,
    require_leaves,
)
from ledger.bundle.order_digest import order_chain_id, voucher_digest
from ledger.client import agreement_life, agreements, orders
from ledger.client.calls import Call, RemoteObject
from ledger.demo import dealings
from ledger.demo.city import City, Desk
from ledger.demo.offices import BANK, DATA_COMPANY
from ledger.domain.acts.digital_contract_registry import Agreement, AgreementFiling
from ledger.domain.acts.kinds import OrderKind
from ledger.domain.acts.orders import Order
from ledger.domain.order_life import CALL_OFF
from ledger.domain.roles import TRADING_PLATFORM
from ledger.domain.typed_acts import Act
from ledger.errors import ConflictError

PARTIES: Final = (DATA_COMPANY, BANK)
FILED: Final = ("filed", "in_performance", "ending", "terminated")
"""States of an agreement that was filed."""
DIGEST: Final = "contractDigest"
"""The field of an act that names an agreement's digest."""


def name_of_act(kind: type[Act]) -> str:
    """An act's name as the service shows it."""
    return f"{kind.CONTRACT}.{kind.__name__}"


def confirm_order(city: City, name: str, content: Mapping[str, Any]) -> str:
    """An order, drafted and placed by the bank and confirmed by the company, on the chain; gives its number.

    Args:
        city: with both.
        name: under which the story remembers it.
        content: what the bank orders.

    Raises:
        ConflictError: one of them is shown another order than this; it does not sign.
    """
    bank, company = city.desk(BANK.name), city.desk(DATA_COMPANY.name)
    order_id = city.memory.get(name)
    if order_id is None:
        drafted = bank.client.run(orders.draft_order(content, idempotency_key=city.memory.write_name(name)))
        order_id = str(drafted.value["order_id"])
        city.memory.keep(**{name: order_id})
        city.say(f"  the bank orders {content['quantity']:,} calls: {order_id}")
    read = partial(bank.client.run, orders.get_order(order_id))
    steps: dict[str, Callable[[RemoteObject], Any]] = {
        "drafted": lambda found: bank.client.run(orders.place_order(order_id, revision=_revision(found))),
        "offered": lambda _: company.client.run(orders.confirm_order(order_id)),
    }
    said = {
        "offered": "the bank signs it",
        "confirmed": "the company signs it too",
        "in_force": "the company signs it too",
    }
    while (found := read()).state in steps or found.value["waiting"] is not None:
        city.look()
        if found.value["waiting"] is None:
            steps[found.state](found)
        signer = bank if found.state in {"drafted", "placing"} else company
        fields = check_order(signer, order_id, content, {"consumer": bank.code, "provider": company.code})
        settled = city.settle(read, asked_by=bank, act=name_of_act(Order), subject=order_id, fields=fields)
        city.say(f"  {said.get(settled.state, 'it waits no more')}; final on the chain: {settled.state}")
    if found.state not in {"confirmed", "in_force"}:
        raise ConflictError(f"the order is {found.state}; somebody else went on with it")
    return str(order_id)


def check_order(
    signer: Desk, order_id: str, content: Mapping[str, Any], parties: Mapping[str, str]
) -> Mapping[str, Any]:
    """A party holds the voucher against what was ordered, and computes its digest itself; gives what the act must say of the order.

    Args:
        signer: the party.
        order_id: of an order that was placed.
        content: what was ordered.
        parties: ``consumer`` and ``provider`` -> subject code.

    Raises:
        ConflictError: the voucher states another order; names what differs. It is not signed.
    """
    shown = signer.client.run(orders.get_order(order_id)).value
    voucher, salt = shown["voucher"], bytes.fromhex(shown["salt"])
    stated = {**voucher, **voucher["subject"], **{side: voucher[side]["code"] for side in parties}}
    ordered = {**content, **parties, "order_id": order_id}
    differing = sorted(name for name, value in ordered.items() if stated.get(name) != value)
    if differing:
        raise ConflictError(
            f"the voucher that {signer.name} is shown differs from the order in {', '.join(differing)}; it does not sign"
        )
    return {
        "orderId": "0x" + order_chain_id(salt, order_id).hex(),
        "kind": int(OrderKind.CALL_OFF if content["kind"] == CALL_OFF else OrderKind.SINGLE),
        "productVersion": content["product_version"],
        "quantity": content["quantity"],
        "priceRuleDigest": "0x" + voucher["price"]["price_rule_digest"],
        "contentDigest": "0x" + voucher_digest(salt, voucher).hex(),
        "validUntil": content["valid_until"],
    }


def conclude(city: City, name: str, generate: Callable[[Mapping[str, Any], str], Call[RemoteObject]]) -> str:
    """An agreement, generated by the company with a sealed confidential part, checked and signed by both, filed; gives its contract id.

    Args:
        city: with both and the trading platform.
        name: under which the story remembers it.
        generate: makes the call that generates it, from its sealed part and the name of that write.
    """
    company = city.desk(DATA_COMPANY.name)
    agreement_id = city.memory.get(name)
    if agreement_id is None:
        sealed = _sealed_part(city, name)
        made = company.client.run(generate(sealed, city.memory.write_name(name)))
        agreement_id = str(made.value["agreement_id"])
        city.memory.keep(**{name: agreement_id})
        city.say(
            f"  the company draws up an agreement with {len(dealings.CONFIDENTIAL)} texts that only the parties can read"
        )
    read = partial(company.client.run, agreements.get_agreement(agreement_id))

    def settle(act: type[Act], said: str) -> None:
        fields = _checked_fields(city, agreement_id)
        city.settle(read, asked_by=company, act=name_of_act(act), subject=agreement_id, fields=fields)
        city.say(f"  {said}")

    steps: dict[str, Callable[[RemoteObject], Any]] = {
        "generated": lambda found: company.client.run(
            agreements.ask_signatures(agreement_id, revision=_revision(found))
        ),
        "signing": lambda _: settle(
            Agreement,
            "each party opens them, computes the digest itself, and signs by secp256k1 and SM2; final on the chain",
        ),
        "signed": lambda _: city.desk(TRADING_PLATFORM).client.run(agreements.file_agreement(agreement_id)),
        "filing": lambda _: settle(AgreementFiling, "the trading platform files it, on the chain"),
    }
    while (found := read()).state in steps:
        city.look()
        steps[found.state](found)
    if found.state not in FILED:
        raise ConflictError(f"the agreement is {found.state}; somebody else went on with it")
    return str(agreement_id)


def check_what_is_signed(city: City, who: str, agreement_id: str) -> bytes:
    """A party opens the confidential part with its own key, and computes the digest of both parts; gives it, 32 bytes.

    Raises:
        VerificationError: what it was shown is not what the digest covers; it does not sign.
    """
    shown = city.desk(who).client.run(agreements.get_agreement(agreement_id)).value
    leaf_hashes = [bytes.fromhex(one) for one in shown["confidential"]["leaf_hashes"]]
    ciphertext = base64.b64decode(shown["confidential"]["ciphertext"])
    require_leaves(parse_confidential(open_sealed(ciphertext, _sealing_key(city, who))), leaf_hashes)
    salt, contract_hash = (bytes.fromhex(shown[name]) for name in ("disclosed_salt", "contract_hash"))
    require_contract_hash(shown["disclosed"], salt, leaf_hashes, contract_hash)
    return contract_hash


def _checked_fields(city: City, agreement_id: str) -> Mapping[str, Any]:
    """What an act about the agreement must say of it: the digest that each party computed itself."""
    computed = {check_what_is_signed(city, party.name, agreement_id) for party in PARTIES}
    if len(computed) > 1:
        raise ConflictError(f"the parties are shown different texts of {agreement_id}; none signs")
    return {DIGEST: "0x" + computed.pop().hex()}


def perform(city: City, agreement_id: str) -> None:
    """Both parties' connectors fetch their control instruction, and say that it is in force."""
    reported = 0
    for party in PARTIES:
        desk = city.desk(party.name)
        instructions = agreement_life.get_instructions(owner="me", agreement_id=agreement_id)
        for told in desk.client.run(instructions).items:
            for before, state in (("issued", "received"), ("received", "in_force")):
                found = desk.client.run(agreement_life.get_instruction(told["number"], told["side"]))
                if found.state == before:
                    desk.client.run(agreement_life.report_instruction(told["number"], told["side"], state=state))
                    reported += 1
    if reported:
        city.say("  both connectors fetch their control instruction and put it in force: the agreement is performed")


def _sealing_key(city: City, who: str) -> bytes:
    return city.memory.private_key(who, X25519, new_secret(X25519))


def _sealed_part(city: City, name: str) -> dict[str, Any]:
    """Sealed once: a repeat after a crash hands in the same."""
    part = ConfidentialPart(dealings.CONFIDENTIAL, secrets.token_bytes(SALT_BYTES))
    keys = [RecipientKey(public_part(X25519, _sealing_key(city, party.name)), party.code) for party in PARTIES]
    sealed = {
        "leaf_hashes": [leaf.hex() for leaf in part.leaf_hashes],
        "ciphertext": base64.b64encode(seal(encode_confidential(part), keys)).decode("ascii"),
    }
    kept = city.memory.write_once(f"sealed-{name}.json", json.dumps(sealed).encode() + b"\n")
    return dict(json.loads(kept))


def _revision(found: RemoteObject) -> int:
    assert found.revision is not None, "orders and agreements have an ETag"
    return found.revision
