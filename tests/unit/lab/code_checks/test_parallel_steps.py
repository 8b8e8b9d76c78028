"""The steps of `make check` and `make test`: counted, beside each other, and what each shows at its end."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.code_checks import parallel_steps
from lab.code_checks.parallel_steps import Outcome, Step, Steps, worth_showing
from lab.host import command_log

MEET = "import pathlib,time\npathlib.Path('{0}').touch()\nwhile not pathlib.Path('{1}').exists(): time.sleep(0.01)"


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """A run that a shell has put into the background ignores the signal, and so would what it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `.lab` in an empty checkout."""
    monkeypatch.setattr(command_log, "state_folder", lambda: tmp_path)
    monkeypatch.setattr(command_log, "CHECKOUT", tmp_path)
    return tmp_path


def python(title: str, script: str, **how: object) -> Step:
    return Step(title, [sys.executable, "-c", script], **how)  # type: ignore[arg-type]


def test_steps_run_beside_each_other_and_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    run = Steps(2)
    assert run.run([python("one", MEET.format("a", "b")), python("two", MEET.format("b", "a"))], lanes=2)
    assert run.summarise()
    said = capsys.readouterr().out
    assert said.startswith("step 1 of 2: one\nstep 2 of 2: two\n✓ ")
    assert "1 to go" in said and "0 to go" in said


def test_after_a_failure_the_others_run_too_and_all_it_printed_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    run = Steps(2)
    assert not run.run([python("bad", "print('why [it] failed'); raise SystemExit(3)"), python("good", "print('x')")])
    assert not run.summarise()
    said = capsys.readouterr()
    assert "why [it] failed\nstep 2 of 2: good\n✓ good" in said.out
    assert "\nx\n" not in said.out
    assert said.err == "✗ Failed: bad. What is wrong stands above.\n"


def test_a_step_waits_for_those_it_is_behind_and_others_go_first() -> None:
    wanted = [
        python("last", "print('x')", behind=["bad"], needs=["first"]),
        python("bad", "raise SystemExit(1)"),
        python("first", "print('x')"),
    ]
    run = Steps(3)
    assert not run.run(wanted)
    assert [step.title for step in run.begun] == ["bad", "first", "last"]


def test_what_needs_a_step_that_failed_is_left_out_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = [
        python("make up", "raise SystemExit(1)"),
        python("drills", "print('x')", needs=["make up"]),
        python("after them", "print('x')", needs=["drills"]),
        python("lint", "print('x')", behind=["drills"]),
    ]
    run = Steps(4)
    assert not run.run(wanted, lanes=2)
    assert [step.title for step in run.begun] == ["make up", "lint"]
    said = capsys.readouterr().err
    assert "drills is not run, as make up failed." in said and "after them is not run, as drills failed." in said


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("heeds_ctrl_c")
def test_a_signal_ends_what_runs_and_begins_nothing_more(
    state: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    endless = f"import pathlib,time\npathlib.Path('{state}/runs').touch()\nwhile True: time.sleep(0.1)"
    run = Steps(2)
    announce = run._announce

    def interrupted(step: Step) -> None:
        announce(step)
        threading.Thread(target=interrupt_once, args=(state / "runs", how)).start()

    monkeypatch.setattr(run, "_announce", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.run([python("endless", endless), python("never", "print('begun')")])
    assert [step.title for step in run.begun] == ["endless"]
    assert [outcome.code != 0 for outcome in run.ended] == [True]


def interrupt_once(running: Path, how: signal.Signals) -> None:
    while not running.exists():
        time.sleep(0.01)
    os.kill(os.getpid(), how)


def test_what_is_shown_as_it_comes_is_not_shown_again(capsys: pytest.CaptureFixture[str]) -> None:
    Steps(1).run([python("tests", "print('a line')", prefix="lab: ")])
    said = capsys.readouterr().out
    assert said.splitlines()[1] == "lab: a line"
    assert said.count("a line") == 1


@pytest.mark.parametrize(
    ("code", "printed", "shown"),
    [
        (0, "Success: no issues", []),
        (0, "....\n== 4 passed in 1.00s ==", ["== 4 passed in 1.00s =="]),
        (
            0,
            "..\n== short test summary info ==\nSKIPPED [1] a.py:1: no\n== 3 passed ==",
            ["SKIPPED [1] a.py:1: no", "== 3 passed =="],
        ),
        (1, "E501 Line too long\nFound 1 error.", ["E501 Line too long", "Found 1 error."]),
    ],
)
def test_of_tests_that_pass_skips_and_the_closing_line_are_shown(code: int, printed: str, shown: list[str]) -> None:
    step = Step("some tests", ["true"])
    step.job.log.write_text(printed)
    assert worth_showing(Outcome(step, code, 1.0)) == shown


def test_the_tools_of_the_checkout_come_first() -> None:
    assert parallel_steps.tools_first()["PATH"].split(":")[0] == str(Path(sys.executable).parent)


def test_a_process_that_begins_while_the_others_are_stopped_ends_too() -> None:
    running = command_log.Running()
    running.stop()
    with command_log.start(python("late", "while True: pass").job) as process:
        running.add(process)
        assert process.wait(60) != 0
