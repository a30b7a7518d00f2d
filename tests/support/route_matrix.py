"""The written matrix (``api/ROUTES.md``), read as a person would: who may use which route, and from which level on."""

import re
from dataclasses import dataclass

from support.repository import ROOT

from ledger.domain.roles import APPLICANT, LEVELS, ROLES

PAGE = ROOT / "api" / "ROUTES.md"
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
