"""Vagrant's answers: what its output says of a failure or a wait, and which machines are there."""

import json
from pathlib import Path

import pytest
import yaml

from lab.host import command_log, vagrant
from lab.location import CHECKOUT
from millrace.errors import Refused
from tests.unit.lab.host.jobs import job, machine

pytestmark = pytest.mark.host
PREFLIGHT = """Bringing machine 'kafka' up with 'lxc' provider...
==> kafka: Running action triggers before up ...
✗ The subnet 192.168.33.0/24 is in use by wlan0 on this host: give the lab another.
"""
FOLDED = """fatal: [mysql]: FAILED! =>
    rc: 1
    stderr: '✗ Feed sales: its table has the column till and its contract has not, so
        its values would be lost; put it back, or say ''was: till''.'
    stderr_lines: <omitted>
    stdout: ''
"""
STATES = {"kafka": "running", "mysql": "not_created"}


def waiting(number: int) -> str:
    """How Ansible announces the task of this number, the last one -1, of those that wait for MySQL."""
    tasks = yaml.safe_load((CHECKOUT / "ansible/roles/superset/tasks/wait.yml").read_text())
    name = tasks[number]["name"].replace("{{ superset_mysql_address }}", "mysql at 10.0.9.14:3306")
    return f"TASK [superset : {name}] ***"


def test_a_sentence_that_ansible_folds_is_told_whole() -> None:
    assert vagrant.refusal([line.strip() for line in FOLDED.splitlines()]) == (
        "Feed sales: its table has the column till and its contract has not, so its values would be lost; put it back,"
        " or say 'was: till'."
    )
    assert vagrant.refusal(PREFLIGHT.splitlines()).startswith("The subnet 192.168.33.0/24 is in use")
    assert vagrant.refusal(["all is well"]) == ""


def test_a_refusal_of_the_checks_is_shown_alone(state: Path) -> None:
    with pytest.raises(Refused) as refused:
        vagrant.run("{what}", [job(f"print({PREFLIGHT!r}); raise SystemExit(1)")])
    assert str(refused.value) == ("The subnet 192.168.33.0/24 is in use by wlan0 on this host: give the lab another.")


def test_any_other_failure_shows_its_last_lines_and_its_log(state: Path) -> None:
    with pytest.raises(Refused) as refused:
        vagrant.run("{what}", [job("print('\\x1b[31mfatal: no disk\\x1b[0m'); raise SystemExit(1)")])
    assert "the whole log is .lab/log/kafka.log." in str(refused.value)
    assert str(refused.value).endswith("fatal: no disk")


def test_a_wait_for_another_machine_is_told_where_nobody_watches(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command_log.run_jobs("{what}", [job(f"print({waiting(0)!r})", "superset")])
    assert capsys.readouterr().out == (
        "superset waits for mysql at 10.0.9.14:3306, which has not let it in for 30 s; it goes on waiting.\n"
    )


def test_a_wait_in_vain_is_refused_in_a_sentence(state: Path) -> None:
    with pytest.raises(Refused) as refused:
        vagrant.run("{what}", [job(f"print({waiting(0)!r}); print({waiting(-1)!r}); raise SystemExit(2)", "superset")])
    assert str(refused.value) == (
        "superset waited in vain for mysql at 10.0.9.14:3306: see with `make status` whether it is up, and whether "
        "this host's firewall lets the machines reach each other; the whole log is .lab/log/superset.log."
    )


def test_what_fails_after_a_wait_shows_its_own_lines(state: Path) -> None:
    lines = "\n".join(
        [waiting(0), waiting(-1), "skipping: [superset]", "TASK [service : Unit runs] ***", "fatal: it died"]
    )
    with pytest.raises(Refused, match="fatal: it died"):
        vagrant.run("{what}", [job(f"print({lines!r}); raise SystemExit(2)", "superset")])


def test_states_are_read_from_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    states = [{"name": name, "provider": "lxc", "state": state} for name, state in STATES.items()]
    answer = {"provider": "lxc", "why": "asked for", "failures": [], "missing_boxes": [], "machines": states}
    monkeypatch.setattr(vagrant, "ask", lambda *_arguments, **_options: f"a warning\n{json.dumps(answer)}\n")
    found = vagrant.check().machines
    assert found == [machine("kafka", "running"), machine("mysql", "not_created")]
    assert [(one.runs, one.made) for one in found] == [(True, True), (False, False)]


def test_only_a_machine_that_runs_gives_its_cache_back(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(vagrant, "ask", lambda *arguments, environment=None: asked.append(arguments[1]) or "")
    monkeypatch.setattr(vagrant, "run", lambda _title, _jobs: None)
    vagrant.fetch_cache(
        [vagrant.Machine(name, "libvirt", at) for name, at in (("kafka", "not_created"), ("mysql", "running"))]
    )
    assert asked == ["mysql"]
