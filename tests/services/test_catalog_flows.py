"""The flows of the data map: who sees between whom an agreement lets data flow, and what everybody may count."""

import json
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, text
from support.a_log import ALog
from support.agreements import agreement_document
from support.catalog_entries import product_code
from support.product_world import CODES, a_world, actor
from support.trade_steps import Trade

from ledger.adapters.sql import catalog_flows
from ledger.adapters.sql.catalog_flows import flows_of
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain import catalog_map
from ledger.domain.agreement_status import AGREEMENT_LIFE
from ledger.domain.catalog_map import FLOWING, Flow
from ledger.services.business import Actor

REGULATOR = Actor("key:regulator", None, frozenset({"regulator"}))
OPERATOR = Actor("key:operator", None, frozenset({"operator"}))
PARTIES = (CODES["bank"], CODES["provider"])
PRODUCT, OTHER = product_code(1), product_code(2)


@pytest.fixture
def connection(log: ALog) -> Iterator[Connection]:
    with log.engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def uow(connection: Connection, log: ALog) -> SqlUnitOfWork:
    return SqlUnitOfWork(connection, log.preparer, OPERATOR, contracts={})


@pytest.fixture
def agree(uow: SqlUnitOfWork) -> Callable[..., None]:
    """Stores an agreement between the provider and the bank."""

    def make(number: int, *, state: str = "filed", product: str = PRODUCT, parties: tuple[str, ...] = PARTIES) -> None:
        document = agreement_document(product, provider=CODES["provider"], consumer=CODES["bank"])
        uow.create("agreement", f"agreement-{number}", state=state, parties=parties, document=document, act="generate")

    return make


def test_agreement_that_was_concluded_and_filed_is_a_flow(uow: SqlUnitOfWork) -> None:
    trade = Trade(a_world()).draft().offered().confirmed().generated().signed().filed()
    made = trade.agreement
    uow.create("agreement", made.object_id, state=made.state, parties=made.parties, document=made.document, act="file")

    found = flows_of(uow.connection, actor("bank"), [trade.life.code])

    assert found.numbers == {trade.life.code: 1}
    assert found.seen == [
        Flow(
            agreement_id=made.object_id,
            product_code=trade.life.code,
            product_version=1,
            provider=(CODES["provider"], "provider 有限公司"),
            consumer=(CODES["bank"], "bank 有限公司"),
            state="filed",
            since=made.document["concluded"]["at"],
        )
    ]
    assert len(flows_of(uow.connection, actor("trading"), [trade.life.code]).seen) == 1, "the platform that filed it"


@pytest.mark.parametrize(
    ("reader", "sees"),
    [
        (actor("provider"), True),
        (actor("bank"), True),
        (REGULATOR, True),
        (actor("stranger"), False),
        (actor("trading"), False),
        (Actor("key:consumer", None, frozenset({"consumer"})), False),
    ],
    ids=lambda value: value.account_id if isinstance(value, Actor) else "",
)
def test_outsider_only_counts_what_parties_and_supervisors_see(
    connection: Connection, agree: Callable[..., None], reader: Actor, sees: bool
) -> None:
    agree(1)
    agree(2, product=OTHER)

    found = flows_of(connection, reader, [PRODUCT])

    assert [flow.agreement_id for flow in found.seen] == (["agreement-1"] if sees else [])
    assert found.numbers == {PRODUCT: 1}


@pytest.mark.parametrize("state", sorted(AGREEMENT_LIFE.states))
def test_flow_lasts_from_the_signatures_to_the_end(
    connection: Connection, agree: Callable[..., None], state: str
) -> None:
    agree(1, state=state)
    flows = state not in {"generated", "signing", "abandoned", "terminated"}
    assert flows == (state in FLOWING)

    found = flows_of(connection, REGULATOR, [PRODUCT])
    assert (len(found.seen), found.numbers) == (int(flows), {PRODUCT: 1} if flows else {})


def test_many_flows_are_told_newest_first_and_counted_up_to_a_bound(
    connection: Connection, agree: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_flows, "FLOWS_TOLD", 2)
    for module in (catalog_flows, catalog_map):
        monkeypatch.setattr(module, "FLOWS_COUNTED", 4)
    for number in range(1, 7):
        agree(number)
    agree(8, product=OTHER)

    found = flows_of(connection, actor("bank"), [OTHER, PRODUCT, product_code(3)])
    value = catalog_map.map_value([], found)

    assert [flow.agreement_id for flow in found.seen if flow.product_code == PRODUCT] == ["agreement-6", "agreement-5"]
    assert [(one["agreements"], one["exact"]) for one in value["flow_counts"]] == [(4, False), (1, True)]


def test_flows_are_found_by_their_index(connection: Connection, agree: Callable[..., None]) -> None:
    for number in range(1, 50):
        agree(number, product=product_code(number))
    connection.execute(text("ANALYZE objects_agreement"))
    statements = []
    for statement, values in ((catalog_flows.NUMBERS, {"counted": 5}), (catalog_flows.SEEN, {"told": 5})):
        asked = {"kind": "agreement", "codes": [PRODUCT], "reads_all": True, "parties": list[str]()} | values
        wanted = {name: asked[name] for name in statement.compile().params}
        plan = connection.execute(text(f"EXPLAIN (FORMAT JSON) {statement.text}"), wanted).scalar_one()
        statements.append("objects_agreement_flows" in json.dumps(plan))
    assert statements == [True, True]
