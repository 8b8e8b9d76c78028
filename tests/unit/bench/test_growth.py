"""Growing the table: to which sizes, what is measured at each, and that wrong counts are told."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("playwright", reason="there is no browser here")

from bench import growth
from bench.report.figures import Options, WrongCount
from drills.memory import Sample
from instruments.tools import Sum
from millrace.errors import Refused

pytestmark = pytest.mark.host
TAKEN = {"driver": 3e6, "driver's Python": 1e6, "executors": 4e6, "tasks' Python": 2e6, "mysqld": 5e6}
SAMPLES = [Sample(kind, kind, 0, 0, size) for kind, size in TAKEN.items()]


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows of every file that was sent; the table has 150,000 before."""
    rows: list[int] = []

    @contextmanager
    def rates_file(count: int) -> Iterator[Path]:
        rows.append(count)
        yield Path(str(count))

    monkeypatch.setattr(growth, "quiet", nullcontext)
    monkeypatch.setattr(growth, "settings", lambda: SimpleNamespace(kafka_account=None))
    monkeypatch.setattr(growth, "Broker", lambda _account: SimpleNamespace(close=lambda: None))
    monkeypatch.setattr(growth, "wait_until_read", lambda _broker: rows.clear())
    monkeypatch.setattr(growth, "rates_file", rates_file)
    monkeypatch.setattr(growth, "sent", lambda file: Sum(int(str(file)), int(str(file)), 0, 0, 0))
    monkeypatch.setattr(growth, "one", lambda query: 150_000 + sum(rows) if query == growth.ROWS else 12.5)
    monkeypatch.setattr(growth, "asked", lambda _query, _file: 4.0)
    monkeypatch.setattr(growth.processor_time, "of_machines", dict)
    spent = lambda _before: {"kafka": 1.0, "spark": 2.0, "mysql": float(len(rows))}  # noqa: E731
    monkeypatch.setattr(growth.processor_time, "since", spent)
    monkeypatch.setattr(growth, "take_samples", lambda _at: SAMPLES)
    monkeypatch.setattr(growth, "charts", dict)
    return rows


def test_it_grows_to_each_size_and_measures_there(sizes: list[int]) -> None:
    found = {name.figure: value for name, value in growth.measure(Options(rows=1_000_000), 0).items()}
    assert sizes == [100_000, 750_000, 100_000]
    assert (found["100,000 rows: cost"], found["1,000,000 rows: cost"]) == (4.0, 6.0)
    assert found["1,000,000 rows: cost / 100,000 rows: cost"] == 1.5
    assert (found["100,000 rows: rows before"], found["1,000,000 rows: rows before"]) == (250_000, 1_100_000)
    assert found["1,000,000 rows: from send to MySQL"] == 25_000
    assert found["100,000 rows: tables and rollups"] == 12.5
    assert found["100,000 rows: memory of streaming application"] == 10.0
    assert found["100,000 rows: memory of mysqld"] == 5.0


def test_a_row_that_is_not_new_is_a_wrong_count(sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "sent", lambda _file: Sum(100_000, 99_999, 0, 1, 0))
    with pytest.raises(WrongCount, match="Of 100,000 rows"):
        growth.measure(Options(rows=1), 0)


@pytest.mark.parametrize("unseen", growth.APPLICATION)
def test_a_part_of_the_application_that_was_not_seen_is_no_small_memory(
    unseen: str, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "take_samples", lambda _at: [one for one in SAMPLES if one.kind != unseen])
    found = {name.figure: value for name, value in growth.measure(Options(rows=1), 0).items()}
    assert str(found["100,000 rows: memory of streaming application"]) == f"Without its {unseen} it is not known."
    assert found["100,000 rows: memory of mysqld"] == 5
    assert sizes


@pytest.mark.parametrize("failed", [Refused("There is no browser."), AssertionError("Rates draws\nsomething")])
def test_what_loads_cost_is_told_where_no_dashboard_opens(failed: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened_site(_lab: object) -> Iterator[None]:
        raise failed
        yield

    monkeypatch.setattr(growth, "opened_site", opened_site)
    assert {name.figure: str(why).removeprefix("It did not open: ") for name, why in growth.charts().items()} == {
        "insurance, from the list": str(failed).splitlines()[0],
        "insurance, slowest chart": str(failed).splitlines()[0],
    }
    monkeypatch.setattr("instruments.interrupted._asked", [2])
    with pytest.raises(KeyboardInterrupt):
        growth.charts()


def test_it_begins_when_the_run_before_has_gone_from_the_table(sizes: list[int]) -> None:
    sizes.append(900_000)
    growth.measure(Options(rows=1_000_000), 1)
    assert sizes == [100_000, 750_000, 100_000]
