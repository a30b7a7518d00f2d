"""Bodies with reserved roles become participants with accounts, once, however often ``up`` starts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from support.a_log import ALog, open_a_log
from support.embedded import DatabaseFactory
from support.suite import ROLES, SuiteWorld, body_id

from ledger.adapters.embedded.anvil import EmbeddedAnvil
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.embedded.reserved_bodies import (
    BODIES,
    BOUND_ROLES,
    bind_default_keys,
    record_reserved_bodies,
    reserved_code,
)
from ledger.adapters.embedded.suite import CONFIG_FILE, FOLDER
from ledger.adapters.sql import api_keys
from ledger.adapters.sql.participants import SqlBodies
from ledger.domain.acts.kinds import BodyRole
from ledger.domain.participant import participant_from_json
from ledger.domain.roles import RESERVED
from ledger.domain.roles import ROLES as API_ROLES
from ledger.domain.subject_code import parse_subject_code
from ledger.services.participant_records import signer_of


@pytest.fixture
def log(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path: Path, anvil: EmbeddedAnvil
) -> Iterator[ALog]:
    factory = DatabaseFactory(postgres_server)
    opened = open_a_log(factory(template=migrated_template), tmp_path)
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / CONFIG_FILE).write_text(SuiteWorld(anvil.rpc_url, tmp_path).text())
    yield opened
    opened.engine.dispose()
    factory.close()


def test_bodies_and_their_accounts_are_recorded_once(log: ALog) -> None:
    keys = {role: api_keys.generate_key_text()[1] for role in API_ROLES}
    for _ in range(2):
        with log.engine.begin() as connection:
            record_reserved_bodies(connection, log.preparer, log.folder)
            bind_default_keys(connection, log.preparer, keys)
            api_keys.ensure_default_keys(connection, log.preparer, keys)

    with log.engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM object_history WHERE kind = 'participant'")).scalar_one()
        bodies = {role: SqlBodies(connection).with_role(role.lower()) for role in ROLES}
        stored = {
            role: api_keys.authenticate(connection, text_, log.preparer.clock.now()) for role, text_ in keys.items()
        }
    assert count == len(ROLES) == len(BODIES)
    for role, [body] in bodies.items():
        participant = participant_from_json(body.document)
        assert participant.chain is not None
        assert body.object_id == reserved_code(BodyRole[role])
        parse_subject_code(body.object_id)
        signer = signer_of("operator", body)
        assert signer.body_id == body_id(role)
        assert len(signer.keys) == 1, "the key for finance signs no business"
        assert [key.purposes for key in participant.keys] == [("business", "metering"), ("finance",)]
    bound = {role: None if key.account is None else key.account.participant for role, key in stored.items()}
    assert {role for role, code in bound.items() if code is not None} == set(BOUND_ROLES) == {*RESERVED} - {"operator"}
    assert all(bound[role] == reserved_code(BodyRole[role.upper()]) for role in BOUND_ROLES)
