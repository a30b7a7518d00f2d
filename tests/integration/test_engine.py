"""What an error of the database may say, and how long a session may sleep or wait."""

import time

import pytest
import sqlalchemy

from ledger.adapters.sql.engine import create_engine, database_errors
from ledger.errors import UnavailableError


def test_engine_error_names_no_parameter(migrated_url):
    engine = create_engine(migrated_url)
    statement = sqlalchemy.text("SELECT :body, nothing FROM log_head")
    with pytest.raises(sqlalchemy.exc.ProgrammingError) as caught, engine.connect() as connection:
        connection.execute(statement, {"body": "the applicant's name"})
    engine.dispose()
    assert "FROM log_head" in str(caught.value)
    assert "applicant" not in str(caught.value)


def test_engine_session_that_sleeps_inside_a_transaction_is_ended_and_its_lock_is_free(migrated_url):
    sleeper, other = create_engine(migrated_url, idle_in_transaction_s=1), create_engine(migrated_url, lock_wait_s=10)
    lock = "SELECT 1 FROM outbox_head FOR UPDATE"
    with sleeper.connect() as connection, other.connect() as waiter:
        connection.exec_driver_sql(lock)
        started = time.monotonic()
        waiter.exec_driver_sql(lock)
        assert 0.5 < time.monotonic() - started < 8
        with pytest.raises(UnavailableError), database_errors():
            connection.exec_driver_sql("SELECT 1")
    with sleeper.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1, "the next session is a new one"
    sleeper.dispose()
    other.dispose()


def test_engine_lock_that_is_not_given_is_unavailable_and_not_a_wait_for_ever(migrated_url):
    holder, waiter = create_engine(migrated_url), create_engine(migrated_url, lock_wait_s=1)
    with holder.connect() as connection:
        connection.exec_driver_sql("SELECT 1 FROM outbox_head FOR UPDATE")
        with pytest.raises(UnavailableError), database_errors(), waiter.connect() as other:
            other.exec_driver_sql("SELECT 1 FROM outbox_head FOR UPDATE")
    holder.dispose()
    waiter.dispose()


def test_engine_bounds_outlive_a_rollback(migrated_url):
    engine = create_engine(migrated_url, pool_size=1, idle_in_transaction_s=61, lock_wait_s=7)
    for _ in range(2):
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar() == "61s"
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "7s"
            connection.rollback()
    engine.dispose()
