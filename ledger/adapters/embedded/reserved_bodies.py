"""The bodies with reserved roles of a development installation, as participants and with accounts: so they can sign and act from the start.

The suite's configuration says who the council admitted. Recording is repeated at every start and changes nothing that is there. Their
subject codes are well formed and invented: registering authority 9, region 000000, organisation ``MADE`` and a number.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from ledger.adapters.chain.suite_config import ReservedBody as AdmittedBody
from ledger.adapters.chain.suite_config import parse_suite_config
from ledger.adapters.embedded.suite import CONFIG_FILE, manifest_path
from ledger.adapters.sql import api_keys
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.acts.kinds import BodyRole, KeyPurpose
from ledger.domain.participant import ChainKey, Organisation
from ledger.domain.roles import ADMIN, OPERATOR, RESERVED
from ledger.domain.subject_code import generate_subject_code
from ledger.log.timestamps import format_time
from ledger.services.accounts import WantedAccount
from ledger.services.business import Actor
from ledger.services.participant_records import SALT_BYTES
from ledger.services.participant_reserved import ReservedBody, record_reserved_body
from ledger.services.preparation import Preparer

INSTALLER: Final = Actor("cityledger-up", None, frozenset({OPERATOR}))
ISSUER: Final = "urn:cityledger:installation"
"""Of the accounts of the default API keys; no token names it."""

BODIES: Final = (
    BodyRole.OPERATOR,
    BodyRole.TRADING_PLATFORM,
    BodyRole.AUTHORISATION_PLATFORM,
    BodyRole.LINE_AUTHORITY,
    BodyRole.PRICE_AUTHORITY,
    BodyRole.REGULATOR,
    BodyRole.AUDITOR,
    BodyRole.ARBITRATOR,
    BodyRole.BANK,
)
"""In the order of their numbers, which never changes: codes are for ever."""

BOUND_ROLES: Final = tuple(role for role in RESERVED if role != OPERATOR)
"""Roles whose default key acts for the body. The operator's relays for everybody and stays as it is."""


def reserved_code(role: BodyRole) -> str:
    """The subject code of the development body with this role."""
    return generate_subject_code("000000", f"MADE{BODIES.index(role) + 1:05}")


def record_reserved_bodies(connection: Connection, preparer: Preparer, data_folder: Path) -> None:
    """Records the bodies of the suite's configuration, in the caller's transaction."""
    config = parse_suite_config(manifest_path(data_folder).with_name(CONFIG_FILE).read_bytes())
    uow = SqlUnitOfWork(connection, preparer, INSTALLER, contracts={})
    now = format_time(preparer.clock.now())
    for body in config.bodies:
        record_reserved_body(uow, _reserved_body(body, now), os.urandom(SALT_BYTES))


def bind_default_keys(connection: Connection, preparer: Preparer, keys: Mapping[str, str]) -> None:
    """Stores default API keys (role -> text) that are not there yet for the bodies' own accounts."""
    for role in BOUND_ROLES:
        key_id = keys[role].split("_")[1]
        if api_keys.find(connection, key_id) is not None:
            continue
        wanted = WantedAccount(reserved_code(BodyRole[role.upper()]), ISSUER, f"{role} {key_id}", ADMIN, (role,))
        account = SqlAccounts(connection, preparer).add(wanted, INSTALLER.account_id)
        api_keys.create(
            connection,
            preparer,
            role=role,
            submitter=role.replace("_", "-"),
            unrestricted=True,
            api_key=keys[role],
            account_id=account.account_id,
        )


def _reserved_body(body: AdmittedBody, now: str) -> ReservedBody:
    role = BodyRole(body.role)
    assert role.name is not None
    name = role.name.lower()
    keys = tuple(
        ChainKey("0x" + key.address.hex(), _purposes(key.purposes), "valid", valid_from=now) for key in body.keys
    )
    organisation = Organisation(
        code=reserved_code(role),
        name=f"Development {name.replace('_', ' ')}",
        enterprise_type="4",
        address="this installation",
        business_scope=f"stands for the {name.replace('_', ' ')} where everything is tried on one machine",
    )
    return ReservedBody(organisation, name, keys, body.body_id, body.qualified_until)


def _purposes(bits: int) -> tuple[str, ...]:
    return tuple(sorted(purpose.name.lower() for purpose in KeyPurpose if purpose.name and bits & purpose))
