"""An outsider for tests of the monitor: what it looks at, and a site that serves a log's folder and may refuse a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from support.anchor_rig import FakeRig, Rig

from anchor.monitor import Monitor
from anchor.monitor_alarm import Alarm
from anchor.monitor_state import MonitorState
from ledger.errors import UnavailableError
from ledger.log.trust import TrustedChain, TrustedLog, TrustFile
from ledger.log.typed_data import keccak256


class Outsider:
    """A monitor that looks at the files of a rig.

    ``served`` answers a path with other bytes; ``refusals`` names (error or bytes, how many answers are good first).
    """

    def __init__(self, rig: FakeRig) -> None:
        self.rig = rig
        self.identity = rig.log.preparer.identity
        self.now_s = 1_000.0
        self.served: dict[str, bytes] = {}
        self.refusals: dict[str, tuple[Exception | bytes, int]] = {}
        self.trusted = TrustedChain(31337, self.identity.evidence_log, keccak256(b"code"), rig.chain.genesis_hash())
        self.monitor = Monitor(self.identity, self.trusted, self.fetch, chain=rig.chain, stale_after_s=600)

    def fetch(self, path: str) -> bytes:
        if path in self.served:
            return self.served[path]
        if path in self.refusals:
            answer, good = self.refusals[path]
            self.refusals[path] = (answer, good - 1)
            if good <= 0 and isinstance(answer, bytes):
                return answer
            if good <= 0 and isinstance(answer, Exception):
                raise answer
        if path == "checkpoint":
            note = self.rig.tiles.read_checkpoint()
            if note is None:
                raise UnavailableError("none yet")
            return note.encode()
        return self.rig.tiles.read(path)

    def alarms_from(self, state: MonitorState) -> tuple[MonitorState, list[Alarm]]:
        return self.monitor.look(state, self.now_s)

    def where(self) -> dict[str, Any]:
        """What every alarm of the chain says of where to ask."""
        chain = self.rig.chain
        block_hash = chain.block_hash_at(chain.block_number())
        assert block_hash is not None
        return {
            "chain_id": 31337,
            "evidence_log": "0x" + self.identity.evidence_log.hex(),
            "log_id": self.identity.log_id.hex(),
            "block_number": chain.block_number(),
            "block_hash": "0x" + block_hash.hex(),
        }


def write_trust(path: Path, rig: Rig, trusted: TrustedChain) -> Path:
    """A trust file that names the rig's log."""
    receipt_key = rig.log.keys.receipt.public_key().public_bytes_raw()
    path.write_bytes(TrustFile(trusted, (TrustedLog(rig.log.preparer.identity, receipt_key),)).encode())
    return path


@dataclass
class Site:
    """A folder over HTTP; answers the path ``refused`` with 503."""

    url: str = ""
    refused: str = ""


@contextmanager
def site_of(folder: Path) -> Iterator[Site]:
    site = Site()

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == site.refused:
                self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
            else:
                super().do_GET()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        site.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
