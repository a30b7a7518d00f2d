"""The walk-through of ``ledger/cli/SIGNING.md``, command by command, on a handler's desk."""

import contextlib
import json
import shlex
from dataclasses import dataclass
from pathlib import Path

from support.walk_through import blocks_of
from typer.testing import CliRunner

from ledger.cli.app import app

BLOCKS = blocks_of("ledger/cli/SIGNING.md")
PASSWORDS = {"password.txt": "correct horse battery\n", "other-password.txt": "staple correct horse\n"}


@dataclass
class SigningDesk:
    """A folder with the passwords, the manifest and the raw key of a body; its home folder is there too."""

    folder: Path
    connection: Path

    def prepare(self, raw_key: bytes, manifest: bytes) -> None:
        self.folder.mkdir()
        for name, text in {**PASSWORDS, "bank.key": raw_key.hex()}.items():
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o600)
        (self.folder / "manifest.json").write_bytes(manifest)

    def run(self, block: int, act_id: str = "") -> str:
        """Runs one block of the walk-through; gives what it said."""
        return "".join(self._one(command.replace("$ACT", act_id)) for command in BLOCKS[block])

    def repeat_last(self, block: int, act_id: str) -> None:
        """The last command of a block once more: a signature that is sent again changes nothing."""
        self._one(BLOCKS[block][-1].replace("$ACT", act_id))

    def public_key(self, name: str) -> str:
        """Address or SM2 public key, as the tool tells it."""
        return str(json.loads(self._one(f"cityledger sign keys show {name} --json"))["public"])

    def _one(self, command: str) -> str:
        program, *arguments = shlex.split(command)
        assert program == "cityledger"
        environment = {"HOME": str(self.folder), "CITYLEDGER_CONNECTION": str(self.connection)}
        with contextlib.chdir(self.folder):
            done = CliRunner().invoke(app, arguments, env={**environment, "CITYLEDGER_API_KEY": None})
        assert done.exit_code == 0, f"{command}\n{done.output}"
        return str(done.output)

    def has_no_half_file(self) -> bool:
        keys = self.folder / ".cityledger-keys"
        hidden = [path for path in self.folder.rglob(".*") if path != keys]
        return not hidden and all(path.stat().st_mode & 0o077 == 0 for path in keys.iterdir())
