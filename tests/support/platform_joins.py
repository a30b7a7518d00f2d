"""The authorisation platform comes to a city where orders and agreements are on the chain already: it reads all of it, and files its side."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.live_service import LiveService

from ledger.adapters.stop_request import StopRequest
from ledger.cli.platform_beside import platform_beside
from ledger.client.platform import (
    file_platform_agreement,
    get_differences,
    get_platform_act,
    get_platform_status,
)
from ledger.client.runners import Client

WITHIN_S = 120.0


def agree_after_filing(
    service: LiveService, folder: Path, subject_code: str, then: Callable[[], object]
) -> tuple[int, int]:
    """How many orders and agreements it has copies of, once nothing differs any more; ``then`` is called while it still runs.

    What the trading platform filed misses the filing on this side, and nothing else differs: not from the contracts, not in any digest.
    """
    with platform_beside(service.folder, folder, subject_code, StopRequest()) as beside:
        connection = beside.connection
        with (
            Client(connection.platform_url, connection.api_keys["reader"]) as reader,
            Client(connection.platform_url, connection.api_keys["handler"]) as handler,
        ):

            def status() -> Any:
                return reader.run(get_platform_status()).value

            def listed() -> list[Any]:
                return list(reader.each(lambda cursor: get_differences(phase="open", cursor=cursor)))

            _wait(lambda: all(kind["swept_at"] for kind in status()["kinds"]), status)
            assert status()["reads_chain"]
            assert {(one["kind"], one["cause"], one["owner"]) for one in listed()} == {
                ("agreement", "missing_here", "authorisation_platform")
            }
            names = [handler.run(file_platform_agreement(one["object_id"])).value["act_id"] for one in listed()]
            assert {reader.run(get_platform_act(name)).value["state"] for name in names} == {"acknowledged"}
            _wait(lambda: listed() == [], listed)
            copies = {kind["kind"]: kind["copies"] for kind in status()["kinds"]}
            then()
            return copies["order"], copies["agreement"]


def _wait(is_so: Callable[[], bool], shown: Callable[[], Any]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not is_so():
        assert time.monotonic() < deadline, shown()
        time.sleep(0.2)
