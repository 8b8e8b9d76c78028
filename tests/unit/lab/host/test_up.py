"""`make up` and `make destroy`: what they do only when needed, what they say when something fails."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from lab.host import command_log, destroy, provisioning_digest, up, vagrant
from lab.location import CHECKOUT
from lab.screen import progress
from lab.screen.progress import Phase, Phases, record, recorded
from millrace.errors import Refused

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
CONTAINER = """lxc.rootfs.path = dir:/var/lib/lxc/millrace-kafka-1/rootfs
# VAGRANT-BEGIN
lxc.environment=MILLRACE_LAB=192.168.33 /home/ada/my lab
lxc.net.1.link=lab-192-168-33
# VAGRANT-END
"""
STATES = {"kafka": "running", "mysql": "not_created"}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `.lab` in an empty checkout."""
    folder = tmp_path / ".lab"
    folder.mkdir()
    for module in (command_log, provisioning_digest, progress, vagrant):
        monkeypatch.setattr(module, "state_folder", lambda: folder)
        monkeypatch.setattr(module, "CHECKOUT", tmp_path, raising=False)
    return folder


def machine(name: str = "kafka", state: str = "running") -> vagrant.Machine:
    """A machine of LXC."""
    return vagrant.Machine(name, "lxc", state)


def job(script: str, name: str = "kafka") -> command_log.Job:
    """A job that is a line of Python."""
    return command_log.Job(name, [sys.executable, "-c", script])


def waiting(number: int) -> str:
    """How Ansible announces the task of this number, the last one -1, of those that wait for MySQL."""
    tasks = yaml.safe_load((CHECKOUT / "ansible/roles/superset/tasks/wait.yml").read_text())
    name = tasks[number]["name"].replace("{{ superset_mysql_place }}", "mysql at 10.0.9.14:3306")
    return f"TASK [superset : {name}] ***"


def test_a_sentence_that_ansible_folds_is_told_whole() -> None:
    assert vagrant.refusal([line.strip() for line in FOLDED.splitlines()]) == (
        "Feed sales: its table has the column till and its contract has not, so its values would be lost; put it back,"
        " or say 'was: till'."
    )
    assert vagrant.refusal(PREFLIGHT.splitlines()).startswith("The subnet 192.168.33.0/24 is in use")
    assert vagrant.refusal(["all is well"]) == ""


def test_output_goes_to_the_log(state: Path) -> None:
    ended = command_log.run_jobs("{what}", [job("print('one'); print('two')")])
    assert [end.code for end in ended] == [0]
    assert (state / "log" / "kafka.log").read_text() == "one\ntwo\n"


def test_jobs_run_at_the_same_time(state: Path) -> None:
    meet = "import pathlib,time\npathlib.Path('{0}').touch()\nwhile not pathlib.Path('{1}').exists(): time.sleep(0.01)"
    jobs = [job(meet.format("a", "b"), "kafka"), job(meet.format("b", "a"), "mysql")]
    assert [end.code for end in command_log.run_jobs("{what}", jobs)] == [0, 0]


def test_a_failure_is_told_while_the_others_still_run(state: Path) -> None:
    waits = "import pathlib,time\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)"
    told: list[str] = []

    def complain(sentence: str) -> None:
        told.append(sentence)
        (state.parent / "go").touch()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command_log, "complain", complain)
        ended = command_log.run_jobs(
            "provisioning {what}", [job(waits, "superset"), job("raise SystemExit(3)", "mysql")]
        )
    assert [end.code for end in ended] == [0, 3]
    assert told == ["provisioning mysql failed, see .lab/log/mysql.log; the others go on, Ctrl-C stops them."]


def test_a_request_to_end_ends_the_jobs_first(state: Path) -> None:
    script = "import os, signal, time\nos.kill(os.getppid(), signal.SIGTERM)\ntime.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        command_log.run_jobs("{what}", [job(script)])


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
    monkeypatch.setattr(vagrant, "ask", lambda *_arguments, environment=None: f"a warning\n{json.dumps(answer)}\n")
    found = vagrant.check().machines
    assert found == [machine("kafka", "running"), machine("mysql", "not_created")]
    assert [(one.runs, one.made) for one in found] == [(True, True), (False, False)]


def test_running_machines_are_left_alone(state: Path) -> None:
    phase = Phase("machines")
    assert up.start_machines([machine()], phase) == [machine()]
    assert phase.note == "nothing changed"


def test_no_box_is_built_where_no_machine_is_to_be_made(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up.boxes, "build", lambda _boxes: pytest.fail("built a box"))
    phase = Phase("boxes")
    stopped = [machine(state="poweroff")]
    assert up.prepare_boxes(vagrant.Check("lxc", "why", (), (), stopped), phase) == stopped
    assert phase.note == "there already"


def test_the_first_failed_check_refuses() -> None:
    found = vagrant.Check("lxc", "why", ("No room: make some.", "Other."), (), [machine(state="not_created")])
    with pytest.raises(Refused, match=r"^No room: make some\.$"):
        up.prepare_boxes(found, Phase("boxes"))


def test_a_provisioned_machine_is_current_until_something_changes(state: Path) -> None:
    identity = state.parent / ".vagrant" / "machines" / "kafka" / "lxc" / "id"
    identity.parent.mkdir(parents=True)
    identity.write_text("millrace-kafka-1")
    assert not provisioning_digest.is_current(machine(), "one")
    provisioning_digest.keep(machine(), "one")
    assert provisioning_digest.is_current(machine(), "one")
    assert not provisioning_digest.is_current(machine(), "two")
    identity.unlink()
    assert not provisioning_digest.is_current(machine(), "one"), "the machine is gone"


def test_inputs_change_with_a_files_content_but_not_with_scratch(state: Path) -> None:
    source = state.parent / "sql" / "one.sql"
    source.parent.mkdir()
    source.write_text("select 1")
    first = provisioning_digest.inputs()
    scratch = source.parent / "__pycache__"
    scratch.mkdir()
    (scratch / "one.pyc").touch()
    assert provisioning_digest.inputs() == first
    known = state / "host" / "trees.sha256"
    known.parent.mkdir()
    known.write_text("what the host knows of the cache grows with every provisioning")
    assert provisioning_digest.inputs() == first
    source.write_text("select 2")
    assert provisioning_digest.inputs() != first


def test_times_add_up() -> None:
    done = Phases(2)
    done.add("host packages", 2.0)
    with done.step("boxes") as phase:
        phase.note = "there already"
    assert done.rows() == [["host packages", "2", ""], ["boxes", "0", "there already"], ["together", "2", ""]]


def test_the_steps_of_every_run_are_kept_and_tell_what_it_did(state: Path) -> None:
    assert recorded() == []
    for note in ("starting kafka", "nothing changed"):
        done = Phases(2)
        done.add("host packages", 2.5)
        with done.step("machines") as phase:
            phase.note = note
        record(done)
    kept = recorded()
    assert [[(one.title, one.note) for one in each.phases] for each in kept] == [
        [("host packages", ""), ("machines", "starting kafka")],
        [("host packages", ""), ("machines", "nothing changed")],
    ]
    assert kept[0].phases[0].seconds == 2.5
    assert [each.did for each in kept] == [("machines",), ()]
    (state / "log" / "up-phases.json").write_text("[{")
    assert recorded() == []


def on_host(monkeypatch: pytest.MonkeyPatch, containers: dict[str, str]) -> list[list[str]]:
    """A host whose LXC has these containers; returns the commands that were run."""
    ran: list[list[str]] = []

    def output(command: list[str]) -> str:
        ran.append(command)
        if command[-1] == "-1":
            return "\n".join(containers)
        if command[-2] == "cat":
            return containers[Path(command[-1]).parent.name]
        return "/var/lib/lxc\n"

    monkeypatch.setattr(destroy, "output", output)
    monkeypatch.setattr(destroy, "as_root", list)
    monkeypatch.setattr(destroy.shutil, "which", lambda tool: tool)
    return ran


def test_containers_are_known_by_their_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    on_host(monkeypatch, {"millrace-kafka-1": CONTAINER, "millrace-old": "lxc.uts.name = x\n", "web": ""})
    assert destroy.containers() == [
        destroy.Container("millrace-kafka-1", "192.168.33", Path("/home/ada/my lab")),
    ]


@pytest.mark.parametrize("everything", [False, True])
def test_downloads_outlive_the_lab_and_it_says_how_they_go(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], everything: bool
) -> None:
    downloads = state.parent / "user" / "millrace"
    downloads.mkdir(parents=True)
    on_host(monkeypatch, {})
    for name, gives in (("state_folder", state), ("downloads_folder", downloads), ("remove_network", None)):
        monkeypatch.setattr(destroy, name, lambda *_arguments, gives=gives: gives)
    monkeypatch.setattr(destroy.vagrant, "run", lambda _title, _jobs: None)
    monkeypatch.setattr(destroy, "remove_boxes", lambda: None)
    removed: list[Path] = []
    monkeypatch.setattr(destroy, "remove_path", removed.append)
    destroy.remove_own(everything=everything)
    assert (state in removed) == everything
    assert f"Kept: {downloads}, the boxes and downloads that all checkouts share; `rm -r {downloads}` removes" in (
        capsys.readouterr().out
    )
    assert not any(path == downloads or path in downloads.parents for path in removed)


def test_another_checkout_that_has_no_lab_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    on_host(monkeypatch, {"millrace-kafka-1": CONTAINER})
    with pytest.raises(Refused) as refused:
        destroy.remove_other(Path("/tmp/none"))  # noqa: S108 - a name that is not used
    assert str(refused.value) == ("There is no lab of /tmp/none on this host; the labs here: /home/ada/my lab.")


def test_only_a_machine_that_runs_gives_its_cache_back(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(vagrant, "ask", lambda *arguments, environment=None: asked.append(arguments[1]) or "")
    monkeypatch.setattr(vagrant, "run", lambda _title, _jobs: None)
    vagrant.fetch_cache(
        [vagrant.Machine(name, "libvirt", at) for name, at in (("kafka", "not_created"), ("mysql", "running"))]
    )
    assert asked == ["mysql"]
