"""Fourth part of the story: bank and company negotiate by the Dataspace Protocol, each through its own side, in two rounds."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from ledger.client import catalog, connector_credentials, negotiations
from ledger.demo.city import City
from ledger.demo.dealings import ASKED, TALK
from ledger.demo.offices import BANK, DATA_COMPANY
from ledger.errors import ConflictError

CONNECTOR: Final = "/dsp/2025-1"
FINAL: Final = "FINALIZED"
SAID: Final = {
    "request": "the bank asks for {} calls",
    "offer": "the company offers {}",
    "accept": "the bank accepts",
    "agree": "the company agrees",
    "verify": "the bank verifies the agreement",
    "finalize": "the company finalizes it; each version is kept with its digest",
}

Views = dict[str, Mapping[str, Any]]


def negotiate(city: City, product_code: str) -> str:
    """From the first request to the end; gives the bank's name of the negotiation.

    Messages go to the address at which the service was when it began. One that was not over when the service moved is begun anew.

    Raises:
        ConflictError: a message was refused, or somebody ended it.
    """
    bank_pid = _begin(city, product_code)
    while not _is_over(views := _look(city, bank_pid)):
        city.look()
        steps = [len(view["steps"]) for view in views.values()]
        if _waits(views) or len(set(steps)) > 1:
            city.wait_for(lambda: _look(city, bank_pid), _is_quiet, "the delivery of a message")
            continue
        who, act, rules = TALK[steps[0]]
        name = f"{bank_pid}-{steps[0]}"
        pid = views[who]["negotiation_id"]
        city.desk(who).client.run(negotiations.say(pid, act, rules=rules, idempotency_key=city.memory.write_name(name)))
        city.say("  " + SAID[act].format(_calls(rules)))
    return bank_pid


def _begin(city: City, product_code: str) -> str:
    address = city.place.api_url + CONNECTOR
    kept = city.memory.get("negotiation")
    if kept is not None and (kept["address"] == address or _is_final(_views(city, kept["pid"]))):
        return str(kept["pid"])
    number = 1 if kept is None else kept["number"] + 1
    bank, company = city.desk(BANK.name), city.desk(DATA_COMPANY.name)
    for desk in (bank, company):
        token = city.memory.kept_api_key(desk.name)
        desk.client.run(connector_credentials.set_credential(address=address, token=token))
    entry = bank.client.run(catalog.get_entry(product_code)).value
    opening = negotiations.open_negotiation(
        provider=company.code,
        address=address,
        dataset_id=str(entry["@id"]),
        offer_id=str(entry["hasPolicy"][0]["@id"]),
        rules=ASKED,
        idempotency_key=_opening_name(city, number, address),
    )
    pid = str(bank.client.run(opening).value["negotiation_id"])
    city.memory.keep(negotiation={"number": number, "address": address, "pid": pid})
    city.say("  " + SAID["request"].format(_calls(ASKED)))
    return pid


def _opening_name(city: City, number: int, address: str) -> str:
    """The address is a part of what is asked: after a crash, another one is another write."""
    return city.memory.write_name(f"negotiation-{number}-{sha256(address.encode()).hexdigest()[:16]}")


def _look(city: City, bank_pid: str) -> Views:
    """As ``_views``.

    Raises:
        ConflictError: a message was refused.
    """
    views = _views(city, bank_pid)
    for who, view in views.items():
        if (refusal := view["refusal"]) is not None:
            raise ConflictError(f"a message of {who} was refused: {refusal['reason']}")
    return views


def _views(city: City, bank_pid: str) -> Views:
    """The negotiation as each side has it; the company's is there once the first request was delivered."""
    ours = city.desk(BANK.name).client.run(negotiations.get_negotiation(bank_pid)).value
    if ours["provider_pid"] is None:
        return {BANK.name: ours}
    theirs = city.desk(DATA_COMPANY.name).client.run(negotiations.get_negotiation(ours["provider_pid"])).value
    return {BANK.name: ours, DATA_COMPANY.name: theirs}


def _waits(views: Views) -> bool:
    return len(views) < 2 or any(view["pending"] is not None for view in views.values())


def _is_quiet(views: Views) -> bool:
    return not _waits(views) and len({len(view["steps"]) for view in views.values()}) == 1


def _is_over(views: Views) -> bool:
    if "TERMINATED" in [view["state"] for view in views.values()]:
        raise ConflictError("the negotiation was terminated; somebody else went on with it")
    return _is_final(views)


def _is_final(views: Views) -> bool:
    return [view["state"] for view in views.values()] == [FINAL, FINAL]


def _calls(rules: Mapping[str, Any] | None) -> str:
    return "" if rules is None else f"{rules['permission'][0]['constraint'][0]['rightOperand']:,}"
