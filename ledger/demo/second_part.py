"""The second part of the story, chapter by chapter: from the bank's application to an agreement that is performed, one called off, one dissolved."""

from collections.abc import Mapping
from typing import Any

from ledger.client import agreements, orders
from ledger.client.calls import Call, RemoteObject
from ledger.client.platform import file_platform_agreement
from ledger.demo import dealings
from ledger.demo.agreement import FILED, PARTIES, conclude, confirm_order, perform
from ledger.demo.call_off import agree_framework, dissolve, prove_destruction
from ledger.demo.city import City
from ledger.demo.negotiation import negotiate
from ledger.demo.offices import BANK, Papers
from ledger.demo.permission import obtain_permission, use_once
from ledger.demo.platform import Platform
from ledger.demo.rule import approve_rule
from ledger.demo.sm2 import sign_by_both
from ledger.domain.order import AGREEMENT, NEGOTIATION
from ledger.domain.order_life import CALL_OFF, SINGLE
from ledger.errors import ConflictError


def tell(city: City, platform: Platform, papers: Papers) -> None:
    """Everything after the bank's demand; ids are in the memory.

    Raises:
        LedgerError: a step was refused, or something does not answer.
    """
    product_code = city.memory.get("product_code")
    city.say("6. The bank asks to use it")
    application_id = obtain_permission(city, platform, papers, product_code)
    city.say("7. Bank and company negotiate, order and agree")
    sign_by_both(city, *PARTIES)
    rule_version = approve_rule(city, papers)
    negotiation_id = negotiate(city, product_code)
    agreement_id = _agree(city, papers, product_code, negotiation_id, rule_version)
    _show_facts(city, agreement_id)
    perform(city, agreement_id)
    use_once(city, platform, papers, application_id)
    city.say("8. An order is called off, and another agreement is dissolved")
    framework = agree_framework(city, papers, "framework", rule_version)
    content = dealings.order(
        papers, product_code, kind=CALL_OFF, origin=AGREEMENT, reference=framework, calls=dealings.CALLED_OFF
    )
    confirm_order(city, "call_off", content)
    trial = agree_framework(city, papers, "trial", rule_version)
    dissolve(city, trial)
    prove_destruction(city, papers, trial)
    city.say("9. Two platforms, one account")
    _file_there(city, platform)
    _compare(city, platform)


def _agree(city: City, papers: Papers, product_code: str, negotiation_id: str, rule_version: str) -> str:
    content = dealings.order(
        papers, product_code, kind=SINGLE, origin=NEGOTIATION, reference=negotiation_id, calls=dealings.CALLS
    )
    order_id = confirm_order(city, "order", content)

    def generate(sealed: Mapping[str, Any], name: str) -> Call[RemoteObject]:
        terms = dealings.terms(papers, dealings.TITLES["agreement"], rule_version)
        return agreements.generate_agreement(order_id, terms=terms, confidential=sealed, idempotency_key=name)

    agreement_id = conclude(city, "agreement", generate)
    city.wait_for(
        lambda: city.desk(BANK.name).client.run(orders.get_order(order_id)).value,
        lambda found: found["attached"] is not None,
        "the order's agreement on the chain",
    )
    return agreement_id


def _show_facts(city: City, agreement_id: str) -> None:
    filing = city.desk(BANK.name).client.run(agreements.get_filing(agreement_id)).value
    city.say(f"    contract id   {filing['agreement_id']}")
    city.say(f"    contractHash  {filing['contract_hash']}")
    city.say(f"    on the chain  {filing['chain_agreement_id']}, transaction {filing['filed']['tx_hash']}")


def _file_there(city: City, platform: Platform) -> None:
    """The authorisation platform computes each digest itself, and files the agreement in its own books."""
    waiting = [name for name in dealings.TITLES if name not in city.memory.get("filed_there", [])]
    for name in waiting:
        agreement_id, write_name = city.memory.get(name), city.memory.write_name(f"filing-{name}")
        platform.wait_for("agreement", agreement_id, *FILED)
        platform.act(file_platform_agreement(agreement_id, idempotency_key=write_name))
        city.memory.keep(filed_there=[*city.memory.get("filed_there", []), name])
    if waiting:
        city.say(
            f"  the authorisation platform computes {len(waiting)} digests itself, and files the agreements on its side"
        )


def _compare(city: City, platform: Platform) -> None:
    """Both books are held against each other, and against the contracts.

    Raises:
        ConflictError: they differ; names cause and owner of each difference.
    """
    differing = platform.compare()
    for one in differing:
        city.say(f"  differs: {one['kind']} {one['object_id']}: {one['cause']}, {one['owner']} has to act")
    if differing:
        raise ConflictError(f"the books of both platforms differ in {len(differing)} things")
    seen = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(platform.copies().items()))
    city.say(f"  both books agree, and with the contracts: {seen}")
