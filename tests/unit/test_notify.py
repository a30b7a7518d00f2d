"""What a program says to its supervisor arrives, and nothing is said when nobody listens."""

import socket

import pytest

from ledger.adapters.notify import LEADING, STANDBY, VARIABLE, Listener, notify


def test_listener_hears_the_role_it_waits_for(monkeypatch):
    with Listener() as listener:
        for name, value in listener.environment.items():
            monkeypatch.setenv(name, value)
        assert not listener.has_heard(LEADING, 0)
        notify(STANDBY)
        notify(LEADING)
        assert not listener.has_heard(LEADING, 1)
        assert listener.has_heard(LEADING, 1)


@pytest.mark.parametrize("address", [None, "", "@nobody-listens-here", "/no/such/socket"])
def test_notify_without_a_listener_does_nothing(monkeypatch, address):
    monkeypatch.delenv(VARIABLE, raising=False)
    if address is not None:
        monkeypatch.setenv(VARIABLE, address)
    notify(LEADING)


def test_notify_reaches_a_socket_file_as_systemd_makes_it(monkeypatch, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(tmp_path / "notify"))
        monkeypatch.setenv(VARIABLE, str(tmp_path / "notify"))
        notify(LEADING)
        assert supervisor.recv(100) == b"READY=1\nSTATUS=leading\n"
