"""One authorisation platform served until Ctrl-C."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.adapters.stop_request import StopRequest
from ledger.cli.console import output
from ledger.cli.passwords import read_secret
from ledger.cli.serving import CHECK_INTERVAL_S, StoppedError, check_stopped, say, stop_on_signals
from ledger.client.connection import API_KEY_VARIABLE
from ledger.errors import SettingsError


@dataclass(frozen=True, slots=True)
class PlatformOptions:
    """The options of ``cityledger platform run``."""

    data_dir: str
    peer: str
    body: str | None
    peer_key_file: Path | None
    rpc: str | None
    contracts: Path | None
    host: str
    port: int


def run_platform(options: PlatformOptions) -> None:
    """Starts everything in a folder and looks after it until the person asks to stop.

    Raises:
        LedgerError: folder, port or key cannot be used, or a part cannot be started or ends again and again.
    """
    from ledger.adapters.embedded.installation import locked  # noqa: PLC0415 - needs the extra `server`
    from ledger.adapters.embedded.platform import (  # noqa: PLC0415 - needs the extra `server`
        PLATFORM_FILE,
        EmbeddedPlatform,
        PlatformWish,
    )
    from ledger.adapters.embedded.ports import check_listenable, free_port  # noqa: PLC0415 - needs the extra `server`

    if not options.data_dir.strip():
        raise SettingsError("the data folder's name is empty: name a folder with --data-dir")
    stop = stop_on_signals()
    if options.port != 0:
        check_listenable(options.host, options.port)
    wish = PlatformWish(
        options.body,
        options.peer.rstrip("/"),
        _peer_key(options),
        options.host,
        options.port or free_port(),
        _chain(options),
    )
    with locked(Path(options.data_dir), PLATFORM_FILE) as folder:
        platform = EmbeddedPlatform(folder.path, wish, say)
        try:
            value = platform.start(lambda: check_stopped(stop))
            _show(folder.path, value, wish.peer_url)
            _serve(platform, folder, stop)
        except StoppedError:
            pass
        finally:
            say("stopping ...")
            platform.stop()
    say("stopped; start it again with the same --data-dir to go on")


def _serve(platform: Any, folder: Any, stop: StopRequest) -> None:
    while not stop.wait(CHECK_INTERVAL_S):
        folder.check_in_place()
        platform.check()


def _peer_key(options: PlatformOptions) -> str | None:
    if options.peer_key_file is not None:
        return read_secret(options.peer_key_file, "the API key at the trading platform")
    return os.environ.get(API_KEY_VARIABLE) or None


def _chain(options: PlatformOptions) -> dict[str, Any]:
    if (options.rpc is None) != (options.contracts is None):
        raise SettingsError("--rpc and --contracts go together")
    return {} if options.rpc is None else {"rpc_url": options.rpc, "contracts_manifest": options.contracts}


def _show(folder: Path, value: dict[str, Any], peer_url: str) -> None:
    rows = {
        "API": f"{value['platform_url']}  (described by {value['platform_url']}/openapi.json)",
        "body": value["subject_code"],
        "follows": peer_url,
        "token key": value["token_key"],
        "keys, addresses": folder / "connection.json",
        "program logs": folder / "logs",
    }
    console = output()
    console.print("\nThe authorisation platform runs.")
    for name, said in rows.items():
        console.print(f"  {name:<16}{said}", markup=False)
    console.print("Ctrl-C stops it.")
