"""What only reads leaves nothing behind; and being stopped is no defect to trace."""

import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from ledger.adapters.files.journal import FileCheckpointJournal
from ledger.adapters.files.keyring import FileKeyring
from ledger.adapters.files.keys import load_or_create_keys
from ledger.adapters.settings import Settings

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_keyring_that_seals_nothing_makes_no_folder(tmp_path: Path) -> None:
    keyring = FileKeyring(tmp_path / "data" / "keyring", os.urandom)
    assert not keyring.holds(202611)
    assert list(tmp_path.iterdir()) == []
    keyring.seal(bytes(32), NOW, b"body")
    assert keyring.holds(202611)


def test_journal_that_is_only_read_is_not_made(tmp_path: Path) -> None:
    journal = FileCheckpointJournal(tmp_path / "journal" / "checkpoints.jsonl")
    assert (journal.last(), journal.notes()) == (None, [])
    assert list(tmp_path.iterdir()) == []
    journal.record(None, "one\n")
    assert journal.last() == "one\n"


# A shell without job control starts what runs in the background, these tests too, with SIGINT ignored.
INTERRUPTIBLE = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("anchor", run_name="__main__", alter_sys=True)
"""


def test_fsck_stopped_by_ctrl_c_says_one_line_and_has_made_nothing(tmp_path: Path) -> None:
    load_or_create_keys(tmp_path / "keys")
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CITYLEDGER_")}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = Settings(
            data_dir=tmp_path,
            database_url=f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none",
            evidence_log="0x" + "ab" * 20,
            council="0x" + "cd" * 20,
            origin="a.example/2026",
        )
        command = [sys.executable, "-c", INTERRUPTIBLE, "fsck", "--no-chain"]
        environment = {**bare, **settings.environment()}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            silent.settimeout(60)
            with silent.accept()[0]:
                process.send_signal(signal.SIGINT)
                _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "stopped\n")
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]
