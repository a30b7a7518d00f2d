"""PostgreSQL for root where user namespaces are forbidden, and for users without a name. For real: it takes root to try it.

The forbidding is the kernel's: a user namespace that maps everybody to themselves, in which no further one may be made.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.embedded.privileges import unprivileged_identity
from ledger.errors import EmbeddedError

HAS_NAMESPACES = subprocess.run(["unshare", "--user", "true"], check=False, capture_output=True).returncode == 0
needs_namespaces = pytest.mark.skipif(not HAS_NAMESPACES, reason="needs user namespaces, which this machine forbids")
NOBODY = 65534
NAMELESS = 54321
TRAP = """read go; exec sh -c 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"' sh "$@" """
PROGRAM = """
import sys
from pathlib import Path
import psycopg
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.errors import EmbeddedError
server = EmbeddedPostgres(Path(sys.argv[1]))
try:
    server.start()
except EmbeddedError as error:
    sys.exit(error.detail)
owner = Path(f"/proc/{server.pid}").stat().st_uid
with psycopg.connect(server.url) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS starts (number integer)")
    connection.execute("INSERT INTO starts VALUES (1)")
    print(owner, connection.execute("SELECT count(*) FROM starts").fetchone()[0])
server.stop()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder of root alone, below one that everybody may enter."""
    if os.geteuid() != 0:
        pytest.skip("needs root: an ordinary user's PostgreSQL changes no identity")
    program = Path(sys.prefix)
    if any(not parent.stat().st_mode & 0o001 for parent in (program, *program.parents)):
        pytest.skip(f"needs an installation that other users may enter, and {program} is none")
    with tempfile.TemporaryDirectory(prefix="cityledger-") as name:
        Path(name).chmod(0o755)
        data = Path(name) / "data"
        data.mkdir(mode=0o700)
        yield data


def run_without_namespaces(*arguments: object) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    if not HAS_NAMESPACES:
        return subprocess.run(program, capture_output=True, text=True, check=False, timeout=120)
    own = Path("/proc/self/ns/user").readlink()
    command = ["unshare", "--user", "--", "sh", "-c", TRAP, "sh", *program]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 10
    while Path(f"/proc/{process.pid}/ns/user").readlink() == own:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    for name in ("uid_map", "gid_map"):
        Path(f"/proc/{process.pid}/{name}").write_text("0 0 65536\n")
    out, err = process.communicate("go\n", timeout=120)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def as_user(user_id: int, act: Callable[[], None]) -> int:
    """Runs ``act`` in a child with this identity, which does not come back; 0 when it did not raise."""
    child = os.fork()
    if child == 0:
        answer = 1
        try:
            os.setgroups([])
            os.setgid(user_id)
            os.setuid(user_id)
            act()
            answer = 0
        finally:
            os._exit(answer)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_root_without_namespaces_runs_it_as_nobody_in_a_folder_of_its_own(folder: Path) -> None:
    first = run_without_namespaces(folder / "postgres")
    assert (first.stdout, first.stderr) == (f"{NOBODY} 1\n", "")
    again = run_without_namespaces(folder / "postgres")
    assert (again.stdout, again.stderr) == (f"{NOBODY} 2\n", "")
    facts = folder.stat()
    assert (facts.st_uid, facts.st_mode & 0o777) == (0, 0o710)  # nobody may pass through, and neither list nor write
    assert (folder / "postgres" / "data").stat().st_uid == NOBODY


def test_root_without_namespaces_opens_no_folder_that_is_not_ours(folder: Path) -> None:
    above = folder.parent
    above.chmod(0o700)
    done = run_without_namespaces(folder / "postgres")
    assert done.returncode == 1
    assert f"the user nobody may not enter {above}, as it must" in done.stderr
    assert done.stderr.count("\n") == 1
    assert above.stat().st_mode & 0o777 == 0o700


@needs_namespaces
def test_root_whose_files_were_made_in_a_namespace_is_told_to_give_them_away(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    server.stop()
    assert (folder / "postgres" / "data").stat().st_uid == 0
    refused = run_without_namespaces(folder / "postgres")
    assert refused.returncode == 1
    assert f"chown -R nobody: {folder / 'postgres'}" in refused.stderr
    for path in (folder / "postgres", *(folder / "postgres").rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    given = run_without_namespaces(folder / "postgres")
    assert (given.stdout, given.stderr) == (f"{NOBODY} 1\n", "")


@needs_namespaces
def test_user_without_a_name_runs_it_too(folder: Path) -> None:
    os.chown(folder, NAMELESS, NAMELESS)

    def start_and_ask() -> None:
        server = EmbeddedPostgres(folder / "postgres")
        server.start()
        with psycopg.connect(server.url) as connection:
            connection.execute("SELECT 1")
        server.stop()

    assert as_user(NAMELESS, start_and_ask) == 0
    assert (folder / "postgres" / "data").stat().st_uid == NAMELESS


def test_user_without_a_name_and_without_namespaces_is_told_what_is_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.adapters.embedded.privileges._namespace_prefix", lambda: ())

    def ask() -> None:
        with pytest.raises(EmbeddedError, match="has no entry in /etc/passwd"):
            unprivileged_identity(folder, Path(sys.executable))

    assert as_user(NAMELESS, ask) == 0
