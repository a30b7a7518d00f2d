"""Runs the service's programs as children: the command line imports neither ``api`` nor ``anchor``."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from types import FrameType
from typing import Any

from ledger.client.connection import Connection
from ledger.errors import SettingsError

SERVICE_VARIABLES = {
    "CITYLEDGER_DATA_DIR",
    "CITYLEDGER_DATABASE_URL",
    "CITYLEDGER_RPC_URL",
    "CITYLEDGER_CHAIN_ID",
    "CITYLEDGER_EVIDENCE_LOG",
    "CITYLEDGER_COUNCIL",
    "CITYLEDGER_ORIGIN",
}
"""What says which service a program works on."""


def require_server_parts() -> None:
    """Checks that the packages of the extra ``server`` are installed.

    Raises:
        SettingsError: they are not.
    """
    if find_spec("sqlalchemy") is None or find_spec("pydantic_settings") is None:
        raise SettingsError("this command works on the operator's machine and needs: pip install 'cityledger[server]'")


def environment_of(service: Connection) -> dict[str, str]:
    """The environment for a child that works on the service of a connection file; variables that are set already win."""
    if service.path is None or service.database_url is None:
        raise SettingsError(
            "this command works on the operator's machine and needs a connection file (--connection FILE)"
        )
    facts = json.loads(service.path.read_bytes())
    contracts = facts.get("contracts", {})
    values = {
        "CITYLEDGER_DATA_DIR": str(service.path.parent.absolute()),
        "CITYLEDGER_DATABASE_URL": service.database_url,
        "CITYLEDGER_RPC_URL": service.rpc_url,
        "CITYLEDGER_CHAIN_ID": None if service.chain_id is None else str(service.chain_id),
        "CITYLEDGER_EVIDENCE_LOG": contracts.get("EvidenceLog"),
        "CITYLEDGER_COUNCIL": contracts.get("Council"),
        "CITYLEDGER_ORIGIN": service.log.get("origin"),
    }
    assert set(values) == SERVICE_VARIABLES
    return {**{name: value for name, value in values.items() if value is not None}, **os.environ}


class Child:
    """``python -m MODULE ARGUMENTS`` in a session of its own, so that Ctrl-C reaches it once, through us."""

    def __init__(self, module: str, arguments: list[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
            [sys.executable, "-P", "-m", module, *arguments],  # -P: no module of the working folder
            env=dict(environment),
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.interrupted = False

    def lines(self) -> Iterator[dict[str, Any] | str]:
        """Its standard output line by line: JSON objects parsed, anything else as text. Ctrl-C is passed on once."""
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            assert self._process.stdout is not None
            for raw in self._process.stdout:
                yield _line(raw)
        finally:
            signal.signal(signal.SIGINT, before)

    def exit_code(self) -> int:
        """Waits for its end; a child ended by a signal gives 128 plus the signal's number, as a shell does."""
        code = self._process.wait()
        return code if code >= 0 else 128 - code

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        self.interrupted = True
        self._process.send_signal(signal.SIGINT)


def _line(raw: bytes) -> dict[str, Any] | str:
    text = raw.decode(errors="replace").rstrip("\r\n")
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict) else text
