"""Jobs beside each other: their logs, their failures, and a request to end."""

from contextlib import nullcontext
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from rich.text import Text

from lab.host import command_log
from tests.unit.lab.host.jobs import job

pytestmark = pytest.mark.host


def test_output_goes_to_the_log(state: Path) -> None:
    ended = command_log.run_jobs("{what}", [job("print('one'); print('two')")])
    assert [end.code for end in ended] == [0]
    assert (state / "log" / "kafka.log").read_text() == "one\ntwo\n"


def test_no_line_moves_the_cursor_of_who_watches(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    class Screen:
        def add_task(self, *_: object, **__: object) -> int:
            return 0

        def update(self, _: int, *, line: str = "", visible: bool = True) -> None:
            shown.append(line)

    monkeypatch.setattr(command_log, "spinner", lambda: nullcontext(Screen()))
    command_log.run_jobs("{what}", [job(r"print('\x1b[31mred\x1b[0m \x1b]0;t\x07 \u202e ' + '[/b]' * 40)")])
    assert [Text.from_markup(line).plain for line in shown] == [f"red \\x1b]0;t\\x07 \\u202e {'[/b]' * 40}"[:100], ""]


def test_jobs_run_at_the_same_time(state: Path) -> None:
    meet = "import pathlib,time\npathlib.Path('{0}').touch()\nwhile not pathlib.Path('{1}').exists(): time.sleep(0.01)"
    jobs = [job(meet.format("a", "b"), "kafka"), job(meet.format("b", "a"), "mysql")]
    assert [end.code for end in command_log.run_jobs("{what}", jobs)] == [0, 0]


def test_a_failure_is_told_while_the_others_still_run(state: Path) -> None:
    waits = "import pathlib,time\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)"
    sentences: list[str] = []

    def complain(sentence: str) -> None:
        sentences.append(sentence)
        (state.parent / "go").touch()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command_log, "complain", complain)
        ended = command_log.run_jobs(
            "provisioning {what}", [job(waits, "superset"), job("raise SystemExit(3)", "mysql")]
        )
    assert [end.code for end in ended] == [0, 3]
    assert sentences == ["provisioning mysql failed, see .lab/log/mysql.log; the others go on, Ctrl-C stops them."]


def test_a_failure_is_told_where_the_others_have_not_even_begun(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sentences, told, start = list[str](), Event(), command_log.start

    def complain(sentence: str) -> None:
        sentences.append(sentence)
        told.set()

    def late(one: command_log.Job) -> Any:
        if one.name == "superset":
            told.wait(10)
        return start(one)

    monkeypatch.setattr(command_log, "complain", complain)
    monkeypatch.setattr(command_log, "start", late)
    command_log.run_jobs("{what}", [job("", "superset"), job("raise SystemExit(3)", "mysql")])
    assert len(sentences) == 1


def test_a_request_to_end_ends_the_jobs_first(state: Path) -> None:
    script = "import os, signal, time\nos.kill(os.getppid(), signal.SIGTERM)\ntime.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        command_log.run_jobs("{what}", [job(script)])
