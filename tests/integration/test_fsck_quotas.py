"""The drill of usage tokens: whoever can write to the database alters a counter, and ``fsck`` names it; untouched, it says nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from support.anchor_rig import FakeRig, fake_rig
from support.authorisation_world import (
    SECRET,
    VIOLATION,
    Bank,
    a_use,
    application_content,
    line,
    list_of,
    put_key_on_file,
)
from support.business_rows import SqlWorld
from support.checked_log import fsck, tamper
from support.embedded import DatabaseFactory
from support.product_steps import Life
from support.product_world import CODES, admit_all

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.signing_keys import sign_usage_token
from ledger.adapters.sql.business_tables import token_quotas
from ledger.domain.working_days import day_in_shanghai
from ledger.services import authorisations, usage_tokens
from ledger.services.usage_token_spending import spend_usage_token

RUNS, REVOKED, UNUSED = (f"tok-{name}-0001" for name in ("runs", "revoked", "unused"))
NEXT, OTHER, LATER = "{0} + 1", "{0} || 'x'", "{0} + interval '1 h'"

# column -> (which counter, what it becomes)
EVIDENCE: dict[str, list[tuple[str, str]]] = {
    "token_id": [(RUNS, OTHER)],
    "authorisation": [(RUNS, OTHER), (REVOKED, OTHER)],
    "quota": [(RUNS, NEXT), (REVOKED, NEXT)],
    "spent": [(RUNS, NEXT), (RUNS, "0"), (REVOKED, "0"), (UNUSED, "1")],
    "valid_from": [(RUNS, LATER), (RUNS, "'infinity'")],
    "valid_until": [(RUNS, LATER), (REVOKED, "'infinity'")],
    "is_stopped": [(RUNS, "true")],
    "is_ended": [(RUNS, "true"), (REVOKED, "false")],
}
CASES = [(column, *case) for column, cases in EVIDENCE.items() for case in cases]


class Tokens:
    """Three tokens of one authorisation in a real log: one in use, one revoked, one not used yet."""

    def __init__(self, rig: FakeRig) -> None:
        self.rig = rig
        world: Any = SqlWorld(rig)
        with world.begin() as uow:
            admit_all(uow)
        put_key_on_file(world, "authorisation", SECRET)
        self.bank = Bank.over(world, Life(world).until("listed").code)
        today = day_in_shanghai(world.now)
        days = {"valid_from": today.isoformat(), "valid_until": (today + timedelta(days=90)).isoformat()}
        self.bank.submit(content=application_content(**days))
        self.bank.first()
        self.bank.final()
        self.bank.grant(list_of(line(**days)))
        self.spend(self.issue(RUNS, "/a"), 3, 4)
        self.spend(self.issue(REVOKED, "/b"), 2)
        self.issue(UNUSED, "/c")
        self.bank.do("authorisation", usage_tokens.revoke_usage_token, REVOKED, "更换连接器")

    def issue(self, token_id: str, local: str) -> str:
        token = self.bank.token(token_id=token_id, subject=CODES["bank"] + local, quota=50)
        text = sign_usage_token(token, SECRET)
        self.bank.do("authorisation", usage_tokens.issue_usage_token, text)
        return text

    def spend(self, text: str, *calls: int) -> None:
        for each in calls:
            self.bank.do("provider", spend_usage_token, text, a_use(calls=each))


@pytest.fixture(scope="module")
def rig(postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: Any) -> Iterator[FakeRig]:
    databases = DatabaseFactory(postgres_server)
    rig = fake_rig(databases(template=migrated_template), tmp_path_factory.mktemp("quotas"))
    tokens = Tokens(rig)
    rig.run_until_final()
    tokens.spend(tokens.bank.do("bank", usage_tokens.read_usage_token, RUNS), 5)  # its event waits in the outbox
    tamper(rig, "CREATE SCHEMA kept")
    tamper(rig, "CREATE TABLE kept.token_quotas AS TABLE token_quotas")
    yield rig
    rig.log.engine.dispose()
    databases.close()


@pytest.fixture(autouse=True)
def put_right(rig: FakeRig) -> Iterator[None]:
    yield
    tamper(rig, "TRUNCATE token_quotas")
    tamper(rig, "INSERT INTO token_quotas SELECT * FROM kept.token_quotas")


def told(rig: FakeRig) -> dict[str, str]:
    """Where -> code."""
    return {finding.facts.get("where", ""): finding.code for finding in fsck(rig)}


def test_counters_as_they_are_are_no_finding(rig: FakeRig) -> None:
    assert told(rig) == {}


def test_every_column_is_altered_by_a_case() -> None:
    assert EVIDENCE.keys() == {column.name for column in token_quotas.columns}


@pytest.mark.parametrize("case", CASES, ids=["-".join(case) for case in CASES])
def test_drill_altered_counter_fsck_names_it(rig: FakeRig, case: tuple[str, str, str]) -> None:
    column, token_id, becomes = case
    statement = f"UPDATE token_quotas SET {column} = {becomes.format(column)} WHERE token_id = '{token_id}'"
    assert tamper(rig, statement) == 1

    found = told(rig)
    assert found[f"quota {token_id}"] == "quota_altered"
    assert set(found.values()) == {"quota_altered"}


def test_drill_counter_taken_away_or_put_in_fsck_names_it(rig: FakeRig) -> None:
    tamper(rig, f"DELETE FROM token_quotas WHERE token_id = '{UNUSED}'")
    tamper(rig, "INSERT INTO token_quotas SELECT 'tok-made-up-0001', authorisation, quota, spent, valid_from, valid_until, "
           f"is_stopped, is_ended FROM token_quotas WHERE token_id = '{RUNS}'")  # fmt: skip

    assert told(rig) == {f"quota {UNUSED}": "quota_altered", "quota tok-made-up-0001": "quota_altered"}


def test_stopped_and_ended_counters_are_no_finding_and_those_that_go_on_are(
    fresh_database: Any, migrated_template: str, tmp_path: Any
) -> None:
    rig = fake_rig(fresh_database(template=migrated_template), tmp_path)
    tokens = Tokens(rig)
    name = tokens.bank.world.objects["usage_token", RUNS].document["token"]["authorisation"]

    tokens.bank.do("authorisation", authorisations.suspend_authorisation, name, VIOLATION)
    assert told(rig) == {}
    tamper(rig, f"UPDATE token_quotas SET is_stopped = false WHERE token_id = '{RUNS}'")
    assert told(rig) == {f"quota {RUNS}": "quota_altered"}

    tokens.bank.do("authorisation", authorisations.withdraw_authorisation, name, VIOLATION)
    assert told(rig) == {}
    tamper(rig, f"UPDATE token_quotas SET is_ended = false WHERE token_id = '{RUNS}'")
    assert told(rig) == {f"quota {RUNS}": "quota_altered"}
    rig.log.engine.dispose()
