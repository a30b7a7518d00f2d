"""The embedded development chain: one ``anvil`` node. No consensus: whatever is shown of it says so.

anvil keeps its chain in memory. Its own state saving is not used: it has lost mined blocks and torn its file on ``kill -9``.
Instead whoever needs a block to last dumps the state (``anvil_dumpState``) and renames it into place, as the anchor service
does before it calls a head final; this supervisor only loads what was dumped. So ``state.json`` is never torn by us; when it
cannot be read all the same, the start stops and says so, because starting an empty chain must be a person's decision.
"""

import gzip
import signal
import time
from collections.abc import Callable
from pathlib import Path

from ledger.adapters.chain.errors import ChainUnavailableError
from ledger.adapters.chain.json_rpc import JsonRpc, read_bytes, read_quantity
from ledger.adapters.embedded.chain_state import without_stray_genesis
from ledger.adapters.embedded.node_binary import anvil_binary
from ledger.adapters.embedded.ports import is_free
from ledger.adapters.embedded.processes import POLL_INTERVAL_S, ChildProcess, end_processes, processes_working_in
from ledger.adapters.files.durable import make_folder, replace_file
from ledger.errors import EmbeddedError

CHAIN_ID = 31337
STATE_FILE = "state.json"
START_TIMEOUT_S = 60.0
NOTICE = "development chain, no consensus"


class EmbeddedAnvil:
    """One node for one folder.

    Args:
        folder: holds ``state.json`` and the node's cache; made when missing.
        port: loopback port; it must be free.
        log_path: the node's log; ``folder/anvil.log`` when not given.
        report: takes one line of progress, for the first fetch of the binary.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        log_path: Path | None = None,
        report: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._folder = folder.absolute()
        self._port = port
        self._log_path = log_path or self._folder / "anvil.log"
        self._report = report
        self._child: ChildProcess | None = None

    @property
    def rpc_url(self) -> str:
        """JSON-RPC over HTTP."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def state_path(self) -> Path:
        """The dumped state, loaded at start when it exists."""
        return self._folder / STATE_FILE

    @property
    def pid(self) -> int | None:
        """Process id of the node, or None when it was not started."""
        return None if self._child is None else self._child.pid

    def is_alive(self) -> bool:
        """Whether the node process runs."""
        return self._child is not None and self._child.is_alive()

    def start(self) -> None:
        """Start the node from the dumped state, if there is one; returns when it answers.

        Raises:
            EmbeddedError: it runs already, the port is taken, the state cannot be read, or there is no binary.
        """
        if self.is_alive():
            raise EmbeddedError("the development chain runs already")
        make_folder(self._folder)
        # a node that a killed run left here works in this folder
        end_processes(processes_working_in(self._folder, "anvil"), signal.SIGTERM, 5.0)
        self._check_state()
        if not is_free("127.0.0.1", self._port):  # otherwise a stranger's chain would answer for ours
            raise EmbeddedError(f"port {self._port}, where the development chain listens, is taken by another program")
        self._child = self._build_child(anvil_binary(self._report))
        self._child.start()
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the node; what was not dumped is gone. No error when it has ended already."""
        if self._child is not None:
            self._child.stop()

    def dump_state(self) -> None:
        """Put the chain's state on disk: on return every block mined before the call survives any crash.

        A crash before the rename leaves the older state.

        Raises:
            ChainUnavailableError: the node does not answer.
        """
        state = gzip.decompress(read_bytes(JsonRpc(self.rpc_url).call("anvil_dumpState")))
        replace_file(self.state_path, state)

    def _build_child(self, binary: Path) -> ChildProcess:
        argv = [str(binary), "--quiet", "--host", "127.0.0.1", "--port", str(self._port)]
        argv += ["--chain-id", str(CHAIN_ID), "--hardfork", "berlin", "--gas-price", "0", "--accounts", "0"]
        # without these two a long life fills the home folder with gigabytes of old states
        argv += ["--prune-history", "64", "--cache-path", str(self._folder / "cache")]
        if self.state_path.exists():
            argv += ["--load-state", str(self.state_path)]
        return ChildProcess(
            "anvil",
            argv,
            folder=self._folder.parent,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self._folder), "LC_ALL": "C.UTF-8"},
            log_path=self._log_path,
            stop_timeout_s=5.0,
            options={"cwd": self._folder},
        )

    def _check_state(self) -> None:
        if not self.state_path.exists():
            return
        try:
            mended = without_stray_genesis(self.state_path.read_bytes())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EmbeddedError(
                f"{self.state_path} cannot be read. Put a copy back; or move it away to begin a new development chain, on which "
                "the contracts are deployed and the newest head is anchored again"
            ) from error
        if mended is not None:
            replace_file(self.state_path, mended)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        reason = ""
        while True:
            try:
                answered = read_quantity(JsonRpc(self.rpc_url).call("eth_chainId"))
                reason = f"another chain answers there, of id {answered}"
            except ChainUnavailableError as error:
                answered, reason = 0, error.detail
            alive = self.is_alive()
            if alive and answered == CHAIN_ID:
                return
            if not alive or time.monotonic() > deadline:
                self.stop()
                said = self._child.log_tail() if self._child is not None else ""
                ended = f"; its process ended with code {self._child.exit_code}" if self._child and not alive else ""
                raise EmbeddedError(
                    f"the development chain did not start on port {self._port}: {said or 'it logged nothing'}"
                    f" ({reason}{ended}; log: {self._log_path})"
                )
            time.sleep(POLL_INTERVAL_S)
