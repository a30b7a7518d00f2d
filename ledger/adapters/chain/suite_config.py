"""The reviewed configuration of a deployment of the contract suite: TOML, strict, no defaults.

A public body signs off on this file, so everything that a constructor or a role takes is written in it, an unknown or a missing key
is an error, and the SHA-256 of its bytes goes into the manifest. ``development`` and ``consortium`` read the same file; the second
refuses what only a test may want. The module is a grammar, to be read whole. A value of a wrong shape names the place it stands
at, for instance ``bodies[2].keys[0].address``.
"""

import hashlib
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ledger.errors import InputError, LedgerError
from ledger.log.typed_data import parse_checksum_address, to_checksum_address

CONFIG_VERSION: Final = 1
MAX_UINT32: Final = 2**32 - 1
MAX_UINT64: Final = 2**64 - 1
CURRENCY_BYTES: Final = 3
WINDOW_FLOOR_MIN_S: Final = 72 * 3600
"""Three days of 24 hours: the least publication window of a consortium."""

RESERVED_ROLES: Final = {
    "OPERATOR": 1 << 16,
    "TRADING_PLATFORM": 1 << 17,
    "AUTHORISATION_PLATFORM": 1 << 18,
    "LINE_AUTHORITY": 1 << 19,
    "PRICE_AUTHORITY": 1 << 20,
    "REGULATOR": 1 << 21,
    "AUDITOR": 1 << 22,
    "ARBITRATOR": 1 << 23,
    "BANK": 1 << 24,
}
"""Roles that only the council gives, as bits of ``contracts/types/BodyRoles.sol``."""

KEY_PURPOSES: Final = {"BUSINESS": 1, "METERING": 2, "FINANCE": 4}
"""Bits of ``contracts/types/KeyPurposes.sol``."""


class SuiteConfigError(InputError):
    """The configuration of a deployment is malformed, or asks for what its profile refuses."""

    code = "suite_config"
    title = "Deployment configuration refused"


class Profile(StrEnum):
    """Who signs for the council, and how strict the configuration is."""

    DEVELOPMENT = "development"
    CONSORTIUM = "consortium"


@dataclass(frozen=True, slots=True)
class Membership:
    """m of n. ``bodies`` are addresses of 20 bytes, ascending."""

    bodies: tuple[bytes, ...]
    threshold: int


@dataclass(frozen=True, slots=True)
class BodyKey:
    """One first key of a body: address, bits of its purposes, and its signature of the body's ``Admission``."""

    address: bytes
    purposes: int
    possession: bytes


@dataclass(frozen=True, slots=True)
class ReservedBody:
    """A body that the council admits. ``code`` is for people and stays off the chain; ``role`` is one bit.

    ``possession_deadline`` is the last second, Unix time, in which its keys' signatures may be relayed.
    """

    code: str
    body_id: bytes
    role: int
    profile_digest: bytes
    qualification_digest: bytes
    qualified_until: int
    possession_deadline: int
    keys: tuple[BodyKey, ...]


@dataclass(frozen=True, slots=True)
class SuiteConfig:
    """Everything that a deployment depends on. Durations are seconds.

    Args:
        sha256: of the file's bytes.
        profile: see ``Profile``.
        chain_id: the chain; another one is refused.
        currencies: ISO 4217 codes, 3 ASCII bytes each.
        council_address: the adopted ``Council``.
        evidence_log: the adopted ``EvidenceLog``.
        council: what the adopted council's membership must be.
        guardian: membership of the council that may cancel delayed acts.
        admin_delay_s: delay of the council's acts on the access manager.
        governor_delay_s: delay of its acts on the suite.
        settlement: by name, the windows and limits that constructors take.
        bodies: bodies with reserved roles.
    """

    sha256: bytes
    profile: Profile
    chain_id: int
    currencies: tuple[bytes, ...]
    council_address: bytes
    evidence_log: bytes
    council: Membership
    guardian: Membership
    admin_delay_s: int
    governor_delay_s: int
    settlement: dict[str, int]
    bodies: tuple[ReservedBody, ...]


SETTLEMENT_NAMES: Final = (
    *("window_floor_s", "objection_answer_s", "review_request_s"),
    *("account_cooling_s", "dispute_freeze_max_s", "usage_answer_min_s"),
)


class _Table:
    """One TOML table, read key by key; what is left over at the end is unknown."""

    def __init__(self, place: str, value: Any) -> None:
        if not isinstance(value, dict):
            raise SuiteConfigError(f"{place} is no table")
        self.place, self._left = place, dict(value)

    def _take(self, name: str, kind: type) -> Any:
        if name not in self._left:
            raise SuiteConfigError(f"{self._at(name)} is missing")
        value = self._left.pop(name)
        if type(value) is not kind:  # a bool is an int to isinstance
            raise SuiteConfigError(f"{self._at(name)} is no {kind.__name__}")
        return value

    def _at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def text(self, name: str) -> str:
        return str(self._take(name, str))

    def integer(self, name: str, maximum: int, minimum: int = 0) -> int:
        value = int(self._take(name, int))
        if not minimum <= value <= maximum:
            raise SuiteConfigError(f"{self._at(name)} is not between {minimum} and {maximum}")
        return value

    def choice(self, name: str, numbers: dict[str, int]) -> int:
        value = self.text(name)
        if value not in numbers:
            raise SuiteConfigError(f"{self._at(name)} is none of {', '.join(numbers)}")
        return numbers[value]

    def items(self, name: str) -> list[Any]:
        return list(self._take(name, list))

    def table(self, name: str) -> "_Table":
        return _Table(self._at(name), self._take(name, dict))

    def tables(self, name: str) -> list["_Table"]:
        return [_Table(f"{self._at(name)}[{place}]", value) for place, value in enumerate(self.items(name))]

    def address(self, name: str) -> bytes:
        return _address(self._at(name), self.text(name))

    def data(self, name: str, size: int | None) -> bytes:
        text = self.text(name)
        try:
            value = bytes.fromhex(text.removeprefix("0x"))
        except ValueError:
            value = b""
        if text != "0x" + value.hex() or not value or size not in {None, len(value)}:
            raise SuiteConfigError(
                f"{self._at(name)} is no 0x and {'bytes' if size is None else f'{size} bytes'} in hex"
            )
        return value

    def finish(self) -> None:
        if self._left:
            raise SuiteConfigError(f"unknown: {', '.join(self._at(name) for name in sorted(self._left))}")


def parse_suite_config(raw: bytes) -> SuiteConfig:
    """The configuration in these bytes.

    Raises:
        SuiteConfigError: not TOML, a key is missing, unknown or of a wrong shape, or the profile refuses a value.
    """
    try:
        root = _Table("", tomllib.loads(raw.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SuiteConfigError(f"not TOML: {error}") from error
    root.integer("version", CONFIG_VERSION, CONFIG_VERSION)
    profile = root.text("profile")
    if profile not in list(Profile):
        raise SuiteConfigError(f"profile is none of {', '.join(Profile)}")
    adopt, delays, settlement = root.table("adopt"), root.table("delays"), root.table("settlement")
    config = SuiteConfig(
        sha256=hashlib.sha256(raw).digest(),
        profile=Profile(profile),
        chain_id=root.integer("chain_id", MAX_UINT64, 1),
        currencies=_currencies(root.items("currencies")),
        council_address=adopt.address("council"),
        evidence_log=adopt.address("evidence_log"),
        council=_membership(root.table("council")),
        guardian=_membership(root.table("guardian")),
        admin_delay_s=delays.integer("admin_delay_s", MAX_UINT32),
        governor_delay_s=delays.integer("governor_delay_s", MAX_UINT32),
        settlement={name: settlement.integer(name, MAX_UINT32) for name in SETTLEMENT_NAMES},
        bodies=tuple(_body(table) for table in root.tables("bodies")),
    )
    for table in (adopt, delays, settlement, root):
        table.finish()
    _check_distinct(config)
    if config.profile is Profile.CONSORTIUM:
        _check_consortium(config)
    return config


def _membership(table: _Table) -> Membership:
    bodies = sorted(_address(f"{table.place}.bodies[{n}]", text) for n, text in enumerate(table.items("bodies")))
    threshold = table.integer("threshold", len(bodies), 1)
    table.finish()
    if len(set(bodies)) != len(bodies):
        raise SuiteConfigError(f"{table.place}.bodies names a body twice")
    return Membership(tuple(bodies), threshold)


def _body(table: _Table) -> ReservedBody:
    body = ReservedBody(
        code=table.text("code"),
        body_id=table.data("id", 32),
        role=table.choice("role", RESERVED_ROLES),
        profile_digest=table.data("profile_digest", 32),
        qualification_digest=table.data("qualification_digest", 32),
        qualified_until=table.integer("qualified_until", MAX_UINT64),
        possession_deadline=table.integer("possession_deadline", MAX_UINT64),
        keys=tuple(_key(key) for key in table.tables("keys")),
    )
    if not body.keys:
        raise SuiteConfigError(f"{table.place}.keys is empty")
    table.finish()
    return body


def _key(table: _Table) -> BodyKey:
    purposes = 0
    for name in table.items("purposes"):
        if not isinstance(name, str) or name not in KEY_PURPOSES:
            raise SuiteConfigError(f"{table.place}.purposes has something else than {', '.join(KEY_PURPOSES)}")
        if purposes & KEY_PURPOSES[name]:
            raise SuiteConfigError(f"{table.place}.purposes names {name} twice")
        purposes |= KEY_PURPOSES[name]
    if not purposes:
        raise SuiteConfigError(f"{table.place}.purposes is empty")
    key = BodyKey(table.address("address"), purposes, table.data("possession", None))
    table.finish()
    return key


def _currencies(items: list[Any]) -> tuple[bytes, ...]:
    if not items or len(set(map(str, items))) != len(items):
        raise SuiteConfigError("currencies is empty or names one twice")
    for item in items:
        if not (isinstance(item, str) and len(item) == CURRENCY_BYTES and item.isascii() and item.isupper()):
            raise SuiteConfigError("currencies has something else than ISO 4217 codes")
    return tuple(item.encode() for item in items)


def _address(place: str, text: Any) -> bytes:
    try:
        address = parse_checksum_address(text)
    except (LedgerError, TypeError) as error:
        raise SuiteConfigError(f"{place} is no EIP-55 address") from error
    if not any(address):
        raise SuiteConfigError(f"{place} is the zero address, which is nobody's")
    return address


def _check_distinct(config: SuiteConfig) -> None:
    seen: set[bytes] = set()
    for body in config.bodies:
        for value in (body.body_id, *(key.address for key in body.keys)):
            if value in seen:
                shown = to_checksum_address(value) if len(value) != len(body.body_id) else "0x" + value.hex()
                raise SuiteConfigError(f"{shown} stands in two bodies, or twice in one")
            seen.add(value)


def _check_consortium(config: SuiteConfig) -> None:
    if not config.admin_delay_s or not config.governor_delay_s:
        raise SuiteConfigError("a consortium has delays above zero")
    if config.settlement["window_floor_s"] < WINDOW_FLOOR_MIN_S:
        raise SuiteConfigError(f"a consortium's settlement.window_floor_s is {WINDOW_FLOOR_MIN_S} or more")
    for name in SETTLEMENT_NAMES:
        if not config.settlement[name]:
            raise SuiteConfigError(f"a consortium's settlement.{name} is above zero")
    if set(config.guardian.bodies) <= set(config.council.bodies):
        raise SuiteConfigError("a consortium's guardian has a body that does not sit in the council")
