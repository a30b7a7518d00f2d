"""One log for all tests of contract calls of a process: each empties what the one before it left."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from support.a_log import ALog, open_a_log
from support.call_world import CallWorld
from support.embedded import DatabaseFactory
from support.participants import Registry

from ledger.adapters.embedded.postgres import EmbeddedPostgres

LEFT = "objects, object_history, chain_calls, chain_call_attempts, deadlines, leases RESTART IDENTITY"


@pytest.fixture(scope="session")
def call_log(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ALog, str]]:
    factory = DatabaseFactory(postgres_server)
    url = factory(template=migrated_template)
    log = open_a_log(url, tmp_path_factory.mktemp("calls"))
    yield log, url
    log.engine.dispose()
    factory.close()


@pytest.fixture(scope="module")
def log(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ALog]:
    """A log of the module's own."""
    factory = DatabaseFactory(postgres_server)
    opened = open_a_log(factory(template=migrated_template), tmp_path_factory.mktemp("log"))
    yield opened
    opened.engine.dispose()
    factory.close()


@pytest.fixture
def new_world(call_log: tuple[ALog, str], tmp_path: Path) -> Iterator[Callable[..., CallWorld]]:
    """Makes the one world of a test."""
    log, url = call_log
    with log.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {LEFT}"))
        connection.execute(text("UPDATE log_status SET halted = NULL, exhibit = NULL"))
    worlds: list[CallWorld] = []

    def make(**options: Any) -> CallWorld:
        worlds.append(CallWorld(log, url, tmp_path, **options))
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


@pytest.fixture
def world(new_world: Callable[..., CallWorld]) -> CallWorld:
    """Of a development chain."""
    return new_world()


@pytest.fixture
def registry() -> Registry:
    """With an admitted bank."""
    made = Registry.made()
    made.admit()
    return made
