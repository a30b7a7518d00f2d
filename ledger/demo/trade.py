"""Second part of the story: the office's records become evidence, the product is offered, and a bank's demand finds it."""

from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from io import BytesIO
from typing import Any, Final

from ledger.adapters.embedded.reserved_bodies import reserved_code
from ledger.client import catalog, demands, product_steps, products
from ledger.client.calls import Call, RemoteObject
from ledger.client.ingest import ReceiptFile
from ledger.client.lines import EventFile, batches
from ledger.client.service import Accepted, ServiceClient
from ledger.demo.city import City
from ledger.demo.offices import (
    BANK,
    BID_AMOUNT_MINOR,
    BID_TEXT,
    CEILING,
    CONTACT,
    DATA_COMPANY,
    FINDINGS,
    REGION,
    Papers,
    demand,
    letter,
    product,
)
from ledger.domain.acts.kinds import BodyRole
from ledger.domain.roles import AUTHORISATION_PLATFORM, PRICE_AUTHORITY, REGULATOR, TRADING_PLATFORM
from ledger.errors import ConflictError

FIRST: Final = 1
"""The version that the story offers."""

LINE_BYTES_MAX: Final = 1 << 20
BATCH_LINES: Final = 1_000
BATCH_BYTES: Final = 4 << 20

ACTS: Final = {
    "register": "ProductRegistry.ProductVersion",
    "pass_final_review": "ProductRegistry.ProductReview",
    "file": "ProductRegistry.ProductFiling",
    "list": "ProductRegistry.ProductAct",
}
"""Step of a version that waits for the chain -> what is signed for it."""


def record_permits(city: City, events: str, service: ServiceClient) -> Accepted:
    """The permit office brings its records into the log; gives the event with the greatest leaf index.

    Args:
        city: for its memory.
        events: NDJSON file of CloudEvents, plain or gzip.
        service: with the office's own key.

    Raises:
        InputError: the file cannot be read.
        ConflictError: an event is refused, or there is none.
    """
    keeper = ReceiptFile(city.memory.folder / "receipts.jsonl")
    highest: Accepted | None = None
    count = 0
    with closing(EventFile(events, BytesIO(), LINE_BYTES_MAX)) as file:
        for batch in batches([file], BATCH_LINES, BATCH_BYTES):
            city.look()
            if any(line.fault is not None for line in batch.lines):
                raise ConflictError(f"{events} has lines that are no events; cityledger ingest says which")
            answer = service.submit_lines([line.raw for line in batch.lines])
            keeper.keep(answer.receipt, [(one.source, one.event_id) for one in answer.accepted])
            if len(answer.accepted) < len(answer.results):
                raise ConflictError(f"events of {events} were refused; cityledger ingest says which and why")
            highest = max([*answer.accepted, *([highest] if highest else [])], key=lambda one: one.leaf_index)
            count += len(answer.accepted)
    if highest is None:
        raise ConflictError(f"{events} has no events")
    city.say(f"  the permit office's records are evidence: {count:,} events, receipts kept")
    return highest


def offer_product(city: City, papers: Papers) -> str:
    """From draft to listed, each step by the body whose step it is; gives the product's code."""
    code = city.memory.get("product_code")
    company = city.desk(DATA_COMPANY.name)
    if code is None:
        name = city.memory.write_name("product")
        drafted = company.client.run(products.draft_product(product(papers), region=REGION[:4], idempotency_key=name))
        code = str(drafted.value["product_code"])
        city.memory.keep(product_code=code)
        city.say(f"  {company.name} drafts the permit-status service: {code}")
    steps = _steps(city, papers, code)
    version = company.client.run(products.get_version(code, FIRST))
    while version.state in steps or version.value["waiting"] is not None:
        city.look()
        if version.value["waiting"] is None:
            steps[version.state](version)
        else:
            _settle(city, code, version)
        version = company.client.run(products.get_version(code, FIRST))
    if version.state != "listed":
        raise ConflictError(f"the product is {version.state}; somebody else went on with it")
    return str(code)


def check_entry(city: City, papers: Papers, code: str) -> None:
    """The regulator looks at what the catalog says, and that it looked is on record."""
    check = catalog.record_check(
        code,
        finding="conforms",
        members=["price", "weights", "filing_number"],
        remarks_digest=papers.remarks.digest,
        idempotency_key=city.memory.write_name("check"),
    )
    city.desk(REGULATOR).client.run(check)
    city.say("  the regulator checks the catalog entry: it conforms")


def compare_with_chain(city: City) -> None:
    """The auditor compares the products with what the registry contract holds."""
    auditor = city.desk("auditor").client
    city.wait_for(
        partial(auditor.run, products.get_product_differences(limit=1_000)),
        lambda found: not found.items,
        "agreement of the products with the chain",
    )
    city.say("  the auditor compares the products with the registry contract: nothing differs")


def meet_demand(city: City, papers: Papers, code: str) -> str:
    """A bank asks, the catalog answers, the company bids and is selected; gives the demand's id."""
    bank, company = city.desk(BANK.name), city.desk(DATA_COMPANY.name)
    demand_id = city.memory.get("demand_id")
    if demand_id is None:
        name = city.memory.write_name("demand")
        published = bank.client.run(demands.publish_demand(demand(papers), CONTACT, idempotency_key=name))
        demand_id = str(published.value["demand_id"])
        city.memory.keep(demand_id=demand_id)
        city.say(f"  the bank publishes a demand: {demand_id}")
    steps: Mapping[str, Callable[[], None]] = {
        "published": lambda: _match(city, demand_id, code),
        "matched": lambda: _bid(city, demand_id, code),
        "bidding": lambda: _select(city, demand_id),
        "selected": lambda: _follow_up(city, demand_id),
    }
    while (found := bank.client.run(demands.get_demand(demand_id))).state in steps:
        city.look()
        steps[found.state]()
    if not city.memory.get("demand_met"):
        if found.state != "followed_up":
            raise ConflictError(f"the demand is {found.state}; somebody else went on with it")
        name = city.memory.write_name("follow-up-company")
        company.client.run(demands.follow_up_demand(demand_id, text="接口已联调", idempotency_key=name))
        city.memory.keep(demand_met=True)
        city.say("  bank and company note how it goes on; an order would be next")
    return str(demand_id)


def _settle(city: City, code: str, version: RemoteObject) -> None:
    """What a version waits for is signed, and the chain decides."""
    company = city.desk(DATA_COMPANY.name).client
    settled = city.settle(
        lambda: company.run(products.get_version(code, FIRST)),
        asked_by=city.desk("operator"),
        act=ACTS[version.value["waiting"]["step"]],
        subject=code,
    )
    city.say(f"    signed, and final on the chain: {settled.state}")


def _steps(city: City, papers: Papers, code: str) -> dict[str, Callable[[RemoteObject], None]]:
    """State of a version -> what happens next."""

    def run(desk: str, call: Call[RemoteObject], said: str) -> None:
        city.desk(desk).client.run(call)
        city.say(f"  {said}")

    def register(draft: RemoteObject) -> None:
        assert draft.revision is not None, "a version has an ETag"
        call = products.register_version(
            code,
            FIRST,
            revision=draft.revision,
            trading_platform=reserved_code(BodyRole.TRADING_PLATFORM),
            authorisation_platform=reserved_code(BodyRole.AUTHORISATION_PLATFORM),
            filing_authority=reserved_code(BodyRole.PRICE_AUTHORITY),
        )
        run(DATA_COMPANY.name, call, "it asks for registration and names who judges it")

    def after_review(version: RemoteObject) -> None:
        there: dict[str, Any] = version.value["letter"] or {"issued_by": []}
        for role in (TRADING_PLATFORM, AUTHORISATION_PLATFORM):
            if city.desk(role).code not in there["issued_by"]:
                issued = product_steps.issue_letter(code, FIRST, **letter(papers))
                return run(role, issued, f"the {role.replace('_', ' ')} issues the joint compliance letter")
        number = f"备案演示{code[-9:]}"
        filed = product_steps.file_version(code, FIRST, number=number, ceiling=CEILING)
        return run(PRICE_AUTHORITY, filed, f"the price authority files it under {number}, with a ceiling")

    def first_review(_: RemoteObject) -> None:
        passed = product_steps.pass_first_review(code, FIRST, FINDINGS)
        run(TRADING_PLATFORM, passed, "the trading platform passes the first review")

    def final_review(_: RemoteObject) -> None:
        passed = product_steps.pass_final_review(code, FIRST, FINDINGS)
        run(AUTHORISATION_PLATFORM, passed, "the authorisation platform passes the final review; both platforms sign")

    def put_on_sale(_: RemoteObject) -> None:
        run(DATA_COMPANY.name, product_steps.list_version(code, FIRST), "the company offers it")

    return {
        "draft": register,
        "registered": first_review,
        "first_reviewed": final_review,
        "reviewed": after_review,
        "filed": put_on_sale,
    }


def _match(city: City, demand_id: str, code: str) -> None:
    bank = city.desk(BANK.name).client
    found = bank.run(catalog.search_catalog(catalog.Question(text="施工许可", public_data=True)))
    if code not in {entry["identifier"] for entry in found.items}:
        raise ConflictError(f"the catalog does not find {code}")
    matches = bank.run(demands.match_demand(demand_id)).value["matches"]
    ours = next((match for match in matches if match["product_code"] == code), None)
    if ours is None:
        raise ConflictError(f"the demand does not find {code}")
    reasons = ", ".join(reason["reason"] for reason in ours["reasons"])
    city.say(f"  the catalog meets it with {ours['score']} of 100 points ({reasons}); the company is told")


def _bid(city: City, demand_id: str, code: str) -> None:
    company = city.desk(DATA_COMPANY.name).client
    told = {notice["demand_id"] for notice in company.each(lambda cursor: demands.get_demand_notices(cursor=cursor))}
    if demand_id not in told:
        raise ConflictError(f"the company was not told of {demand_id}")
    bid = demands.bid_for_demand(
        demand_id, text=BID_TEXT, currency="CNY", amount_minor=BID_AMOUNT_MINOR, product_code=code, version=FIRST
    )
    company.run(bid)
    city.say("  the company bids")


def _select(city: City, demand_id: str) -> None:
    city.desk(BANK.name).client.run(demands.select_bid(demand_id, bidder=DATA_COMPANY.code))
    city.say("  the bank selects the bid; the company sees its contact now")


def _follow_up(city: City, demand_id: str) -> None:
    name = city.memory.write_name("follow-up-bank")
    city.desk(BANK.name).client.run(demands.follow_up_demand(demand_id, text="准备签约", idempotency_key=name))
