"""The unit of work: the same laws for the one in PostgreSQL and the one in memory that unit tests use."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text
from support.a_log import ALog
from support.catalog_entries import an_entry
from support.fake_unit_of_work import OPERATOR, World

from ledger.adapters.sql import catalog_index, objects
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.bundle.catalog_feed import verify_changes
from ledger.domain.acts.product_registry import ProductFreeze
from ledger.errors import ConflictError, InputError, NotFoundError, PreconditionRequiredError, RevisionMismatchError
from ledger.log.canonical import encode_jcs
from ledger.services.accounts import WantedAccount
from ledger.services.acts import ActSignature
from ledger.services.business import Actor, StoredObject, UnitOfWork
from ledger.services.catalog import entry_value

FREEZE = ProductFreeze(bytes(32), True, bytes(32), 0)
SIGNED = ActSignature(bytes(32), bytes(20), bytes(32), 1, bytes(65))
Begin = Callable[..., AbstractContextManager[UnitOfWork]]

BANK = Actor("account-1", "91310000MA0000007L", frozenset({"consumer"}))
STRANGER = Actor("account-2", "91310000MA0000008K", frozenset({"consumer"}))
REGULATOR = Actor("key:regulator", None, frozenset({"regulator"}))


@pytest.fixture(params=["postgresql", "memory"])
def begin(request: pytest.FixtureRequest, log: ALog) -> Begin:
    if request.param == "memory":
        world = World()
        return world.begin
    with log.engine.begin() as connection:
        connection.execute(text("TRUNCATE objects, object_history, chain_calls, deadlines"))

    @contextmanager
    def sql(actor: Actor = OPERATOR, *, revision: int | None = None) -> Iterator[UnitOfWork]:
        with log.engine.begin() as connection:
            yield SqlUnitOfWork(
                connection, log.preparer, actor, contracts={"ProductRegistry": bytes(20)}, revision=revision
            )

    return sql


def make(begin: Begin, **document: Any) -> None:
    with begin(BANK) as uow:
        uow.create(
            "demand", "d-1", state="published", parties=("91310000MA0000007L",), document=document, act="publish"
        )


def test_object_made_is_read_back_as_revision_one(begin: Begin) -> None:
    make(begin, title="许可状态", amount=3)

    with begin(BANK) as uow:
        found = uow.get("demand", "d-1")
    assert (found.revision, found.state, found.document) == (1, "published", {"title": "许可状态", "amount": 3})
    assert found.parties == ("91310000MA0000007L",)


def test_second_object_of_a_name_is_refused(begin: Begin) -> None:
    make(begin)

    with pytest.raises(ConflictError):
        make(begin)


def test_change_makes_the_next_revision_and_keeps_what_is_not_given(begin: Begin) -> None:
    make(begin, title="a")
    with begin(BANK) as uow:
        uow.change(uow.get("demand", "d-1"), act="match", state="matched")
    with begin(BANK) as uow:
        uow.change(uow.get("demand", "d-1"), act="edit", document={"title": "b"})

    with begin(BANK) as uow:
        found = uow.get("demand", "d-1")
    assert (found.revision, found.state, found.document) == (3, "matched", {"title": "b"})


def test_change_of_a_revision_that_is_not_the_newest_is_refused(begin: Begin) -> None:
    make(begin)
    with begin(BANK) as uow:
        old = uow.get("demand", "d-1")
        uow.change(old, act="match", state="matched")
        with pytest.raises(RevisionMismatchError):
            uow.change(old, act="match", state="matched")


def test_nothing_of_a_use_case_that_fails_stays(begin: Begin) -> None:
    def fail() -> None:
        with begin(BANK) as uow:
            uow.change(uow.get("demand", "d-1"), act="match", state="matched")
            uow.record("org.cityledger.demand.matched.v1", {})
            raise RuntimeError

    make(begin)
    with pytest.raises(RuntimeError):
        fail()

    with begin(BANK) as uow:
        assert uow.get("demand", "d-1").revision == 1


@pytest.mark.parametrize("actor", [STRANGER, Actor("account-3", None, frozenset({"applicant"}))])
def test_object_of_others_is_not_found(begin: Begin, actor: Actor) -> None:
    make(begin)

    with begin(actor) as uow:
        with pytest.raises(NotFoundError):
            uow.get("demand", "d-1")
        assert uow.find("demand", "d-1") is not None, "a rule may look at it all the same"


@pytest.mark.parametrize("actor", [OPERATOR, REGULATOR, BANK])
def test_parties_and_readers_of_all_find_it(begin: Begin, actor: Actor) -> None:
    make(begin)

    with begin(actor) as uow:
        assert uow.get("demand", "d-1").object_id == "d-1"


def test_account_that_is_a_party_finds_it(begin: Begin) -> None:
    applicant = Actor("account-7", None, frozenset({"applicant"}))
    with begin(applicant) as uow:
        uow.create("participant", "p", state="applied", parties=("account-7",), document={}, act="apply")

    with begin(applicant) as uow:
        assert uow.get("participant", "p").revision == 1


def test_edit_needs_the_revision_that_it_is_based_on(begin: Begin) -> None:
    make(begin)

    with begin(BANK) as uow, pytest.raises(PreconditionRequiredError):
        uow.expect_revision(uow.get("demand", "d-1"))
    with begin(BANK, revision=2) as uow, pytest.raises(RevisionMismatchError):
        uow.expect_revision(uow.get("demand", "d-1"))
    with begin(BANK, revision=1) as uow:
        uow.expect_revision(uow.get("demand", "d-1"))


def test_private_content_is_read_back_and_replaced(begin: Begin) -> None:
    make(begin)
    with begin(BANK) as uow:
        stored = uow.get("demand", "d-1")
        assert uow.private(stored) == {}
        uow.put_private(stored, {"contact": "张三"})
        uow.put_private(stored, {"contact": "李四"})

    with begin(BANK) as uow:
        assert uow.private(uow.get("demand", "d-1")) == {"contact": "李四"}


def test_private_content_is_nowhere_in_clear(log: ALog) -> None:
    with log.engine.begin() as connection:
        connection.execute(text("TRUNCATE objects, object_history"))
        uow = SqlUnitOfWork(connection, log.preparer, BANK, contracts={})
        stored = uow.create("demand", "d-1", state="published", parties=("x",), document={}, act="publish")
        uow.put_private(stored, {"contact": "a-very-private-name"})

    with log.engine.connect() as connection:
        rows = connection.execute(text("SELECT o::text, h::text FROM objects o, object_history h")).all()
        sealed = connection.execute(text("SELECT sealed_private FROM objects")).scalar_one()
    assert len(rows) == 1
    assert "a-very-private-name" not in str(rows)
    assert b"a-very-private-name" not in bytes(sealed)


def test_history_names_act_state_and_account_of_every_revision(log: ALog) -> None:
    with log.engine.begin() as connection:
        connection.execute(text("TRUNCATE objects, object_history"))
        uow = SqlUnitOfWork(connection, log.preparer, BANK, contracts={})
        stored = uow.create("demand", "d-1", state="published", parties=("x",), document={"n": 1}, act="publish")
        uow.change(stored, act="match", state="matched", document={"n": 2})
        found = objects.page_of_history(connection, stored)
        bare = objects.page_of_history(connection, stored, has_documents=False)

    assert [(one.revision, one.act, one.state, one.account, one.document) for one in found.items] == [
        (1, "publish", "published", "account-1", {"n": 1}),
        (2, "match", "matched", "account-1", {"n": 2}),
    ]
    assert (found.next_cursor, [one.document for one in bare.items]) == (None, [{}, {}])


def history_pages(connection: Connection, stored: StoredObject, **asked: Any) -> list[list[int]]:
    """Revisions of every page, to the end."""
    pages: list[list[int]] = []
    cursor: str | None = None
    while not pages or cursor is not None:
        page = objects.page_of_history(connection, stored, cursor=cursor, **asked)
        pages.append([one.revision for one in page.items])
        cursor = page.next_cursor
    return pages


def test_history_comes_in_pages_bounded_in_number_and_in_bytes(log: ALog, monkeypatch: pytest.MonkeyPatch) -> None:
    with log.engine.begin() as connection:
        connection.execute(text("TRUNCATE objects, object_history"))
        uow = SqlUnitOfWork(connection, log.preparer, BANK, contracts={})
        parties, document = ("91310000MA0000008K",), {"text": "x" * 1_000}
        stored = uow.create("demand", "d-1", state="draft", parties=("x",), document=document, act="draft")
        for number in range(6):
            stored = uow.change(stored, act="edit", parties=parties if number > 2 else None)

        assert history_pages(connection, stored) == [[1, 2, 3, 4, 5, 6, 7]]
        assert history_pages(connection, stored, limit=3) == [[1, 2, 3], [4, 5, 6], [7]]
        assert history_pages(connection, stored, limit=7) == [[1, 2, 3, 4, 5, 6, 7]]
        assert history_pages(connection, stored, limit=2, submitted_to=STRANGER) == [[5, 6], [7]]
        assert history_pages(connection, stored, submitted_to=REGULATOR) == [[1, 2, 3, 4, 5, 6, 7]]
        monkeypatch.setattr(objects, "PAGE_BYTES_MAX", 2_500)
        assert history_pages(connection, stored) == [[1, 2], [3, 4], [5, 6], [7]]
        monkeypatch.setattr(objects, "PAGE_BYTES_MAX", 10)
        assert history_pages(connection, stored) == [[number] for number in range(1, 8)], "one at least"
        with pytest.raises(InputError, match="cursor"):
            objects.page_of_history(connection, stored, cursor="0")


def test_pages_hold_every_visible_object_once(log: ALog) -> None:
    with log.engine.begin() as connection:
        connection.execute(text("TRUNCATE objects, object_history"))
        uow = SqlUnitOfWork(connection, log.preparer, BANK, contracts={})
        for number in range(25):
            owner = "91310000MA0000007L" if number % 5 else "somebody else"
            uow.create("demand", f"d-{number:02}", state="published", parties=(owner,), document={}, act="publish")
        seen: list[str] = []
        cursor = None
        while True:
            page = objects.page_of_objects(connection, BANK, "demand", cursor=cursor, limit=7)
            seen += [item.object_id for item in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        everything = objects.page_of_objects(connection, REGULATOR, "demand", limit=100)

    assert seen == [f"d-{number:02}" for number in range(25) if number % 5]
    assert len(everything.items) == 25


def test_deadline_that_is_set_again_moves_unless_it_is_breached(log: ALog) -> None:
    first = datetime(2026, 11, 5, tzinfo=UTC)
    with log.engine.begin() as connection:
        connection.execute(text("TRUNCATE objects, object_history, deadlines"))
        uow = SqlUnitOfWork(connection, log.preparer, BANK, contracts={})
        stored = uow.create("demand", "d-1", state="published", parties=("x",), document={}, act="publish")
        uow.set_deadline(stored, "answer", first)
        uow.set_deadline(stored, "answer", first + timedelta(days=1))
        moved = connection.execute(text("SELECT due_at, met_at FROM deadlines")).one()
        uow.meet_deadline(stored, "answer")
        met_at = connection.execute(text("SELECT met_at FROM deadlines")).scalar_one()
        connection.execute(text("UPDATE deadlines SET met_at = NULL, breached_at = :now"), {"now": uow.now})
        uow.set_deadline(stored, "answer", first + timedelta(days=9))
        kept = connection.execute(text("SELECT due_at FROM deadlines")).scalar_one()
        uow.meet_deadline(stored, "answer")
        uow.set_deadline(stored, "answer", first + timedelta(days=30))
        anew = connection.execute(text("SELECT due_at, met_at, breached_at FROM deadlines")).one()

    assert moved == (first + timedelta(days=1), None)
    assert met_at == uow.now
    assert kept == first + timedelta(days=1)
    assert anew == (first + timedelta(days=30), None, None), "the next time is a duty of its own"


def test_contract_call_waits_for_the_anchor_service(log: ALog) -> None:
    with log.engine.begin() as connection:
        connection.execute(text("TRUNCATE objects, object_history, chain_calls"))
        uow = SqlUnitOfWork(connection, log.preparer, BANK, contracts={"ProductRegistry": bytes(20)})
        stored = uow.create("product", "p-1", state="draft", parties=("x",), document={}, act="draft")
        uow.call_chain(
            stored, step="product.registered", act=FREEZE, function="set_frozen", signatures={"regulator": [SIGNED]}
        )
        [call] = objects.chain_calls_of(connection, stored)

    assert (call.step, call.contract, call.state, call.tx_hash) == (
        "product.registered",
        "ProductRegistry",
        "queued",
        None,
    )


def test_peek_shows_whoever_asks_and_owned_names_what_a_body_owns(begin: Begin) -> None:
    make(begin)
    with begin(STRANGER) as uow:
        uow.create("demand", "d-2", state="closed", parties=("owner", "91310000MA0000007L"), document={}, act="publish")

        assert uow.peek("demand", "d-1") is not None
        assert uow.peek("demand", "d-3") is None
        assert uow.owned("demand", "91310000MA0000007L") == ("d-1",)
        assert uow.owned("demand", "owner", states=("closed", "selected")) == ("d-2",)
        assert uow.owned("demand", "owner", states=("published",)) == ()


def test_entry_that_is_no_catalog_entry_is_refused(begin: Begin) -> None:
    with begin(BANK) as uow, pytest.raises(InputError):
        uow.publish_to_catalog({"title": "x"})


def test_product_in_the_catalog_is_taken_out_once(begin: Begin) -> None:
    entry = entry_value(an_entry(1))
    with begin(BANK) as uow:
        put = uow.publish_to_catalog(entry)
        again = uow.publish_to_catalog(entry)
        removed = uow.remove_from_catalog(entry["product_code"], "delisted")
        gone = uow.remove_from_catalog(entry["product_code"], "delisted")

    assert put == again, "what stands there already is no change of the feed"
    assert removed is not None and removed.sequence == put.sequence + 1 and gone is None
    assert len({put.chain_digest, removed.chain_digest, bytes(32)}) == 3


def test_duty_that_may_not_move_on_only_comes_sooner(begin: Begin) -> None:
    make(begin)
    due_at = datetime(2031, 1, 5, tzinfo=UTC)
    with begin(BANK) as uow:
        stored = uow.get("demand", "d-1")
        for days in (0, 3, -1):
            uow.set_deadline(stored, "tell", due_at + timedelta(days=days), may_move_on=False)
        sooner = due_of(uow)
        uow.meet_deadline(stored, "tell")
        uow.set_deadline(stored, "tell", due_at, may_move_on=False)

        assert (sooner, due_of(uow)) == (due_at - timedelta(days=1), due_at)


def due_of(uow: Any) -> datetime:
    if isinstance(uow, SqlUnitOfWork):
        found: datetime = uow.connection.execute(text("SELECT due_at FROM deadlines")).scalar_one()
        return found
    [deadline] = uow.world.deadlines.values()
    return deadline.due_at  # type: ignore[no-any-return]


def test_accounts_of_a_body_are_withdrawn_with_evidence_and_no_others(log: ALog) -> None:
    with log.engine.begin() as connection:
        accounts = SqlAccounts(connection, log.preparer)
        of = [
            accounts.add(WantedAccount(code, "https://issuer.invalid", name, "handler", ("consumer",)), "key:test")
            for code, name in (("A" * 18, "one"), ("A" * 18, "two"), ("B" * 18, "three"))
        ]
        uow = SqlUnitOfWork(connection, log.preparer, OPERATOR, contracts={})
        before = connection.execute(text("SELECT count(*) FROM outbox")).scalar_one()
        withdrawn = uow.withdraw_accounts("A" * 18)
        assert uow.withdraw_accounts("A" * 18) == ()
        assert connection.execute(text("SELECT count(*) FROM outbox")).scalar_one() == before + 2
        assert sorted(withdrawn) == sorted(one.account_id for one in of[:2])
        assert [one.is_active for one in accounts.list_of("B" * 18, after="", limit=9)] == [True]


def test_page_of_the_feed_is_bounded_in_bytes_and_goes_on(log: ALog, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [an_entry(number, description="x" * 2_000) for number in range(501, 506)]
    monkeypatch.setattr(catalog_index, "PAGE_BYTES_MAX", 2 * len(encode_jcs(entry_value(entries[0]))) + 1_000)
    with log.engine.connect() as connection:
        before = catalog_index.changes(connection, 0, 1).head
        catalog_index.put_many(connection, entries)
        page, position, sizes = catalog_index.changes(connection, before.sequence, 1), before, []
        while position != page.head:
            page = catalog_index.changes(connection, position.sequence, 100)
            position = verify_changes(page.rows, position)
            sizes.append(len(page.rows))
        monkeypatch.setattr(catalog_index, "PAGE_BYTES_MAX", 1)
        alone = catalog_index.changes(connection, before.sequence, 100).rows
        connection.rollback()

    assert (sizes, len(alone)) == ([2, 2, 1], 1)
