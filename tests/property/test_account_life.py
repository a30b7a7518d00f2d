"""The life of accounts as a state machine over a real database: a model beside it says who has which account, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection
from support.a_log import open_a_log

from ledger.adapters.sql import reading
from ledger.adapters.sql.accounts import SqlAccounts, account_of_subject
from ledger.domain.accounts import ACCOUNT_STATES
from ledger.errors import ConflictError, IllegalTransitionError
from ledger.services.accounts import Account, WantedAccount, grant_account, withdraw_account
from ledger.services.business import Actor

OPERATOR = Actor("key:operator", None, frozenset({"operator"}), "admin")
SUBJECTS = st.sampled_from(["zhang", "li", "wang"])
ISSUER = "https://identity.test"


def assert_model(connection: Connection, made: dict[str, list[Account]]) -> None:
    """Every subject's last account is the one that is found, and at most one of them is in force."""
    for subject, mine in made.items():
        assert account_of_subject(connection, ISSUER, subject) == mine[-1]
        assert len({account.account_id for account in mine}) == len(mine)
        assert sum(account.is_active for account in mine) <= 1
        assert {account.state for account in mine} <= ACCOUNT_STATES.states


def machine(log: Any) -> type[RuleBasedStateMachine]:
    class Life(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.connection = log.engine.connect()
            self.accounts = SqlAccounts(self.connection, log.preparer)
            self.epoch = reading.keys_version(self.connection)
            self.made: dict[str, list[Account]] = {}
            self.changes = 0

        @rule(subject=SUBJECTS, level=st.sampled_from(["admin", "handler", "viewer"]))
        def grant(self, subject: str, level: str) -> None:
            wanted = WantedAccount("91110000000000000E", ISSUER, subject, level, ("provider",))
            mine = self.made.setdefault(subject, [])
            if mine and mine[-1].is_active:
                with pytest.raises(ConflictError), self.connection.begin_nested():
                    grant_account(OPERATOR, self.accounts, wanted)
            else:
                mine.append(grant_account(OPERATOR, self.accounts, wanted))
                self.changes += 1

        @rule(subject=SUBJECTS, which=st.integers(0, 3))
        def withdraw(self, subject: str, which: int) -> None:
            mine = self.made.get(subject, [])
            if not mine:
                return
            place = which % len(mine)
            account = mine[place]
            if not account.is_active:
                with pytest.raises(IllegalTransitionError) as refused:
                    withdraw_account(OPERATOR, self.accounts, account.account_id)
                assert refused.value.facts == {"state": "withdrawn", "allowed": []}
            else:
                mine[place] = withdraw_account(OPERATOR, self.accounts, account.account_id)
                self.changes += 1

        @invariant()
        def database_is_the_model(self) -> None:
            assert_model(self.connection, self.made)
            assert reading.keys_version(self.connection) == self.epoch + self.changes

        def teardown(self) -> None:
            if hasattr(self, "connection"):
                self.connection.rollback()
                self.connection.close()

    return Life


def test_account_life_is_its_transition_table(
    fresh_database: Callable[..., str], migrated_template: str, tmp_path: Path
) -> None:
    log = open_a_log(fresh_database(template=migrated_template), tmp_path)
    run_state_machine_as_test(
        machine(log),
        settings=settings(
            max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    log.engine.dispose()
