"""The page of qualification requirements says what the rules say."""

import re

from support.repository import ROOT

from ledger.domain.admission_rules import RECHECK_DAYS_ORDINARY, REQUIREMENTS, VERSION, recheck_days

PAGE = (ROOT / "api" / "ADMISSION.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (.+) \| (\d+) days \|$", re.MULTILINE)


def test_page_names_what_every_role_has_to_show() -> None:
    written = {
        role: (tuple(frozenset(re.findall(r"`(\w+)`", one)) for one in papers.split(" and ")), int(days))
        for role, papers, days in ROW.findall(PAGE)
    }
    assert written == {role: (wanted, recheck_days([role])) for role, wanted in REQUIREMENTS.items()}
    assert f"`{VERSION}`" in PAGE
    assert str(RECHECK_DAYS_ORDINARY) in PAGE
