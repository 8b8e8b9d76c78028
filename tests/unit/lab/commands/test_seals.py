"""That records must be sealed is said once, and not while a producer of an older release may still send."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from lab.commands import seals as command
from millrace.errors import Refused
from sql.seals import Ends

ENDS = {"one": {0: 5}}


class Lab:
    """What the command asks and says, in memory."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.said: Ends | None = None
        self.older: list[int] = []
        patch.setattr(command, "warehouse", self.connection)
        patch.setattr(command, "as_producer", self.connection)
        patch.setattr(command, "required_since", lambda _: None if self.said is None else datetime(2026, 1, 1))
        patch.setattr(command, "older_producers", lambda: self.older)
        patch.setattr(command, "topic_ends", lambda _: ENDS)
        patch.setattr(command, "require", self.require)

    @contextmanager
    def connection(self, _settings: object) -> Iterator[None]:
        yield

    def require(self, _connection: object, ends: Ends) -> None:
        assert self.said is None
        self.said = ends


def test_it_is_said_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lab = Lab(monkeypatch)
    for _ in range(2):
        command.seals()
    assert lab.said == ENDS
    assert capsys.readouterr().out == "Records must be sealed.\n" * 2


def test_it_is_not_said_while_an_older_producer_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab(monkeypatch)
    lab.older = [7, 11]
    with pytest.raises(
        Refused, match=r"^Processes of an older release may still send \(numbers 7, 11\): end them, or "
    ):
        command.seals()
    assert lab.said is None
