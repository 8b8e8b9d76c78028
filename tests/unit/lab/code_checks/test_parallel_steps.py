"""The steps of `make check` and `make test`: counted, beside each other, and what each shows at its end."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from rich.progress import Progress, TaskID

from lab.code_checks.parallel_steps import Steps
from lab.code_checks.step import Step, tools_first
from lab.host import command_log

MEET = "import pathlib,time\npathlib.Path('{0}').touch()\nwhile not pathlib.Path('{1}').exists(): time.sleep(0.01)"


def python(title: str, script: str, **how: object) -> Step:
    return Step(title, [sys.executable, "-c", script], **how)  # type: ignore[arg-type]


def test_steps_run_beside_each_other_and_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    run = Steps([python("one", MEET.format("a", "b")), python("two", MEET.format("b", "a"))])
    assert run.run(lanes=2)
    said = capsys.readouterr().out
    begun = [line.split(": ") for line in said.splitlines()[:2]]
    assert [count for count, _ in begun] == ["step 1 of 2", "step 2 of 2"]
    assert {title for _, title in begun} == {"one", "two"}, "at the same time: either may be the first to say so"
    assert "to go: 1\n" in said and said.endswith("to go: 0\n")


def test_after_a_failure_the_others_run_too_and_all_it_printed_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    run = Steps([python("bad", "print('why [it] failed'); raise SystemExit(3)"), python("good", "print('x')")])
    assert not run.run()
    run.summarise()
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
    run = Steps(wanted)
    assert not run.run()
    assert [step.title for step in run.begun] == ["bad", "first", "last"]


def test_what_needs_a_step_that_failed_is_left_out_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = [
        python("make up", "raise SystemExit(1)"),
        python("drills", "print('x')", needs=["make up"]),
        python("after them", "print('x')", needs=["drills"]),
        python("lint", "print('x')", behind=["drills"]),
    ]
    run = Steps(wanted)
    assert not run.run(lanes=2)
    assert [step.title for step in run.begun] == ["make up", "lint"]
    run.summarise()
    said = capsys.readouterr()
    assert (
        "drills is not run, as make up failed." in said.err and "after them is not run, as drills failed." in said.err
    )
    assert "step 2 of 2: lint\n" in said.out and "s; steps to go: 0\n" in said.out
    assert said.err.endswith(
        "✗ Not run, or not to the end: drills, after them.\n✗ Failed: make up. What is wrong stands above.\n"
    )


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("heeds_ctrl_c")
def test_a_signal_ends_what_runs_and_begins_nothing_more(
    state: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    endless = f"import pathlib,time\npathlib.Path('{state}/runs').touch()\nwhile True: time.sleep(0.1)"
    run = Steps([python("endless", endless), python("never", "print('begun')")])
    announce = run._announce

    def interrupted(step: Step, screen: Progress) -> TaskID:
        threading.Thread(target=interrupt_once, args=(state / "runs", how)).start()
        return announce(step, screen)

    monkeypatch.setattr(run, "_announce", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.run()
    assert [step.title for step in run.begun] == ["endless"]
    assert [outcome.code != 0 for outcome in run.ended] == [True]


def interrupt_once(running: Path, how: signal.Signals) -> None:
    while not running.exists():
        time.sleep(0.01)
    os.kill(os.getpid(), how)


def test_what_is_shown_as_it_comes_is_not_shown_again(capsys: pytest.CaptureFixture[str]) -> None:
    Steps([python("tests", "print('a line')", prefix="lab: ")]).run()
    said = capsys.readouterr().out
    assert said.splitlines()[1] == "lab: a line"
    assert said.count("a line") == 1


def test_the_tools_of_the_checkout_come_first() -> None:
    assert tools_first()["PATH"].split(":")[0] == str(Path(sys.executable).parent)


def test_a_process_that_begins_while_the_others_are_stopped_ends_too() -> None:
    running = command_log.Running()
    running.stop()
    late = python("late", "while True: pass").job
    with command_log.start(late) as process:
        running.add(late, process)
        assert process.wait(60) != 0
