"""What systemd is told while the application goes on."""

import socket
from pathlib import Path

import pytest

from spark.heartbeat import SILENT_SECONDS, tell_systemd


def test_systemd_hears_that_it_may_wait_and_that_we_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        tell_systemd()
        assert systemd.recv(1024) == f"WATCHDOG_USEC={SILENT_SECONDS}000000\nWATCHDOG=1".encode()


def test_without_systemd_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell_systemd()
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    tell_systemd()
