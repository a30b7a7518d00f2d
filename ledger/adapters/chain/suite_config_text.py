"""The configuration of a deployment as TOML: the inverse of ``suite_config.parse_suite_config``.

For installations that make their configuration themselves; a consortium's is written and reviewed by people.
"""

import json
from collections.abc import Iterable

from ledger.adapters.chain.suite_config import (
    CONFIG_VERSION,
    KEY_PURPOSES,
    RESERVED_ROLES,
    BodyKey,
    Membership,
    ReservedBody,
    SuiteConfig,
)
from ledger.log.typed_data import to_checksum_address


def encode_suite_config(config: SuiteConfig, comment: str) -> bytes:
    """The file's bytes. ``config.sha256`` is not read: it is that of these bytes, and ``parse_suite_config`` sets it.

    ``comment`` is one line for the file's head.
    """
    lines = [
        f"# {comment}",
        f"version = {CONFIG_VERSION}",
        f"profile = {_text(config.profile)}",
        f"chain_id = {config.chain_id}",
        f"currencies = {_list(currency.decode() for currency in config.currencies)}",
        "",
        "[adopt]",
        f"council = {_address(config.council_address)}",
        f"evidence_log = {_address(config.evidence_log)}",
        *_membership("council", config.council),
        *_membership("guardian", config.guardian),
        "",
        "[delays]",
        f"admin_delay_s = {config.admin_delay_s}",
        f"governor_delay_s = {config.governor_delay_s}",
        "",
        "[settlement]",
        *(f"{name} = {seconds}" for name, seconds in config.settlement.items()),
        *(line for body in config.bodies for line in _body(body)),
    ]
    return "\n".join([*lines, ""]).encode()


def _membership(name: str, membership: Membership) -> list[str]:
    bodies = _list(map(to_checksum_address, membership.bodies))
    return ["", f"[{name}]", f"bodies = {bodies}", f"threshold = {membership.threshold}"]


def _body(body: ReservedBody) -> list[str]:
    role = next(name for name, bit in RESERVED_ROLES.items() if bit == body.role)
    return [
        "",
        "[[bodies]]",
        f"code = {_text(body.code)}",
        f"id = {_data(body.body_id)}",
        f"role = {_text(role)}",
        f"profile_digest = {_data(body.profile_digest)}",
        f"qualification_digest = {_data(body.qualification_digest)}",
        f"qualified_until = {body.qualified_until}",
        f"possession_deadline = {body.possession_deadline}",
        "keys = [",
        *(f"    {_key(key)}," for key in body.keys),
        "]",
    ]


def _key(key: BodyKey) -> str:
    purposes = _list(name for name, bit in KEY_PURPOSES.items() if key.purposes & bit)
    return f"{{ address = {_address(key.address)}, purposes = {purposes}, possession = {_data(key.possession)} }}"


def _text(value: str) -> str:
    return json.dumps(value)  # a basic string of TOML takes every escape that JSON makes of text without surrogates


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _data(value: bytes) -> str:
    return _text("0x" + value.hex())


def _address(value: bytes) -> str:
    return _text(to_checksum_address(value))
