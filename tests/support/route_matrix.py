"""The written matrix (``api/ROUTES.md``), read as a person would: who may use which route, and from which level on."""

import re
from dataclasses import dataclass

from support.repository import ROOT

from ledger.domain.roles import APPLICANT, LEVELS, ROLES

PAGE = ROOT / "api" / "ROUTES.md"
BODY = "911100000000000001"
NAMES_NOTHING = {
    "{account_id}": "acc-" + "0" * 32,
    "{act_id}": "0" * 40,
    "{dataset_id}": "unknown",
    "{product_code}": "691310000MA0000007L3101000000015",
    "{version}": "1",
    "{code}": BODY,
    "{demand_id}": "dem-" + "0" * 32,
    "{credential_id}": "ccr-" + "0" * 32,
    **dict.fromkeys(("{application_id}", "{authorisation_id}"), "app-" + "0" * 32),
    "{number}": "1",
    "{leaf_index}": "0",
    "{token_id}": "tok-" + "0" * 32,
    "{order_id}": "ord-" + "0" * 32,
    "{agreement_id}": "84" + "0" * 45,
    "{instruction_number}": "0" * 32,
    "{side}": "consumer",
    "{dispute_id}": "dsp-" + "0" * 32,
    "{notice_id}": "0" * 40,
    **dict.fromkeys(("{negotiation_id}", "{pid}", "{provider_pid}", "{consumer_pid}"), "neg-" + "0" * 32),
}
_ROW = re.compile(r"^\| `([A-Z]+) (/\S*)` \| ([a-z_, ]+) \| ([a-z]+|-) \|", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """One route. ``roles`` is empty when it is for anyone; ``level`` is the least one that gets in."""

    method: str
    path: str
    roles: frozenset[str]
    level: str

    @property
    def is_public(self) -> bool:
        return not self.roles

    def lets_in(self, role: str, level: str) -> bool:
        """What the page says of a caller."""
        return self.is_public or (role in self.roles and LEVELS.index(level) <= LEVELS.index(self.level))


def nothing_at(path: str) -> str:
    """The path with names of the right form in it, of nothing that is there."""
    for name, value in NAMES_NOTHING.items():
        path = path.replace(name, value)
    return path


def written_matrix() -> list[Row]:
    """Every row of the page."""
    rows = []
    for method, path, roles, level in _ROW.findall(PAGE.read_text(encoding="utf-8")):
        assert (roles == "anyone") == (level == "-"), path
        rows.append(Row(method, path, _roles(roles), level))
    return rows


def _roles(text: str) -> frozenset[str]:
    if text == "anyone":
        return frozenset()
    names = text.replace("every role", ", ".join(ROLES)).split(", ")
    assert set(names) <= {*ROLES, APPLICANT}, names
    return frozenset(names)
