"""The end of the story: every object with its link, and its evidence final."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from ledger.client import acts, catalog, demands, evidence, participants, products
from ledger.client.calls import Call, RemoteObject, RemotePage
from ledger.demo.admission import RECORDS_DESK
from ledger.demo.city import City
from ledger.demo.offices import BANK, DATA_COMPANY, OFFICES
from ledger.demo.second_objects import objects_of_second_part
from ledger.demo.trade import FIRST

LAST_EVENT: Final = "org.cityledger.demand.followed_up.v1"
LAST_EVENTS: Final = {"org.cityledger.destruction.accepted.v1", "org.cityledger.agreement.orders_closed.v1"}
"""Of the agreement that is dissolved, with which the second part ends: what is done last, and what the service does by itself after an end."""

NOTES: Final = (BANK, DATA_COMPANY)
"""The story's last steps are a note of each of them, and an event of each; every other step's event is before them in the log."""

CASE: Final = "case"
"""Kind of the tag by which the ledger's own events name their object."""


@dataclass(frozen=True, slots=True)
class Told:
    """An object of the story.

    Args:
        what: it is.
        state: it is in.
        path: of the API.
        desk: one that may read it.
        subject: by which its events name it; None where they name another object.
    """

    what: str
    state: str
    path: str
    desk: str
    subject: str | None = None


def objects_of(city: City) -> list[Told]:
    """Every object that the story made, read back."""
    company, operator = city.desk(DATA_COMPANY.name), city.desk("operator")
    product_code, demand_id = city.memory.get("product_code"), city.memory.get("demand_id")

    dataset_id = str(company.client.run(catalog.get_entry(product_code)).value["@id"])

    def told(what: str, desk: str, call: Call[Any], subject: str | None = None) -> Told:
        found = city.desk(desk).client.run(call)
        if isinstance(found, RemotePage):
            state = f"{len(found.items)} there"
        else:
            state = str(found.value.get("state") or found.value.get("result", {}).get("state", "there"))
        return Told(what, state, f"{call.path}?{urlencode(call.query)}" if call.query else call.path, desk, subject)

    listed = [
        told(f"participant {office.name}", office.name, participants.get_participant(office.code), office.code)
        for office in OFFICES
    ]
    listed += [
        told("last permit record", RECORDS_DESK, _last_record(city)),
        told("whitelist", BANK.name, participants.get_whitelist()),
        told("product", company.name, products.get_product(product_code), product_code),
        told("product version", company.name, products.get_version(product_code, FIRST)),
        told("catalog entry", BANK.name, catalog.get_entry(product_code)),
        told("dataset (DSP)", BANK.name, catalog.get_dsp_dataset(dataset_id)),
        told("regulator's check", "regulator", catalog.get_checks(product_code)),
        told("demand", BANK.name, demands.get_demand(demand_id), demand_id),
        told("bids", BANK.name, demands.get_bids(demand_id)),
        told("inbox", company.name, demands.get_demand_notices()),
    ]
    listed += [told(*one) for one in objects_of_second_part(city)]
    subjects = {one.subject for one in listed} - {None}
    for item in operator.client.each(lambda cursor: acts.get_acts(cursor=cursor)):
        if item["subject"]["object_id"] in subjects:
            signers = item["signers"]  # none where the chain was told what both had signed before
            signer = city.desk_of(signers[0]["participant"]).name if signers else "operator"
            name = str(item["act"]).partition(".")[2]
            listed.append(told(f"act {name}", signer, acts.get_act(item["act_id"]), item["act_id"]))
    return listed


def told_value(told: Told, counts: Mapping[str, int]) -> dict[str, Any]:
    """As ``story.json`` keeps it, with the number of its events."""
    return {**asdict(told), "events": counts.get(told.subject or "", 0)}


def wait_until_final(city: City, demand_id: str) -> None:
    """Waits until every event is final: the records' last one, and the last steps of the demand."""
    city.wait_for(
        partial(city.desk(RECORDS_DESK).client.run, _last_record(city)),
        lambda found: found.value["result"]["state"] == "final",
        "the finality of the last record",
    )
    city.wait_for(
        partial(_last_notes, city, demand_id),
        lambda states: len(states) >= len(NOTES) and set(states) == {"final"},
        "the last step's evidence",
    )


def count_when_final(city: City) -> tuple[list[Told], dict[str, int]]:
    """Every object of the whole story, and the number of each one's events, once all are final."""
    city.wait_for(
        partial(_states_by_type, city, city.memory.get("trial")),
        lambda found: found.keys() >= LAST_EVENTS and set(found.values()) == {"final"},
        "the last steps' evidence",
    )
    objects = objects_of(city)
    return objects, count_final(city, objects)


def count_final(city: City, objects: list[Told]) -> dict[str, int]:
    """The number of each object's own events, all final, by subject; call ``wait_until_final`` before."""
    return {one.subject: _count_final(city, one.subject) for one in objects if one.subject is not None}


def _last_record(city: City) -> Call[RemoteObject]:
    return evidence.get_event(*city.memory.get("last_record"))


def _states_by_type(city: City, subject: str) -> dict[str, str]:
    client = city.desk("operator").client
    found = client.each(lambda cursor: evidence.search_events(tag=(CASE, subject), cursor=cursor))
    return {str(event["type"]): str(event["state"]) for event in found}


def _last_notes(city: City, demand_id: str) -> list[str]:
    call = evidence.search_events(event_type=LAST_EVENT, tag=(CASE, demand_id))
    return [event["state"] for event in city.desk("operator").client.run(call).items]


def _count_final(city: City, subject: str) -> int:
    client = city.desk("operator").client
    events = list(client.each(lambda cursor: evidence.search_events(tag=(CASE, subject), cursor=cursor)))
    assert all(event["state"] == "final" for event in events), "they are before an event that is final"
    return len(events)
