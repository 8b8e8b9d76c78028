"""A landing folder killed at every step, and watched by two at once."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from producer.kafka.journal import Journal
from producer.landing import file_moves, landing_scan
from tests.unit.producer.landing.port import GOOD, Port
from tests.unit.producer.memory_topic import MemoryPublisher


class Killed(BaseException):
    """The process ends here."""


def killing(real: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        if after:
            real(*arguments, **options)
        raise Killed

    return call


STEPS = [
    (landing_scan, "is_finished"),
    (landing_scan, "stamp"),
    (landing_scan, "move"),
    (landing_scan, "write_whole"),
    (file_moves.Path, "rename"),
    (file_moves, "free_name"),
    (Journal, "put"),
    (Journal, "acknowledge"),
    (Journal, "finish"),
    (MemoryPublisher, "publish"),
    (MemoryPublisher, "close"),
]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{getattr(step[0], '__name__', step[0])}.{step[1]}")
@pytest.mark.parametrize("content", [GOOD, "Day\n1\n"], ids=["good", "refused"])
def test_a_kill_at_any_step_loses_nothing(
    port: Port, monkeypatch: pytest.MonkeyPatch, content: str, step: tuple[Any, str], after: bool
) -> None:
    port.put("x.csv", content)
    (port.folder / "a folder").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(*step, killing(getattr(*step), after=after))
        with suppress(Killed):
            port.scan()
    port.scan()
    if content == GOOD:
        assert sorted(set(port.identities)) == [(port.identities[0][0], 1), (port.identities[0][0], 2)]
        assert (port.names("archive"), port.names("quarantine")) == (["x.csv"], [".notes"])
    else:
        assert port.identities == []
        assert (port.names("archive"), port.names("quarantine")) == ([], [".notes", "x.csv", "x.csv.reason"])
    assert port.names() == []
    assert [note.name for note in port.landing.notes()] == ["a folder"]


def test_two_looks_at_once_send_once(port: Port) -> None:
    for number in range(20):
        port.put(f"{number}.csv", f"Day,Item\n{number},a\n")
    child = os.fork()
    if child == 0:
        os._exit(0 if port.scan() else 1)
    port.scan()
    assert os.waitpid(child, 0)[1] == 0
    assert port.names("archive") == sorted(f"{number}.csv" for number in range(20))
    assert port.names() == []
