"""``cityledger up`` in one folder, and whoever pulls the plug: of everything at once, or of one of its processes."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from support.live_service import COMMAND, READY_LINE, environment_without_settings

from ledger.adapters.embedded.ports import free_port
from ledger.adapters.embedded.processes import processes_marked, processes_working_in


class Operator:
    """Starts ``cityledger up`` in one folder, and pulls the plug."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[str] | None = None
        self._ready = threading.Event()
        self.lines: list[str] = []

    def start(self) -> None:
        ready = self._ready = threading.Event()  # of this run: one that was killed ends a moment later
        self._process = subprocess.Popen(
            [*COMMAND, "up", "--data-dir", str(self.folder), "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment_without_settings(),
            start_new_session=True,
        )
        threading.Thread(target=self._read, args=(self._process, ready), daemon=True).start()

    def wait_until_ready(self) -> None:
        assert self._ready.wait(120), self.lines[-20:]
        assert self._process is not None
        assert self._process.poll() is None, self.lines[-20:]

    def pull_the_plug(self) -> int:
        """SIGKILL to the supervisor first, so that it restarts nothing, then to all it started; how many there were."""
        assert self._process is not None
        self._process.kill()
        killed = 0
        while pids := self.running():
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                killed += 1
            time.sleep(0.01)
        self._process.wait()
        return killed

    def kill(self, part: str) -> int:
        """SIGKILL to ``api``, ``anchor`` or ``anvil``; the supervisor starts it again. How many processes there were."""
        return send(self.folder, part, signal.SIGKILL)

    def freeze(self, part: str) -> int:
        """As ``kill``, but it only stands still, until it is killed."""
        return send(self.folder, part, signal.SIGSTOP)

    def running(self) -> list[int]:
        found = processes_marked(self.folder)
        return found + processes_working_in(self.folder / "postgres" / "data", "postgres")

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(90)

    def _read(self, process: "subprocess.Popen[str]", ready: threading.Event) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self.lines.append(line.rstrip("\n"))
                if READY_LINE in line:
                    ready.set()
        ready.set()  # ended: whoever waits looks


def send(folder: Path, part: str, what: signal.Signals) -> int:
    """A signal to ``api``, ``api.platform``, ``anchor`` or ``anvil`` of a data folder; how many processes there were."""
    sent = 0
    for pid in processes_marked(folder):
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if part.encode() in (Path(arguments[0].decode()).name.encode(), *arguments):
                os.kill(pid, what)
                sent += 1
        except (FileNotFoundError, ProcessLookupError):
            continue
    return sent
