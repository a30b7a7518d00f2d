"""The authorisation platform's books in a real PostgreSQL: what the fake keeps is what they keep, and its migrations are its own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from support.platform_world import (
    NOW,
    US,
    FakeContracts,
    FakePeer,
    FakeStore,
    a_token,
    an_application,
    an_order,
    changed,
)

from ledger.adapters.files.keyring import FileKeyring
from ledger.adapters.platform.books import SqlBooksOpener, claim_book, copy_digest
from ledger.adapters.platform.migrate import upgrade
from ledger.adapters.platform.tables import VERSION_TABLE, metadata
from ledger.adapters.sql.engine import create_engine
from ledger.domain.platform_act import ActExistsError
from ledger.domain.platform_books import KINDS, Shown
from ledger.domain.platform_comparison import Cause, Finding, Owner
from ledger.domain.platform_differences import Difference
from ledger.errors import IntegrityError
from ledger.services.platform_following import Following, follow
from ledger.services.platform_ports import Act, BooksOpener, Position

STATED_ONCE = {"add_index", "remove_index", "add_constraint", "remove_constraint"}
SECRET = "header.payload.signature"


class Ticking:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> Any:
        return self.time


class Store:
    """Either store, with the time in one place."""

    def __init__(self, opener: BooksOpener, set_time: Callable[[Any], None]) -> None:
        self.open, self._set_time, self._now = opener, set_time, NOW

    def later(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._set_time(self._now)


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    upgrade(postgres_url)
    upgrade(postgres_url)
    engine = create_engine(postgres_url, pool_size=2)
    yield engine
    engine.dispose()


@pytest.fixture(params=["fake", "sql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "fake":
        fake = FakeStore()
        yield Store(fake, lambda now: setattr(fake, "now", now))
        return
    engine, clock = request.getfixturevalue("engine"), Ticking()
    yield Store(
        SqlBooksOpener(engine, FileKeyring(tmp_path / "keyring", lambda n: b"\x01" * n), clock),
        lambda now: setattr(clock, "time", now),
    )


def an_act(name: str = "act-1", **members: Any) -> Act:
    base = Act(name, "grant", "authorisation", "app-1", {"listed": {}}, "intended", 0, {}, None, "handler", NOW, NOW)
    return replace(base, **members)


def a_difference(cause: Cause = Cause.MISSING_THERE, **members: Any) -> Difference:
    finding = Finding(cause, Owner.TRADING_PLATFORM, ("/a/b",), "here", None)
    return replace(Difference("order", "ord-1", finding, NOW, NOW), **members)


def test_first_seen_of_a_revision_stays(store: Store) -> None:
    one = an_application()
    with store.open() as books:
        books.keep_copy(one)
    with store.open() as books:
        books.keep_copy(changed(one, content={"a": 9}))
        assert books.copy_of("application", "app-1") == one
        books.keep_copy(replace(changed(one, content={"a": 9}), revision=9))
        books.keep_copy(one)
        kept = books.copy_of("application", "app-1")
        assert kept is not None and (kept.revision, kept.document["content"]) == (9, {"a": 9})


def test_most_that_was_spent_is_kept(store: Store) -> None:
    with store.open() as books:
        assert books.spent_before("usage_token", "tok-1") is None
        for spent, most in ((None, None), (3, 3), (1, 3), (None, 3), (-1, 3), ("9", 3), (2**40, 2**40)):
            books.keep_copy(a_token("tok-1", counter={"spent": spent}))
            assert books.spent_before("usage_token", "tok-1") == most
        books.keep_copy(an_application(counter={"spent": 3}))
        assert books.spent_before("application", "app-1") is None


def test_what_is_only_noted_is_seen_and_no_copy(store: Store) -> None:
    one = a_token("tok-1", counter={"spent": 3})
    with store.open() as books:
        books.keep_copy(one)
    with store.open() as books:
        began = books.now
        books.note_seen(replace(a_token("tok-1", counter={"spent": 5}), revision=one.revision + 1))
        assert books.copy_of("usage_token", "tok-1") == one
        assert books.spent_before("usage_token", "tok-1") == 5
        assert books.unseen_since("usage_token", began, "", 10) == []


def test_unseen_are_those_of_before_and_what_has_no_copy(store: Store) -> None:
    with store.open() as books:
        for name in ("app-1", "app-2", "app-3"):
            books.keep_copy(an_application(name))
    store.later(5)
    with store.open() as books:
        began = books.now
        books.keep_copy(an_application("app-2"))
        books.add_act(an_act("act-9", kind="application", object_id="app-4"))
        books.add_act(an_act("act-8", kind="application", object_id="app-5", act="x", state="refused"))
        assert list(books.unseen_since("application", began, "", 10)) == ["app-1", "app-3", "app-4"]
        assert list(books.unseen_since("application", began, "app-1", 1)) == ["app-3"]
        assert list(books.unseen_since("order", began, "", 10)) == []


def test_act_is_written_once_and_sent_in_order(store: Store) -> None:
    with store.open() as books:
        books.add_act(an_act(), SECRET)
        books.add_act(an_act("act-2", object_id="app-2"))
    with pytest.raises(ActExistsError), store.open() as books:
        books.add_act(an_act("act-3"))
    with store.open() as books:
        found = books.next_act()
        assert found is not None and found == (an_act(), SECRET)
        books.change_act(replace(found[0], state="refused", problem=("conflict", "why"), attempts=2, last_error="x"))
        assert books.originals("authorisation", "app-1") == []
        books.add_act(an_act("act-3"))
        books.add_act(an_act("act-4", act="widening", instance=1))
        books.add_act(an_act("act-5", act="widening", instance=2))
        with pytest.raises(ActExistsError):
            books.add_act(an_act("act-6", act="widening", instance=2))
        assert [one.name for one in books.originals("authorisation", "app-1")] == ["grant", "widening/1", "widening/2"]
        second = books.next_act()
        assert second is not None and second == (an_act("act-2", object_id="app-2"), None)
        books.change_act(replace(second[0], state="acknowledged", revision=4, facts={"/issuer": US}))
        [original] = books.originals("authorisation", "app-2")
        assert (original.is_answered, original.revision, original.facts) == (True, 4, {"/issuer": US})


def test_difference_is_opened_seen_again_and_ended(store: Store) -> None:
    with store.open() as books:
        books.write_difference(a_difference())
        books.write_difference(a_difference(Cause.CONTENT_DIFFERS))
    with store.open() as books:
        books.write_difference(a_difference(last_seen=NOW + timedelta(seconds=9)))
        open_ones = books.differences("order", "ord-1")
        assert open_ones[Cause.MISSING_THERE].last_seen == NOW + timedelta(seconds=9)
        books.write_difference(a_difference(ended_at=NOW + timedelta(seconds=10)))
        assert set(books.differences("order", "ord-1")) == {Cause.CONTENT_DIFFERS}
        books.write_difference(a_difference(first_seen=NOW + timedelta(seconds=20)))
        assert books.differences("order", "ord-1")[Cause.MISSING_THERE].first_seen == NOW + timedelta(seconds=20)


def test_position_is_replaced(store: Store) -> None:
    with store.open() as books:
        assert books.position("order") == Position("order")
        books.set_position(Position("order", "a~b", NOW, None, NOW, None))
        books.set_position(Position("order", None, None, NOW, NOW, "away"))
        assert books.position("order") == Position("order", None, None, NOW, NOW, "away")
        books.set_position(Position("order", changed_until=NOW + timedelta(microseconds=1)))
        assert books.position("order").changed_until == NOW + timedelta(microseconds=1)


def test_objects_that_differ_come_in_the_order_of_the_last_look(store: Store) -> None:
    with store.open() as books:
        for number in range(4):
            at = NOW + timedelta(seconds=[3, 1, 2, 0][number])
            books.write_difference(a_difference(object_id=f"ord-{number}", last_seen=at))
        books.write_difference(a_difference(Cause.CONTENT_DIFFERS, object_id="ord-2", last_seen=NOW))
        books.write_difference(a_difference(object_id="ord-3", ended_at=NOW))
        assert list(books.differing("order", 10)) == ["ord-2", "ord-1", "ord-0"]
        assert list(books.differing("order", 1)) == ["ord-2"]
        assert list(books.differing("agreement", 10)) == []


def test_sweep_over_either_store_finds_the_same(store: Store) -> None:
    peer, contracts = FakePeer(), FakeContracts()
    following = Following(US, store.open, peer, contracts)

    def sweep() -> None:
        store.later(1)
        for kind in KINDS:
            while not follow(following, kind):
                pass
        store.later(0.001)

    for number in range(5):
        peer.put(an_application(f"app-{number}"))
    sweep()
    peer.put(changed(peer.objects["application", "app-1"], content={"a": 2}))
    del peer.objects["application", "app-3"]
    sweep()
    with store.open() as books:
        found = {number: set(books.differences("application", f"app-{number}")) for number in range(5)}
    assert found == {0: set(), 1: {Cause.CONTENT_DIFFERS}, 2: set(), 3: {Cause.MISSING_THERE}, 4: set()}


def test_nothing_of_a_transaction_that_fails_is_left(engine: Engine, tmp_path: Path) -> None:
    opener = SqlBooksOpener(engine, FileKeyring(tmp_path / "keyring", lambda n: b"\x01" * n), Ticking())

    def fail() -> None:
        with opener() as books:
            books.keep_copy(an_order())
            books.add_act(an_act(), SECRET)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with engine.connect() as connection:
        for table in ("copies", "copy_revisions", "acts", "differences"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


def test_text_of_a_token_is_nowhere_in_clear(engine: Engine, tmp_path: Path) -> None:
    opener = SqlBooksOpener(engine, FileKeyring(tmp_path / "keyring", lambda n: b"\x01" * n), Ticking())
    with opener() as books:
        books.add_act(an_act(), SECRET)
    with engine.connect() as connection:
        row = str(connection.execute(text("SELECT acts::text FROM acts")).scalar())
    assert "payload" not in row and b"payload".hex() not in row


def test_database_of_another_body_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        claim_book(connection, US)
        claim_book(connection, US)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        claim_book(connection, "910000000000000099")


def test_digest_of_a_copy_is_of_kind_and_document() -> None:
    one = an_order()
    assert copy_digest(one) == copy_digest(replace(one, state="x", revision=9))
    assert (
        len(
            {
                copy_digest(one),
                copy_digest(changed(one, a=1)),
                copy_digest(Shown("agreement", "a", 1, "x", one.document)),
            }
        )
        == 3
    )


def test_migrated_schema_has_the_columns_that_the_tables_describe(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": VERSION_TABLE})
        found = compare_metadata(context, metadata)
    assert [one for one in found if isinstance(one, list) or one[0] not in STATED_ONCE] == []
