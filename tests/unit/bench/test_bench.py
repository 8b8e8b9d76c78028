"""`make bench`: its table and document, and that only a wrong count makes it fail."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from bench import send, up
from bench.__main__ import BY_NAME, NAMES, Benchmark, benchmark, main
from bench.feeds_at_once import Totals, Traffic
from bench.report.figures import Measured, Name, Options, WrongCount
from instruments.tools import Run, Sum
from lab.cli import app
from lab.screen.progress import Phase, Record
from millrace.errors import Refused

pytestmark = pytest.mark.host
SPEED = Name("speed", "rows/s")


def speeds(*values: float) -> Benchmark:
    return lambda _options, number: {SPEED: values[number]}


def refusing(why: Refused, after: int = 0) -> Benchmark:
    def measure(_options: Options, number: int) -> Measured:
        if number >= after:
            raise why
        return {SPEED: 1.0}

    return measure


def test_the_table_has_the_least_the_middle_and_the_greatest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send"], lambda _name: speeds(15_000.4, 9_000, 21_000)) == 0
    header, line, machine = capsys.readouterr().out.splitlines()
    assert header.split() == ["benchmark", "figure", "unit", "min", "median", "max", "runs"]
    assert line.split() == ["send", "speed", "rows/s", "9,000", "15,000", "21,000", "3"]
    assert " cores, load " in machine


def test_the_document_has_every_value_and_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", "--times=2", "--rows=7", "up"], lambda _name: speeds(2, 1)) == 0
    printed = orjson.loads(capsys.readouterr().out)
    assert printed["figures"] == [
        {
            "benchmark": "up",
            "figure": "speed",
            "unit": "rows/s",
            "min": 1,
            "median": 1.5,
            "max": 2,
            "runs": 2,
            "values": [2, 1],
        }
    ]
    assert (printed["options"], printed["void"]) == ({"times": 2, "rows": 7, "seconds": 60}, {})
    assert set(printed["machine"]) == {"cores", "memory_bytes", "load"}


def test_without_a_name_all_are_run_but_those_by_name_only() -> None:
    run: list[str] = []
    main(["--times=1"], lambda name: run.append(name) or speeds(1))  # type: ignore[func-returns-value]
    assert run == [name for name in NAMES if name not in BY_NAME]


def test_a_wrong_count_makes_it_exit_1_and_the_figures_void(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = refusing(WrongCount("Of 9 rows 8 are in the table."), after=2)
    assert main(["--times=3"], lambda name: wrong if name == "send" else speeds(1, 1, 1)) == 1
    said = capsys.readouterr()
    assert "\nsend " not in said.out
    assert "\nfreshness " in said.out
    assert "✗ send: Of 9 rows 8 are in the table.\n" in said.err


def test_what_cannot_be_measured_is_told_and_fails_only_where_nothing_can(capsys: pytest.CaptureFixture[str]) -> None:
    away = refusing(Refused("There is no browser."))
    assert main(["--json", "--times=1"], lambda name: away if name == "dashboards" else speeds(1)) == 0
    assert orjson.loads(capsys.readouterr().out)["void"] == {"dashboards": "There is no browser."}
    assert main(["dashboards"], lambda _name: away) == 1


@pytest.mark.parametrize("run", [refusing(Refused("Nothing was seen.")), speeds(1, 1, 1)])
def test_what_a_stop_has_broken_is_no_reason_to_go_on(monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    monkeypatch.setattr("instruments.interrupted._asked", [2])
    with pytest.raises(KeyboardInterrupt):
        main(["seen", "up"], lambda _name: run)


@pytest.mark.parametrize("arguments", [["--times=0"], ["--rows=x"]])
def test_what_is_typed_wrongly_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments, lambda _name: speeds(1, 1, 1))
    assert ended.value.code == 2


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sent"], lambda _name: speeds(1, 1, 1)) == 1
    assert capsys.readouterr().err.startswith("✗ There is no benchmark 'sent': known are send, producers, drain, ")


def test_of_a_group_the_table_shows_the_greatest(capsys: pytest.CaptureFixture[str]) -> None:
    charts: Measured = {Name(f"chart {number}", "s", "overview"): float(number) for number in range(6)}
    assert main(["--times=1", "dashboards"], lambda _name: lambda _options, _number: charts) == 0
    lines = capsys.readouterr().out.splitlines()[1:-1]
    assert [line.split()[2] for line in lines] == ["2", "3", "4", "5"]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {"dashboards", "growth", "seen"}])
def test_every_name_is_a_benchmark(name: str) -> None:
    assert callable(benchmark(name))


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A lab in which a file of nine rows goes through; what it does may be changed. `left` is what was sent last."""
    does: dict[str, Any] = {"sum": Sum(9, 9, 0, 0, 0), "kept": 9, "took": 0.5, "left": None}

    def run_send(_feed: str, file: Path, *flags: str, timeout: float) -> Run:
        does["left"] = (len(file.read_text().splitlines()) - 1, flags)
        counts = does["sum"]
        line = (
            f"insurance_rate: {counts.sent} sent = {counts.loaded} loaded + {counts.updated} updated"
            f" + {counts.duplicates} duplicates + {counts.quarantined} quarantined\n"
        )
        return Run(0, line if counts.sent else "", "✗ Kafka is away.\n")

    monkeypatch.setattr(send, "wait_for_batch_jobs", lambda: None)
    monkeypatch.setattr(send, "run_send", run_send)
    monkeypatch.setattr(send, "asked", lambda query, _file: does["kept"] if query == send.COUNT else does["took"])
    return does


def test_send_tells_rows_a_second_and_leaves_one_row(lab: dict[str, Any]) -> None:
    found = send.measure(Options(rows=9), 0)
    assert found[send.ROWS_PER_SECOND] == 18
    assert lab["left"] == (1, ("--replace",))


@pytest.mark.parametrize(
    "wrong", [{"kept": 8}, {"sum": Sum(9, 8, 0, 0, 1)}, {"sum": Sum(9, 8, 0, 1, 0)}, {"sum": Sum(8, 8, 0, 0, 0)}]
)
def test_send_finds_a_wrong_count(lab: dict[str, Any], wrong: dict[str, Any]) -> None:
    lab |= wrong
    with pytest.raises(WrongCount):
        send.measure(Options(rows=9), 0)
    assert lab["left"] == (1, ("--replace",))


def test_a_wrong_count_is_told_where_the_rows_cannot_be_taken_out_either(
    lab: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def leave_one_row(_file: Path, _seed: int) -> None:
        raise Refused("Kafka is away.")

    monkeypatch.setattr(send, "leave_one_row", leave_one_row)
    lab["kept"] = 8
    with pytest.raises(WrongCount):
        send.measure(Options(rows=9), 0)
    assert capsys.readouterr().err == "✗ The benchmark's rows stay in insurance_rate: Kafka is away.\n"


def test_send_refused_is_no_wrong_count(lab: dict[str, Any]) -> None:
    lab |= {"sum": Sum(0, 0, 0, 0, 0), "kept": 0}
    with pytest.raises(Refused, match="Kafka is away") as refused:
        send.measure(Options(rows=9), 0)
    assert not isinstance(refused.value, WrongCount)


@pytest.mark.parametrize(
    ("totals", "behind"),
    [
        ({}, {"a": 5, "b": 1}),
        ({"a": Totals(3, 3, 3, 0)}, {"a": 2, "b": 1}),
        ({"a": Totals(5, 5, 4, 1), "b": Totals(1, 1, 1, 0)}, {}),
    ],
)
def test_a_load_is_behind_by_what_the_ledger_lacks(
    monkeypatch: pytest.MonkeyPatch, totals: dict[str, Totals], behind: dict[str, int]
) -> None:
    monkeypatch.setattr(Traffic, "totals", lambda _self, _connection: totals)
    connection: Any = None
    assert Traffic(1, {"a": 5, "b": 1}).behind(connection) == behind


@pytest.mark.parametrize("one", [Totals(6, 6, 6, 0), Totals(5, 4, 4, 0)])
def test_a_load_refuses_sums_that_cannot_be(monkeypatch: pytest.MonkeyPatch, one: Totals) -> None:
    monkeypatch.setattr(Traffic, "totals", lambda _self, _connection: {"a": one})
    connection: Any = None
    with pytest.raises(WrongCount):
        Traffic(1, {"a": 5}).behind(connection)


WORKED = Record("2026-11-28 07:00:00", [Phase("boxes", 60, "there already"), Phase("machines", 12, "starting kafka")])
RESTED = replace(WORKED, phases=[Phase("machines", 0.1, "nothing changed")])


BUILT = Record("2026-11-27 09:00:00", [Phase("boxes", 90, "building trixie"), Phase("machines", 20, "starting kafka")])
OLDER = replace(WORKED, when="2026-11-26 08:00:00")


def done(code: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], code, "", "✗ No room.\n")


def test_up_tells_the_steps_of_the_last_run_that_did_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "recorded", lambda: [WORKED, RESTED])
    steps = {name.figure: seconds for name, seconds in up.measure(None, 0, done).items()}
    assert steps.pop("already up") >= 0
    when = "2026-11-28 07:00:00"
    assert steps == {
        f"{when}: boxes (there already)": 60,
        f"{when}: machines (starting kafka)": 12,
        f"{when}: together": 72,
    }
    assert [name.figure for name in up.measure(None, 1, done)] == ["already up"]


def test_up_tells_a_run_from_nothing_beside_a_later_one_with_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "recorded", lambda: [OLDER, BUILT, WORKED, RESTED])
    assert up.last_of_each_kind() == [BUILT, WORKED]
    together = {
        name.figure: seconds for name, seconds in up.measure(None, 0, done).items() if "together" in name.figure
    }
    assert together == {"2026-11-27 09:00:00: together": 110, "2026-11-28 07:00:00: together": 72}


def test_up_that_had_something_to_do_or_failed_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "recorded", lambda: [RESTED, WORKED])
    with pytest.raises(Refused, match="had something to do"):
        up.measure(None, 0, done)
    with pytest.raises(Refused, match="No room"):
        up.measure(None, 0, lambda: done(2))


def test_the_command_runs_it_with_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, list[str]]] = []
    monkeypatch.setattr("lab.commands.bench.run_program", lambda *given: ran.append(given) or 1)  # type: ignore[func-returns-value]
    ended = CliRunner().invoke(app, ["bench", "--times=1", "--rows=5", "--json", "send"])
    assert ended.exit_code == 1
    assert ran == [("bench", ["--times=1", "--rows=5", "--seconds=60", "--json", "send"])]
