"""A keyring that has lost its files: nobody makes new ones for a month that has sealed rows, and everybody says so."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.anchor_rig import FakeRig, fake_rig
from support.checked_log import fsck, tamper

from ledger.adapters.files.keyring import FileKeyring, month_of
from ledger.adapters.sealed_months import KeyringIncompleteError, check_keyring
from ledger.adapters.sql import outbox
from ledger.adapters.sql.idempotency import KeptAnswer, keep_answer
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.services.business import Actor

NOW = month_of(datetime.now(UTC))
OPERATOR = Actor("key:operator", None, frozenset({"operator"}))


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FakeRig]:
    rig = fake_rig(migrated_url, tmp_path)
    rig.append(3)
    rig.run_until_final()
    yield rig
    rig.log.engine.dispose()


def lose_keyring(rig: FakeRig) -> None:
    """The folder is gone, and the process starts anew: nothing is remembered."""
    shutil.rmtree(rig.folder / "keyring")
    rig.log.preparer.sealer = FileKeyring(rig.folder / "keyring", lambda count: b"\x07" * count)


def check(rig: FakeRig, held: set[int], month: int) -> None:
    with rig.log.engine.connect() as connection:
        check_keyring(connection, held.__contains__, month)


def test_anchor_without_its_keyring_refuses_to_start_and_makes_no_keys(rig):
    lose_keyring(rig)
    with pytest.raises(KeyringIncompleteError, match=f"no keys of {NOW}"):
        rig.start()
    assert not (rig.folder / "keyring").exists()


def test_fsck_without_the_keyring_names_the_month_once_beside_every_row(rig):
    lose_keyring(rig)
    findings = fsck(rig)
    assert [finding.facts["month"] for finding in findings if finding.code == "keyring_incomplete"] == [NOW]
    assert [finding.code for finding in findings].count("seal_broken") == 4
    assert not (rig.folder / "keyring").exists()


def seal_an_object(rig: FakeRig) -> None:
    with rig.log.engine.begin() as connection:
        uow = SqlUnitOfWork(connection, rig.log.preparer, OPERATOR, contracts={})
        stored = uow.create("demand", "d-1", state="published", parties=("x",), document={}, act="publish")
        uow.put_private(stored, {"contact": "a name"})


def keep_an_answer(rig: FakeRig) -> None:
    with rig.log.engine.begin() as connection:
        answer = KeptAnswer(201, {}, b"{}")
        keep_answer(connection, rig.log.preparer, account="a", key="k", digest=bytes(32), answer=answer)


@pytest.mark.parametrize(("seal", "table"), [(seal_an_object, "objects"), (keep_an_answer, "idempotency_keys")])
def test_older_month_of_an_object_or_of_a_kept_answer_is_missed(rig, seal, table):
    seal(rig)
    check(rig, {NOW}, NOW)
    for month in (202603, 202601):
        tamper(rig, f"UPDATE {table} SET sealed_month = {month}")
        with pytest.raises(KeyringIncompleteError, match=f"no keys of {month}, under which rows"):
            check(rig, {NOW}, NOW)
        check(rig, {NOW, month}, NOW)


def test_every_month_of_objects_is_looked_for(rig):
    seal_an_object(rig)
    tamper(rig, "UPDATE objects SET sealed_month = 202601")
    copy = "INSERT INTO objects SELECT kind, object_id || :month, revision, state, parties, document, :month, 0, ''::bytea, created_at, changed_at FROM objects WHERE object_id = 'd-1'"
    for month in (202602, 202605):
        tamper(rig, copy.replace("object_id || :month", f"object_id || '{month}'"), month=month)
    with pytest.raises(KeyringIncompleteError) as raised:
        check(rig, {NOW, 202602}, NOW)
    assert raised.value.facts["months"] == [202601, 202605]


def test_keyring_with_all_its_months_is_taken(rig):
    check(rig, {NOW}, NOW)


def test_keyring_that_lacks_only_a_month_to_come_is_taken(rig):
    check(rig, {NOW}, NOW + 100)


def test_keyring_that_lacks_the_month_of_a_pending_event_is_refused(rig):
    with rig.log.engine.begin() as connection:
        outbox.add(connection, rig.log.preparer, "org.cityledger.test.v1", {})
    tamper(rig, "UPDATE outbox SET sealed_month = :month WHERE leaf_index IS NULL", month=NOW - 100)
    with pytest.raises(KeyringIncompleteError, match=str(NOW - 100)):
        check(rig, {NOW}, NOW)


@pytest.mark.parametrize("has_rows", [True, False])
def test_keyring_after_the_clock_was_set_back_is_refused_only_when_that_month_has_rows(rig, has_rows):
    month = NOW - 100
    if has_rows:
        tamper(rig, "UPDATE entries SET sealed_month = :month WHERE leaf_index = 1", month=month)
        with pytest.raises(KeyringIncompleteError, match=str(month)):
            check(rig, {NOW}, month)
    else:
        check(rig, {NOW}, month)


def test_keyring_of_a_database_without_a_log_is_taken(rig):
    tamper(rig, "DELETE FROM entries")
    check(rig, set(), NOW)
