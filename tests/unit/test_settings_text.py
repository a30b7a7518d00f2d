"""``ledger/SETTINGS.md`` against the code that reads the settings."""

import re
from pathlib import Path

from ledger.adapters.embedded.node_binary import CACHE_VARIABLE
from ledger.adapters.platform.settings import platform_settings_table
from ledger.adapters.settings import settings_table
from ledger.client.connection import API_KEY_VARIABLE, CONNECTION_VARIABLE, DEFAULT_CONNECTION
from ledger.client.platform import CONNECTION_VARIABLE as PLATFORM_VARIABLE
from ledger.client.platform import DEFAULT_CONNECTION as DEFAULT_PLATFORM

LEDGER = Path(__file__).parents[2] / "ledger"
TEXT = (LEDGER / "SETTINGS.md").read_text(encoding="utf-8")


def test_settings_text_has_the_table_of_the_code() -> None:
    assert TEXT.partition("<!-- settings: begin -->\n")[2].partition("<!-- settings: end -->")[0] == settings_table()


def test_settings_text_has_the_platforms_table_of_the_code() -> None:
    table = TEXT.partition("<!-- platform settings: begin -->\n")[2].partition("<!-- platform settings: end -->")[0]
    assert table == platform_settings_table()


def test_settings_text_names_the_variables_of_the_command_line() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", TEXT.partition("## Command line")[2], re.MULTILINE)
    assert [name for name, _ in rows] == [CONNECTION_VARIABLE, API_KEY_VARIABLE, PLATFORM_VARIABLE, CACHE_VARIABLE]
    assert rows[0][1] == f"`{DEFAULT_CONNECTION}`"
    assert rows[2][1] == f"`{DEFAULT_PLATFORM}`"


def test_settings_text_is_where_readme_and_help_send_people() -> None:
    assert "(SETTINGS.md)" in (LEDGER / "README.md").read_text(encoding="utf-8")
    for command in ("api", "anchor"):
        assert "ledger/SETTINGS.md" in (LEDGER / "cli" / f"{command}.py").read_text(encoding="utf-8")
