"""Accounts over a real database: who may grant and withdraw what, what is recorded of it, and that a leaver's keys end with it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, text
from support.a_log import PROMISE, ALog, open_a_log
from support.sm2_reference import public_key as sm2_public_key

from ledger.adapters.sql import api_keys, outbox, reading
from ledger.adapters.sql.accounts import SqlAccounts, account_of_subject
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.errors import AccessError, ConflictError, InputError, NotFoundError, UnauthenticatedError
from ledger.log.event import parse_event
from ledger.services.accounts import Account, WantedAccount, grant_account, list_accounts, withdraw_account
from ledger.services.business import Actor

ISSUER = "https://identity.test"
BODY, OTHER = "91110000000000000E", "91110000000000002L"
OPERATOR = Actor("key:operator", None, frozenset({"operator"}), "admin")
ADMIN = Actor("acc-admin", BODY, frozenset({"provider", "consumer"}), "admin")


def wanted(subject: str = "", **changes: Any) -> WantedAccount:
    values: dict[str, Any] = {
        "participant": BODY,
        "issuer": ISSUER,
        "subject": subject or f"subject-{os.urandom(6).hex()}",
        "level": "handler",
        "roles": ("provider",),
    }
    return WantedAccount(**(values | changes))


@pytest.fixture(scope="module")
def log(postgres_server: Any, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ALog]:
    from support.embedded import DatabaseFactory  # noqa: PLC0415 - a plugin of pytest as well

    factory = DatabaseFactory(postgres_server)
    opened = open_a_log(factory(template=migrated_template), tmp_path_factory.mktemp("accounts"))
    yield opened
    opened.engine.dispose()
    factory.close()


@pytest.fixture
def connection(log: ALog) -> Iterator[Connection]:
    with log.engine.begin() as made:
        yield made


@pytest.fixture
def accounts(connection: Connection, log: ALog) -> SqlAccounts:
    return SqlAccounts(connection, log.preparer)


def events(connection: Connection, log: ALog) -> list[tuple[str, dict[str, Any]]]:
    """Type and data of what waits in the outbox."""
    rows = connection.execute(text("SELECT * FROM outbox WHERE leaf_index IS NULL ORDER BY number")).mappings()
    found = []
    for row in rows:
        sealed = outbox.SealedBody(row["sealed_month"], row["sealed_generation"], row["sealed_event"])
        event = parse_event(log.preparer.sealer.unseal(row["identity"], sealed))
        found.append((event.type, event.value["data"]))
    return found


def test_grant_and_withdrawal_are_evidence_without_the_subject(
    connection: Connection, log: ALog, accounts: SqlAccounts
) -> None:
    before, epoch = len(events(connection, log)), reading.keys_version(connection)
    account = grant_account(OPERATOR, accounts, wanted("zhang.san@office.test", sm2_keys=(sm2_public_key(7),)))
    gone = withdraw_account(OPERATOR, accounts, account.account_id)

    granted, withdrawn = events(connection, log)[before:]
    assert granted[0] == "org.cityledger.access.granted.v1"
    assert granted[1] == {
        "account_id": account.account_id,
        "participant": BODY,
        "issuer": ISSUER,
        "level": "handler",
        "roles": ["provider"],
        "sm2_keys": [sm2_public_key(7).hex()],
        "signs_requests": False,
        "by": "key:operator",
    }
    assert withdrawn == (
        "org.cityledger.access.withdrawn.v1",
        {"account_id": account.account_id, "by": "key:operator"},
    )
    assert "zhang" not in account.account_id
    assert (gone.state, gone.withdrawn_at is not None) == ("withdrawn", True)
    assert reading.keys_version(connection) == epoch + 2


def test_subject_has_one_account_in_force_and_a_new_one_after_leaving(accounts: SqlAccounts) -> None:
    first = grant_account(OPERATOR, accounts, wanted("comes-back"))
    with pytest.raises(ConflictError):
        grant_account(OPERATOR, accounts, wanted("comes-back", participant=OTHER))
    withdraw_account(OPERATOR, accounts, first.account_id)
    with pytest.raises(ConflictError):
        withdraw_account(OPERATOR, accounts, first.account_id)
    second = grant_account(OPERATOR, accounts, wanted("comes-back", participant=OTHER))

    assert second.account_id == f"{first.account_id}-2"
    assert account_of_subject(accounts._connection, ISSUER, "comes-back") == second
    withdraw_account(OPERATOR, accounts, second.account_id)
    last = account_of_subject(accounts._connection, ISSUER, "comes-back")
    assert last is not None and (last.account_id, last.state) == (second.account_id, "withdrawn")
    assert account_of_subject(accounts._connection, "https://other.test", "comes-back") is None


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({}, None),
        ({"level": "admin", "roles": ("consumer", "provider")}, None),
        ({"roles": ("developer",)}, AccessError),
        ({"roles": ("operator",), "participant": None}, AccessError),
        ({"roles": ("regulator",)}, AccessError),
        ({"participant": OTHER}, AccessError),
    ],
)
def test_admin_of_a_body_grants_its_own_ordinary_roles_for_its_own_body(
    accounts: SqlAccounts, changes: dict[str, Any], error: type[Exception] | None
) -> None:
    if error is None:
        assert grant_account(ADMIN, accounts, wanted(**changes)).participant == BODY
    else:
        with pytest.raises(error):
            grant_account(ADMIN, accounts, wanted(**changes))


@pytest.mark.parametrize("level", ["handler", "viewer"])
@pytest.mark.parametrize("role", ["operator", "provider"])
def test_below_admin_nobody_grants_or_withdraws(accounts: SqlAccounts, role: str, level: str) -> None:
    actor = Actor("acc-x", BODY, frozenset({role}), level)
    account = grant_account(OPERATOR, accounts, wanted())
    with pytest.raises(AccessError):
        grant_account(actor, accounts, wanted())
    with pytest.raises(AccessError):
        withdraw_account(actor, accounts, account.account_id)


def test_account_of_another_body_is_not_found(accounts: SqlAccounts) -> None:
    foreign = grant_account(OPERATOR, accounts, wanted(participant=OTHER))
    supervisor = Actor("acc-r", None, frozenset({"regulator"}), "admin")
    for actor in (ADMIN, Actor("acc-n", None, frozenset({"provider"}), "admin")):
        with pytest.raises(NotFoundError):
            withdraw_account(actor, accounts, foreign.account_id)
    with pytest.raises(AccessError):
        withdraw_account(supervisor, accounts, foreign.account_id)
    assert account_of_subject(accounts._connection, ISSUER, foreign.subject) == foreign


@pytest.mark.parametrize(
    "changes",
    [
        {"roles": ()},
        {"roles": ("applicant",)},
        {"roles": ("auditor", "operator")},
        {"level": "owner"},
        {"participant": None},
        {"participant": "91110000000000001"},
        {"participant": "91110000000000001x"},
        {"participant": BODY[:17] + "X"},
        {"issuer": ""},
        {"subject": "\u5f20\u4e09"},
        {"subject": "x" * 256},
        {"sm2_keys": (b"\x04" + bytes(63),)},
        {"sm2_keys": (b"\x04" + bytes([0x5A]) * 64,)},
        {"sm2_keys": (sm2_public_key(7), sm2_public_key(7))},
        {"signs_requests": True},
    ],
)
def test_account_that_makes_no_sense_is_refused(
    connection: Connection, log: ALog, accounts: SqlAccounts, changes: dict[str, Any]
) -> None:
    before = len(events(connection, log))
    with pytest.raises(InputError):
        grant_account(OPERATOR, accounts, wanted(**changes))
    assert len(events(connection, log)) == before


def test_accounts_are_listed_for_those_who_may_see_them(accounts: SqlAccounts) -> None:
    mine = grant_account(OPERATOR, accounts, wanted(participant="91110000000000009A"))
    theirs = grant_account(OPERATOR, accounts, wanted(participant="911100000000000087"))

    def seen(actor: Actor) -> set[str]:
        found: list[Account] = []
        while page := list_accounts(actor, accounts, after=found[-1].account_id if found else "", limit=2):
            found += page
        return {account.account_id for account in found} & {mine.account_id, theirs.account_id}

    assert seen(OPERATOR) == {mine.account_id, theirs.account_id}
    assert seen(Actor("acc-r", None, frozenset({"regulator"}), "viewer")) == {mine.account_id, theirs.account_id}
    assert seen(Actor("acc-a", "91110000000000009A", frozenset({"provider"}), "admin")) == {mine.account_id}
    assert seen(Actor(theirs.account_id, theirs.participant, frozenset({"provider"}), "handler")) == {theirs.account_id}
    assert seen(Actor("acc-none", "91110000000000009A", frozenset({"provider"}), "viewer")) == set()


def test_key_of_an_account_ends_with_it(connection: Connection, log: ALog, accounts: SqlAccounts) -> None:
    account = grant_account(OPERATOR, accounts, wanted(roles=("platform_service",)))
    values: dict[str, Any] = {"submitter": "office", "source_prefixes": ["urn:x:"], "account_id": account.account_id}
    key = api_keys.create(connection, log.preparer, role="platform_service", **values)
    now = log.preparer.clock.now()

    assert api_keys.authenticate(connection, key.api_key, now).account == account
    assert events(connection, log)[-1][1]["account_id"] == account.account_id
    with pytest.raises(InputError):
        api_keys.create(connection, log.preparer, role="operator", **values)
    withdraw_account(OPERATOR, accounts, account.account_id)
    with pytest.raises(UnauthenticatedError):
        api_keys.authenticate(connection, key.api_key, now)
    with pytest.raises(InputError):
        api_keys.create(connection, log.preparer, role="platform_service", **values)


def test_evidence_of_accounts_reaches_the_log(log: ALog) -> None:
    with log.engine.begin() as connection:
        grant_account(OPERATOR, SqlAccounts(connection, log.preparer), wanted())
    waiting = log.count("outbox WHERE leaf_index IS NULL")
    assert waiting > 0
    assert outbox.drain(log.engine, log.preparer, PROMISE, 1_000) == waiting


def test_body_that_left_is_granted_no_account(connection: Connection, log: ALog, accounts: SqlAccounts) -> None:
    uow = SqlUnitOfWork(connection, log.preparer, OPERATOR, contracts={})
    stored = uow.create("participant", BODY, state="left", parties=(BODY,), document={}, act="confirm_departure")
    with pytest.raises(ConflictError, match="has left"):
        grant_account(OPERATOR, accounts, wanted())
    uow.change(stored, act="apply_again", state="applied")
    assert grant_account(OPERATOR, accounts, wanted()).is_active
    connection.execute(text("DELETE FROM objects WHERE kind = 'participant'"))
