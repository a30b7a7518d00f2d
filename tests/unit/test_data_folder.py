"""The data folder and the port of ``cityledger up``: what is refused, in words that say what it is about."""

import itertools
import os
import shutil
import signal
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ledger.adapters.embedded import ports as ports_module
from ledger.adapters.embedded.installation import INSTALLATION_FILE, LOCK_FILE, load_or_create_installation, locked
from ledger.adapters.embedded.ports import check_listenable, free_port
from ledger.cli.app import app
from ledger.cli.serving import SIGNALS
from ledger.errors import SettingsError


def up(*arguments: object) -> Result:
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        return CliRunner().invoke(app, ["up", *map(str, arguments)])
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def content(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_data_folder_with_an_empty_name_is_refused_and_not_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("", "  "):
        done = up("--data-dir", name, "--port", 0)
        assert (done.exit_code, "data folder's name is empty" in done.output) == (4, True), done.output
    assert content(tmp_path) == []


def test_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        done = up("--data-dir", path, "--port", 0)
        assert done.exit_code == 4
        assert f"the data folder {path} cannot be made, a file is in its place" in done.output
    assert (tmp_path / "file").read_text() == "mine"


def test_data_folder_that_holds_things_of_others_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"mine")
    (tmp_path / "logs").mkdir()
    before = content(tmp_path)
    done = up("--data-dir", tmp_path, "--port", 0)
    assert done.exit_code == 4
    assert "holds 'holiday.jpg' and no installation.json" in done.output
    assert content(tmp_path) == before


def test_data_folder_that_cannot_be_written_is_refused_by_name() -> None:
    folder = Path("/proc/cityledger-data")  # not even root makes a folder there
    done = up("--data-dir", folder, "--port", 0)
    assert done.exit_code == 4
    assert f"error: the data folder {folder} cannot be used (" in done.output


@pytest.mark.parametrize("left", [[], [LOCK_FILE], ["lost+found"], [LOCK_FILE, f".{INSTALLATION_FILE}.0123.tmp"]])
def test_data_folder_of_a_first_start_that_was_killed_is_taken(left: list[str], tmp_path: Path) -> None:
    for name in left:
        (tmp_path / name).touch()
    with locked(tmp_path) as folder:
        made = load_or_create_installation(folder.path)
    with locked(tmp_path) as folder:
        assert load_or_create_installation(folder.path) == made


def test_data_folder_in_place_is_told_from_one_removed_or_replaced(tmp_path: Path) -> None:
    path = tmp_path / "data"
    with locked(path) as folder:
        folder.check_in_place()
        path.rename(tmp_path / "elsewhere")
        with pytest.raises(SettingsError, match="removed, moved or replaced"):
            folder.check_in_place()
        path.mkdir()
        (path / LOCK_FILE).touch()
        with pytest.raises(SettingsError, match="removed, moved or replaced"):
            folder.check_in_place()
        shutil.rmtree(path)
        (tmp_path / "elsewhere").rename(path)
        folder.check_in_place()


def test_port_that_is_free_is_no_error() -> None:
    check_listenable("127.0.0.1", free_port())


def test_free_ports_differ_and_are_none_that_an_outgoing_connection_may_get() -> None:
    outgoing_from = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    if outgoing_from > 21_000:  # else there is no room below
        assert max(ports) < outgoing_from


def test_free_port_passes_over_one_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports_module, "_offers", itertools.count(7))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
        listener.listen()
        monkeypatch.setattr(ports_module, "_offers", itertools.count(7))
        assert free_port() != listener.getsockname()[1]


def test_port_that_is_taken_is_named() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(SettingsError, match=f"port {port} on 127.0.0.1 is taken"):
            check_listenable("127.0.0.1", port)


def test_low_port_of_an_ordinary_user_needs_privileges() -> None:
    first_free = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if first_free <= 80:
        pytest.skip("this machine lets everybody listen on port 80")
    child = os.fork()  # an identity that was given up does not come back, and this interpreter may be closed to others
    if child == 0:
        answer = 2
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setuid(65534)
            check_listenable("127.0.0.1", 80)
        except SettingsError as error:
            answer = 0 if "port 80 on 127.0.0.1 needs privileges" in error.detail else 1
        finally:
            os._exit(answer)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_address_of_another_machine_is_no_taken_port() -> None:
    with pytest.raises(SettingsError, match="nothing can listen on port 8080"):
        check_listenable("192.0.2.1", 8080)
