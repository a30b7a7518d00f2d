"""Where the client finds a service, and whose key it takes."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.client.connection import Connection, find_connection
from ledger.errors import SettingsError

FACTS: dict[str, Any] = {
    "api_url": "http://127.0.0.1:8080/",
    "database_url": "postgresql://user:secret@host/db",
    "rpc_url": "http://127.0.0.1:8545",
    "chain_id": 31337,
    "contracts": {},
    "log": {"origin": "o/2026", "receipt_key": "00"},
    "api_keys": {"operator": "clk_file_key"},
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    target = tmp_path / "connection.json"
    target.write_text(json.dumps(FACTS))
    return target


def test_connection_named_by_option_wins_over_the_environment(path: Path) -> None:
    found = find_connection({"CITYLEDGER_CONNECTION": "/nowhere"}, path)
    assert (found.api_url, found.rpc_url, found.chain_id) == ("http://127.0.0.1:8080", "http://127.0.0.1:8545", 31337)


def test_connection_named_by_the_environment_is_found(path: Path) -> None:
    assert find_connection({"CITYLEDGER_CONNECTION": str(path)}).path == path


def test_connection_default_is_the_folder_that_up_makes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path.parent / "cityledger-data").mkdir()
    path.rename(path.parent / "cityledger-data" / "connection.json")
    monkeypatch.chdir(path.parent)
    assert find_connection({}).api_url == "http://127.0.0.1:8080"


def test_connection_by_url_alone_takes_the_key_of_the_environment() -> None:
    found = find_connection({"CITYLEDGER_API_KEY": "clk_env_key"}, api_url="https://ledger.example/")
    assert (found.api_url, found.api_key("operator"), found.trust_path) == (
        "https://ledger.example",
        "clk_env_key",
        None,
    )


def test_connection_key_of_the_environment_wins_over_the_file(path: Path) -> None:
    assert find_connection({}, path).api_key("operator") == "clk_file_key"
    assert find_connection({"CITYLEDGER_API_KEY": "clk_env_key"}, path).api_key("operator") == "clk_env_key"


def test_connection_role_without_key_says_where_to_put_one(path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no key for the role auditor; put one into .*CITYLEDGER_API_KEY"):
        find_connection({}, path).api_key("auditor")


def test_connection_trust_file_is_the_one_beside_it(path: Path) -> None:
    assert find_connection({}, path).trust_path is None
    path.with_name("trust.json").write_text("{}")
    assert find_connection({}, path).trust_path == path.with_name("trust.json")


def test_connection_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cityledger up"):
        find_connection({}, tmp_path / "none.json")


@pytest.mark.parametrize(
    "change",
    [
        {"api_url": "ftp://x"},
        {"api_url": None},
        {"chain_id": "many"},
        {"log": 5},
        {"api_keys": None},
        {"rpc_url": "x"},
    ],
    ids=str,
)
def test_connection_file_of_another_shape_is_refused(change: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps({**FACTS, **change}))
    with pytest.raises(SettingsError):
        find_connection({}, path)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"\xff", b"null"])
def test_connection_file_that_is_none_is_refused(raw: bytes, path: Path) -> None:
    path.write_bytes(raw)
    with pytest.raises(SettingsError, match="is not a connection file"):
        find_connection({}, path)


def test_connection_printed_shows_no_secret(path: Path) -> None:
    shown = repr(find_connection({"CITYLEDGER_API_KEY": "clk_env_key"}, path))
    assert isinstance(find_connection({}, path), Connection)
    assert not any(secret in shown for secret in ("clk_file_key", "clk_env_key", "secret@"))
