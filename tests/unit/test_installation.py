"""What the data folder's own file may say."""

import json
from pathlib import Path

import pytest

from ledger.adapters.embedded.installation import INSTALLATION_FILE, load_or_create_installation
from ledger.errors import SettingsError


@pytest.mark.parametrize("port", [70_000, 65_536, 0, -1, "x", None, float("inf")])
def test_installation_with_an_impossible_port_is_damaged(tmp_path: Path, port: object) -> None:
    content = json.dumps({"origin": "a.example/2026", "rpc_port": port, "v": 1})
    (tmp_path / INSTALLATION_FILE).write_text(content)
    with pytest.raises(SettingsError, match="damaged"):
        load_or_create_installation(tmp_path)
    assert (tmp_path / INSTALLATION_FILE).read_text() == content
