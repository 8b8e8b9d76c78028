"""What systemd is told while the application goes on."""

import socket
from pathlib import Path

import pytest

from spark.app import heartbeat
from spark.app.heartbeat import SILENT_SECONDS, Pulse, tell_systemd


def test_systemd_hears_that_it_may_wait_and_that_we_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        tell_systemd()
        assert systemd.recv(1024) == f"WATCHDOG_USEC={SILENT_SECONDS}000000\nWATCHDOG=1".encode()


def test_without_systemd_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr(heartbeat.socket, "socket", lambda *arguments: opened.append(arguments))
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell_systemd()
    assert opened == []


def test_where_systemd_does_not_listen_the_application_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = tmp_path / "nobody"
    monkeypatch.setenv("NOTIFY_SOCKET", str(address))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end, pytest.raises(OSError):
        end.sendto(b"", str(address))
    tell_systemd()  # meets the same error, and says nothing
    assert not address.exists()


def test_a_thread_is_lost_when_it_has_been_silent_for_too_long() -> None:
    now = 0.0
    pulse = Pulse(lambda: now)
    now = float(SILENT_SECONDS)
    assert not pulse.is_lost()
    now += 1
    assert pulse.is_lost()
    pulse.beat()
    assert not pulse.is_lost()
