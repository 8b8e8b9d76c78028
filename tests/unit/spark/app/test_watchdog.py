"""What systemd is told while the application goes on, and what is told of services that come and go."""

import socket
from pathlib import Path

import pytest

from spark.app import watchdog
from spark.app.stream import change_of
from spark.app.watchdog import SILENT_SECONDS, Outage, Pulse, notify_systemd


def test_systemd_hears_that_it_may_wait_and_that_we_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        notify_systemd()
        assert systemd.recv(1024) == f"WATCHDOG_USEC={SILENT_SECONDS}000000\nWATCHDOG=1".encode()


def test_without_systemd_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr(watchdog.socket, "socket", lambda *arguments: opened.append(arguments))
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify_systemd()
    assert opened == []


def test_where_systemd_does_not_listen_the_application_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = tmp_path / "nobody"
    monkeypatch.setenv("NOTIFY_SOCKET", str(address))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end, pytest.raises(OSError):
        end.sendto(b"", str(address))
    notify_systemd()  # meets the same error, and says nothing
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


def test_an_outage_is_told_when_it_begins_and_when_it_ends() -> None:
    clock = iter([10.0, 25.0])
    outage = Outage(lambda: next(clock))
    assert outage.ends() is None
    assert [outage.begins(), outage.begins()] == [True, False]
    assert outage.ends() == 15.0
    assert outage.ends() is None


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        ({"driver:1"}, {"driver:1"}, ""),
        ({"driver:1"}, {"driver:1", "spark:2"}, "Executors: new spark:2."),
        ({"driver:1", "spark:2"}, {"driver:1"}, "Executors: lost spark:2."),
        ({"driver:1", "spark:2"}, {"driver:1", "spark:3"}, "Executors: lost spark:2, new spark:3."),
    ],
)
def test_a_change_of_executors_is_one_sentence(before: set[str], now: set[str], sentence: str) -> None:
    assert change_of(frozenset(before), frozenset(now)) == sentence
