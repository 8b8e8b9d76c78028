"""The benchmark of the commands that are typed all day."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench import commands
from millrace.errors import Refused


@pytest.fixture(autouse=True)
def file(monkeypatch: pytest.MonkeyPatch) -> Path:
    """In place of a file of made-up rates, whose rows would be taken out of the lab again."""

    @contextmanager
    def rates_file(rows: int) -> Iterator[Path]:
        yield Path(f"{rows} rates.csv")

    monkeypatch.setattr(commands, "rates_file", rates_file)
    return Path("40 rates.csv")


def test_each_command_is_timed(file: Path) -> None:
    ran: list[Sequence[str]] = []

    def run(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        ran.append(arguments)
        return subprocess.CompletedProcess(arguments, 0, "", "")

    found = commands.measure(None, 0, run)
    assert [(name.figure, name.unit) for name in found] == [
        ("make status", "s"),
        ("make sql", "s"),
        ("make send, 40 rows", "s"),
    ]
    assert [arguments[0] for arguments in ran] == ["status", "sql", "send"]
    assert ran[-1] == ["send", "FEED=insurance_rate", f"FILE={file}"]


def test_a_command_that_fails_is_no_figure() -> None:
    with pytest.raises(Refused, match=r"`make status` failed: .*Kafka is away"):
        commands.measure(None, 0, lambda typed: subprocess.CompletedProcess(typed, 1, "", "✗ Kafka is away.\n"))
