"""What `make verify` says of each kind of difference, and its exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import typer

from lab.commands import verify as command
from sql.verify import FACTS, UNREADABLE, Comparison

RIGHT = Comparison("sales", FACTS, 8, 0)


@contextmanager
def nowhere(_settings: object, read_seconds: int) -> Iterator[None]:
    """A connection that nobody asks."""
    yield


@pytest.fixture(autouse=True)
def no_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "settings", lambda: None)
    monkeypatch.setattr(command, "warehouse", nowhere)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Comparison("parcel", FACTS, 7, 2), "parcel: the table and the ledger differ by 2 records; see docs/exactly-"),
        (Comparison("parcel", "parcel_by_day", 7, 2), "parcel: parcel_by_day is not the sum of its facts in 2 rows; "),
        (
            Comparison("parcel", UNREADABLE, 0, 1),
            "parcel: this release cannot read the contract that its tables were made from, so nothing of it was"
            " compared; `make up` brings the tables to the contract that is there.",
        ),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_what_is_wrong_is_said_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], wrong: Comparison, words: str, as_json: bool
) -> None:
    monkeypatch.setattr(command, "compare", lambda _connection: [RIGHT, wrong])
    with pytest.raises(typer.Exit) as ended:
        command.verify(as_json)
    assert ended.value.exit_code == 1
    said = capsys.readouterr()
    assert words in " ".join(said.err.split())
    assert "Every rollup is the sum" not in said.out


def test_nothing_is_wrong(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "compare", lambda _connection: [RIGHT])
    command.verify()
    said = capsys.readouterr()
    assert "Every rollup is the sum of its facts" in said.out
    assert said.err == ""
