"""Every object of the story's second part, for the list at its end."""

from typing import Any

from ledger.client import agreement_life, agreements, applications, authorisations, negotiations, orders, usage_tokens
from ledger.client.calls import Call
from ledger.demo import dealings
from ledger.demo.city import City
from ledger.demo.offices import BANK, DATA_COMPANY

Found = tuple[str, str, Call[Any], str | None]
"""What it is, the desk that reads it, how, and by which subject its events name it."""


def objects_of_second_part(city: City) -> list[Found]:
    """In the order of the story."""
    bank, company, memory = BANK.name, DATA_COMPANY.name, city.memory
    application_id, negotiation_id = memory.get("application_id"), memory.get("negotiation")["pid"]
    shown_to_bank = city.desk(bank).client.run(negotiations.get_negotiation(negotiation_id)).value
    other_id = shown_to_bank["provider_pid"]
    found: list[Found] = [
        ("application", bank, applications.get_application(application_id), application_id),
        ("authorisation", bank, authorisations.get_authorisation(application_id), None),
        ("usage token", bank, usage_tokens.get_usage_token(memory.get("token_id")), memory.get("token_id")),
        ("negotiation of the bank", bank, negotiations.get_negotiation(negotiation_id), negotiation_id),
        ("negotiation of the company", company, negotiations.get_negotiation(other_id), other_id),
        ("record of the negotiation", bank, negotiations.get_negotiation_record(negotiation_id), None),
    ]
    for name in ("order", "call_off"):
        order_id, shown = memory.get(name), name.replace("_", "-")
        found += [
            (shown, bank, orders.get_order(order_id), order_id),
            (f"voucher of the {shown}", company, orders.get_voucher(order_id), None),
        ]
    for name in dealings.TITLES:
        agreement_id = memory.get(name)
        found += [
            (name, company, agreements.get_agreement(agreement_id), agreement_id),
            (f"filing of the {name}", bank, agreements.get_filing(agreement_id), None),
            (f"instructions of the {name}", bank, agreement_life.get_instructions(agreement_id=agreement_id), None),
        ]
    trial = memory.get("trial")
    found += [
        ("termination of the trial", company, agreement_life.get_termination(trial), None),
        ("destruction of its data", company, agreement_life.get_destruction(trial), None),
    ]
    return found
