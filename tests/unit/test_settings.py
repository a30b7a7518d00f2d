"""Settings: from the environment, strict, and never showing a secret."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from ledger.adapters.settings import Settings, load_settings, settings_table, sqlalchemy_url
from ledger.errors import SettingsError

REQUIRED = {
    "CITYLEDGER_DATABASE_URL": "postgresql://cityledger:geheim@127.0.0.1/cityledger",
    "CITYLEDGER_EVIDENCE_LOG": "0x" + "ab" * 20,
    "CITYLEDGER_COUNCIL": "0x" + "cd" * 20,
    "CITYLEDGER_ORIGIN": "space.example/2026",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in [name for name in os.environ if name.startswith("CITYLEDGER_")]:
        monkeypatch.delenv(name)
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_settings_folders_follow_from_the_data_folder(environment):
    environment.setenv("CITYLEDGER_DATA_DIR", "/srv/city ledger")
    settings = load_settings()
    assert settings.keys_dir == Path("/srv/city ledger/keys")
    assert settings.keyring_dir == Path("/srv/city ledger/keyring")
    assert settings.tiles_dir == Path("/srv/city ledger/log")
    assert settings.journal_path == Path("/srv/city ledger/journal/checkpoints.jsonl")
    assert settings.chain_state_path is None


def test_settings_relative_folder_is_made_absolute_once(environment, tmp_path):
    environment.chdir(tmp_path)
    environment.setenv("CITYLEDGER_KEYRING_DIR", "elsewhere/keyring")
    settings = load_settings()
    assert settings.keyring_dir == tmp_path / "elsewhere" / "keyring"
    assert settings.data_dir == tmp_path / "cityledger-data"


def test_settings_passed_to_a_child_are_equal_there(environment):
    settings = load_settings(port=9000, publish_interval_s=0.5, chain_state_path=Path("/srv/state.json"))
    for name, value in settings.environment().items():
        environment.setenv(name, value)
    assert Settings() == settings


def test_settings_missing_are_named_all_at_once(environment):
    for name in REQUIRED:
        environment.delenv(name)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert raised.value.facts["variables"] == sorted(REQUIRED)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "http"),
        ("DATABASE_URL", "mysql://cityledger:geheim@127.0.0.1/x"),
        ("EVIDENCE_LOG", "0x1234"),
        ("PROFILE", "production"),
        ("PUBLISH_INTERVAL_S", "-7.25"),
        ("RPC_URL", "ws://127.0.0.1"),
        ("LOG_LEVEL", "loud"),
        ("LINE_AUTHORITY_CLASSES", '["B0500", "B9900"]'),
        ("LINE_AUTHORITY_CLASSES", "B0500"),
        ("DSP_NETWORKS", "10.1.0.0/16"),
        ("OIDC_ISSUERS", "{issuer}"),
    ],
)
def test_settings_out_of_range_are_named_and_not_shown(environment, name, value):
    environment.setenv(f"CITYLEDGER_{name}", value)
    with pytest.raises(SettingsError, match=f"CITYLEDGER_{name}: ") as raised:
        load_settings()
    assert value not in str(raised.value)
    assert raised.value.facts == {"variables": [f"CITYLEDGER_{name}"]}


def test_settings_printed_hide_the_database_password():
    settings = load_settings()
    assert "geheim" not in repr(settings)
    assert "geheim" not in str(settings)


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        load_settings().port = 1


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("postgresql://u@/d?host=%2Ftmp", "postgresql+psycopg://u@/d?host=%2Ftmp"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
    ],
)
def test_sqlalchemy_url_names_the_driver(given, wanted):
    assert sqlalchemy_url(given) == wanted


def test_settings_table_has_a_row_for_every_setting():
    rows = settings_table().splitlines()[2:]
    assert len(rows) == len(Settings.model_fields)
    assert all(row.count("|") == 4 and not row.endswith("|  |") for row in rows)
