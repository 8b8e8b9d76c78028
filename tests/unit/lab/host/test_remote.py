"""Commands on the machines: ssh settings are asked for once, and again when a machine was rebuilt."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.host import remote
from millrace.errors import Refused

Answer = tuple[int, str, str]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[list[str]]]:
    """Replaces every process by the answers given, in order, and keeps what was called."""

    def answering(*answers: Answer) -> list[list[str]]:
        made: list[list[str]] = []
        remaining = iter(answers)

        def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
            made.append(command)
            code, out, err = next(remaining)
            return subprocess.CompletedProcess(command, code, out, err)

        monkeypatch.setattr(subprocess, "run", run)
        monkeypatch.setattr(remote, "state_folder", lambda: tmp_path)
        return made

    return answering


def test_settings_are_asked_from_vagrant_once(calls: Callable[..., list[list[str]]], tmp_path: Path) -> None:
    made = calls((0, "Host kafka\n", ""), (0, "hello\n", ""), (0, "again\n", ""))
    assert (remote.run("kafka", ["echo", "it's"]), remote.run("kafka", "true")) == ("hello\n", "again\n")
    assert made[0] == ["vagrant", "ssh-config", "kafka"]
    assert made[1][-2:] == ["kafka", """echo 'it'"'"'s'"""]
    assert made[2][-2:] == ["kafka", "true"]
    assert (tmp_path / "ssh" / "kafka").read_text() == "Host kafka\n"


def test_a_rebuilt_machine_is_found_again(calls: Callable[..., list[list[str]]]) -> None:
    made = calls((0, "old", ""), (255, "", "no route"), (0, "new", ""), (0, "hello\n", ""))
    assert remote.run("kafka", "true") == "hello\n"
    assert [command[0] for command in made] == ["vagrant", "ssh", "vagrant", "ssh"]


def test_a_machine_that_is_down_is_one_sentence(calls: Callable[..., list[list[str]]]) -> None:
    calls((1, "", "not running"))
    with pytest.raises(Refused) as refused:
        remote.run("mysql", "true")
    assert str(refused.value) == (
        "The mysql machine does not answer: bring the lab up with `make up`, or this machine with `vagrant up mysql`."
    )


def test_a_connection_that_is_let_go_is_not_taken_by_the_next_command(
    calls: Callable[..., list[list[str]]], tmp_path: Path
) -> None:
    made = calls((0, "Host kafka\n", ""), (0, "", ""), (255, "", "no connection"))
    remote.let_go("kafka")
    assert made == [], "nothing is known of the machine yet"
    remote.run("kafka", "true")
    remote.let_go("kafka")
    assert made[2][:3] == ["ssh", "-F", str(tmp_path / "ssh" / "kafka")]
    assert made[2][-3:] == ["-O", "stop", "kafka"]


def test_a_failed_command_tells_its_last_line(calls: Callable[..., list[list[str]]]) -> None:
    calls((0, "Host", ""), (3, "", "warning\ndisk full\n"))
    with pytest.raises(Refused, match="`ls` failed on the mysql machine: disk full"):
        remote.run("mysql", "ls")


def test_a_command_that_does_not_end_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "command", lambda *_: ["sleep", "60"])
    with pytest.raises(Refused, match="`ls` failed on the mysql machine: it did not end within 0 s"):
        remote.run("mysql", "ls", timeout=0.1)
