"""An authorisation platform beside a service of this machine: what the demo starts, and anybody who wants to see both."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.adapters.stop_request import StopRequest
from ledger.cli.serving import check_stopped, say
from ledger.client.connection import read_connection
from ledger.client.platform import PlatformConnection

ROLE = "authorisation_platform"


@dataclass(frozen=True)
class PlatformBeside:
    """The running platform.

    Args:
        connection: where it is.
        token_key: public SM2 key of its usage tokens, hex; to be put on its body's file at the service.
        look: restarts what ended by itself; call it often.
    """

    connection: PlatformConnection
    token_key: str
    look: Any


@contextmanager
def platform_beside(
    service_folder: Path, folder: Path, subject_code: str, stop: StopRequest
) -> Iterator[PlatformBeside]:
    """Runs a platform over the block, with the key that the service's folder has for its role, and with the service's chain.

    Args:
        service_folder: data folder of the running service.
        folder: of the platform: new, empty or its own.
        subject_code: of the body that runs it.
        stop: ends the start early.

    Raises:
        LedgerError: a folder or a port cannot be used, or a part cannot be started.
    """
    from ledger.adapters.embedded.installation import locked  # noqa: PLC0415 - needs the extra `server`
    from ledger.adapters.embedded.platform import (  # noqa: PLC0415 - needs the extra `server`
        PLATFORM_FILE,
        EmbeddedPlatform,
        PlatformWish,
    )
    from ledger.adapters.embedded.ports import free_port  # noqa: PLC0415 - needs the extra `server`
    from ledger.adapters.embedded.suite import manifest_path  # noqa: PLC0415 - needs the extra `server`

    service = read_connection(service_folder / "connection.json")
    chain = {"rpc_url": service.rpc_url, "contracts_manifest": manifest_path(service_folder)}
    key = service.api_key(ROLE)
    wish = PlatformWish(subject_code, service.api_url, key, "127.0.0.1", free_port(), chain)
    with locked(folder, PLATFORM_FILE) as own:
        platform = EmbeddedPlatform(own.path, wish, say)
        try:
            value = platform.start(lambda: check_stopped(stop))
            found = PlatformConnection(str(value["platform_url"]), dict(value["api_keys"]))
            yield PlatformBeside(found, str(value["token_key"]), platform.check)
        finally:
            platform.stop()
