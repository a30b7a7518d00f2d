"""``cityledger read`` and ``cityledger write`` in the place of an HTTP client: what a body asks is a command, its JSON a file."""

import json
import shlex
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from support.walk_through import blocks_of
from typer.testing import CliRunner, Result

from ledger.cli.app import app

BLOCKS = blocks_of("ledger/cli/STEPS.md")


@dataclass
class StepsByCommand:
    """Bodies at their desks: each has the URL of the service and a key of its own, and a folder for files."""

    url: str
    keys: Mapping[str, str]
    folder: Path
    commands: int = 0

    def run(self, who: str, *arguments: str) -> Result:
        environment = {"HOME": str(self.folder), "CITYLEDGER_API_KEY": self.keys[who], "CITYLEDGER_CONNECTION": None}
        self.commands += 1
        with chdir(self.folder):
            return CliRunner().invoke(app, [*arguments, "--api-url", self.url], env=environment)

    def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """As ``HttpLife.ask``: an answer is what the command printed; a refusal fails the test with what it said."""
        if method == "GET":
            done = self.run(who, "read", path)
        else:
            file = self.folder / f"{self.commands}.json"
            file.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
            revision = headers.get("If-Match", "").strip('"')
            done = self.run(who, "write", path, file.name, *(["--revision", revision] if revision else []))
        assert done.exit_code == 0, f"{who} {method} {path}\n{done.output}"
        value = json.loads(done.stdout)
        tag = {"ETag": f'"{value["revision"]}"'} if "revision" in value else {}
        return httpx.Response(200, json=value, headers=tag)

    def walk(self, who: str, block: int, **named: str) -> list[str]:
        """Runs a block of the walk-through; gives what each command printed. A ``>`` writes a file."""
        return [self._line(who, line, named) for line in BLOCKS[block]]

    def _line(self, who: str, line: str, named: Mapping[str, str]) -> str:
        for name, value in named.items():
            line = line.replace(f"${name}", value)
        command, _, file = line.partition(" > ")
        program, *arguments = shlex.split(command)
        assert program == "cityledger"
        done = self.run(who, *arguments)
        assert done.exit_code == 0, f"{line}\n{done.output}"
        if file:
            (self.folder / file).write_bytes(done.stdout_bytes)
        return "" if file else str(done.stdout)
