"""`make doctor`: checks are data, each fails for itself, and it says what `make status` says."""

import io
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from lab.commands.doctor import lines, show
from lab.doctor import host_probes, machine_probes, service_probes
from lab.doctor.all_checks import CHECKS, MACHINES, PIPELINE
from lab.doctor.examination import Check, Evidence, Finding, examine, examine_one
from lab.host.vagrant import LabCheck
from lab.observe.ledger import JobHealth
from lab.observe.machines import Facts, MachineStatus, machine_problems, machine_warnings
from lab.observe.services import SERVICES, ServiceStatus
from lab.observe.status import FeedStatus, LabStatus, problems_of
from millrace.errors import Refused
from millrace.settings import Settings, load_lab
from sql.notices import Notice

LAB = load_lab()
BAD_NOTICE = Notice("sales", "topic", "dropped", "trouble", "Records were dropped.")


def facts(disk: int = 40, failed: Iterable[str] = (), stopped: Iterable[str] = ()) -> Facts:
    return Facts(disk << 30, 100 << 30, 40, 100, 0.0, list(failed), list(stopped))


def status(  # noqa: PLR0913 - what a lab may be like
    *,
    machines: Iterable[MachineStatus] | None = None,
    silent: str = "",
    feed: tuple[str, str] = ("running", ""),
    why: str = "",
    notices: Iterable[Notice] = (),
    resets: dict[str, str] | None = None,
) -> LabStatus:
    """A lab's status as `collect` would find it, well but for what is given."""
    seen = list(machines or [MachineStatus(name, LAB.address(name), True, facts()) for name in LAB.machines])
    services = [ServiceStatus(one.unit, one.machine, "a:1", one.unit != silent) for one in SERVICES if one.unit]
    feeds, given = [FeedStatus("sales", *feed)], list(notices)
    problems = list(problems_of(seen, services, feeds, why, resets or {}))
    problems += [f"feed {one.feed}: {one.message}" for one in given if one.kind == "trouble"]
    warnings = list(machine_warnings(seen))
    return LabStatus(seen, services, feeds, [], given, {}, problems, warnings, resets or {}, why)


def evidence(found: LabStatus) -> Evidence:
    preflight = LabCheck("lxc", "", (), (), [])
    return Evidence(lambda: LAB, Settings, lambda: found, lambda: preflight)


def findings(found: LabStatus) -> list[Finding]:
    """Of all checks that need nothing but what status has seen."""
    alone = [check for check in CHECKS if check.probe.__module__.endswith(("machine_probes", "pipeline_probes"))]
    alone += [check for check in CHECKS if check.probe is service_probes.silent_services]
    asking = {"contracts_that_differ", "loads_that_hang", "growing_quarantine", "seals_not_required"}
    return [examine_one(check, evidence(found)) for check in alone if check.probe.__name__ not in asking]


DOWN = [MachineStatus(name, LAB.address(name), name != "mysql", facts()) for name in LAB.machines]
FULL = [MachineStatus(name, LAB.address(name), True, facts(disk=97)) for name in LAB.machines]
FILLS = [MachineStatus(name, LAB.address(name), True, facts(disk=85)) for name in LAB.machines]


@pytest.mark.parametrize(
    "found",
    [
        status(),
        status(machines=DOWN, why="the mysql machine is down"),
        status(machines=FULL),
        status(machines=FILLS),
        status(silent="kafka"),
        status(silent="millrace-stream"),
        status(feed=("stopped", "Its topic is gone.")),
        status(feed=("waiting", "MySQL waits for a lock.")),
        status(why="MySQL refused the query"),
        status(notices=[BAD_NOTICE]),
        status(resets={"sales": "asked"}, feed=("stopped", "it is starting over")),
    ],
    ids=["well", "machine", "full", "fills", "service", "stream", "stopped", "waiting", "ledger", "trouble", "reset"],
)
def test_doctor_finds_wrong_what_status_finds_wrong_and_nothing_else(found: LabStatus) -> None:
    states = [one.state for one in findings(found)]
    assert ("wrong" in states) is bool(found.problems)
    assert ("warning" in states) is bool(found.warnings)


def test_every_check_says_what_to_do() -> None:
    assert all(check.hint and check.description for check in CHECKS)
    assert len({(check.group, check.description) for check in CHECKS}) == len(CHECKS)


def test_a_failed_unit_and_a_failed_job_are_named() -> None:
    machines = [MachineStatus("spark", "a", True, facts(failed=["millrace-batch-lake.timer"]))]
    found = [one for one in findings(status(machines=machines)) if one.state == "wrong"]
    assert [one.complaints for one in found] == [
        ["millrace-batch-lake.timer has failed on machine spark: make logs MACHINE=spark"]
    ]
    machines = [MachineStatus("spark", "a", True, facts(stopped=["millrace-batch-lake.timer"]))]
    (idle,) = [one for one in findings(status(machines=machines)) if one.state == "warning"]
    assert idle.complaints == ["millrace-batch-lake.timer does not run on machine spark"]
    lab = status()
    lab.jobs.append(JobHealth("lake", "failed", "no space", None))
    (job,) = [one for one in findings(lab) if one.state == "warning"]
    assert (job.complaints, job.group) == (["batch job lake is failed: no space"], PIPELINE)


def disks(**sizes: tuple[float, float]) -> list[str]:
    """What is said of machines with disks of so many GiB, of which so many are used."""
    machines = [
        MachineStatus(name, "a", True, Facts(int(used * 2**30), int(size * 2**30), 40, 100, 0.0, [], []))
        for name, (size, used) in sizes.items()
    ]
    machines.append(MachineStatus("superset", "a", False))
    return list(machine_probes.disks_smaller_than_declared(evidence(status(machines=machines))))


def test_a_disk_that_is_smaller_than_declared_is_named() -> None:
    assert {machine.disk for machine in LAB.machines.values()} == {20}
    assert disks(kafka=(18.6, 3), mysql=(18.6, 5), spark=(30, 2)) == []
    assert disks(kafka=(18.6, 3), mysql=(14, 5)) == [
        "machine mysql has a disk of 14.0 GB, and what grows there is bounded by 20 GB"
    ]
    assert disks(kafka=(14, 3), mysql=(30, 3)) == disks(kafka=(14, 3))
    assert disks(kafka=(14, 3)) == ["machine kafka has a disk of 14.0 GB, and what grows there is bounded by 20 GB"]


def test_containers_must_fit_their_hosts_disk_together() -> None:
    """Their looks at it are a moment apart."""
    assert disks(kafka=(60, 20), mysql=(60, 20.2), spark=(60, 20)) == []
    assert disks(kafka=(40, 20), mysql=(40, 20.2), spark=(40, 20)) == [
        "the machines share a disk of 40.0 GB, and what grows there is bounded by 60 GB in all"
    ]


def check(probe: Callable[[Evidence], Iterable[str]], *, fatal: bool = True) -> Check:
    return Check(MACHINES, "it works", probe, "mend it", fatal)


def refuse(_evidence: Evidence) -> Iterable[str]:
    raise Refused("MySQL does not answer.")


def test_each_check_fails_for_itself_with_its_sentence() -> None:
    found = examine([check(refuse), check(lambda _: ["wrong"], fatal=False), check(lambda _: [])], evidence(status()))
    assert [(one.state, one.complaints) for one in found] == [
        ("wrong", ["MySQL does not answer."]),
        ("warning", ["wrong"]),
        ("right", []),
    ]


def test_what_is_wrong_is_printed_once_with_its_fix() -> None:
    found = examine([check(refuse), check(refuse, fatal=False), check(lambda _: [])], evidence(status()))
    with redirect_stdout(io.StringIO()) as out:
        show(found, {"right": 1, "warning": 1, "wrong": 1})
    assert out.getvalue() == (
        "Machines\n"
        "✗ it works\n"
        "    MySQL does not answer.\n"
        "    → mend it\n"
        "⚠ it works: as above\n"
        "✓ it works\n"
        "\n"
        "3 checks: 1 right, 1 to look at, 1 wrong.\n"
    )
    assert lines(found[2]) == ["[green]✓[/] it works"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"aliveworkers": 1, "activeapps": [{"name": "millrace-stream", "cores": 4}]}, []),
        ({"aliveworkers": 0, "activeapps": [{"name": "millrace-stream", "cores": 4}]}, ["no living worker"]),
        ({"aliveworkers": 1, "activeapps": [{"name": "wordcount", "cores": 1}]}, ["not known to Spark's master"]),
        ({"aliveworkers": 1, "activeapps": [{"name": "millrace-stream", "cores": 0}]}, ["no core to run on"]),
    ],
)
def test_what_sparks_master_tells(answer: dict[str, Any], expected: list[str]) -> None:
    found = list(service_probes.complaints_of_master(answer))
    assert len(found) == len(expected)
    assert all(end in one for one, end in zip(found, expected, strict=True))


def test_packages_are_those_of_the_lock(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / ".lab" / "venv").mkdir(parents=True)
    (tmp_path / "requirements" / "lab.txt").write_text("typer==1\n")
    stamp = tmp_path / ".lab" / "venv" / ".installed-lab"
    assert not host_probes.is_installed(tmp_path, "lab")
    stamp.write_text("c155ee5741060688b8bdabf3ef213bcdd67f36cfea439d9510ffd4af8c49db98\n")
    assert host_probes.is_installed(tmp_path, "lab")
    (tmp_path / "requirements" / "lab.txt").write_text("typer==2\n")
    assert not host_probes.is_installed(tmp_path, "lab")


def test_secrets_that_others_may_read_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_probes, "CHECKOUT", tmp_path)
    monkeypatch.setattr(host_probes, "state_folder", lambda: tmp_path)
    file = tmp_path / "secrets.yml"
    file.touch(0o600)
    assert list(host_probes.open_secrets(evidence(status()))) == []
    file.chmod(0o644)
    assert list(host_probes.open_secrets(evidence(status()))) == [
        "secrets.yml has mode 0644: others on this host may read it"
    ]
    file.chmod(0o600)
    (tmp_path / "kcat.conf").touch(0o644)
    assert list(host_probes.open_secrets(evidence(status()))) == [
        "kcat.conf has mode 0644: others on this host may read it"
    ]


def test_the_machines_problems_are_all_checked() -> None:
    assert list(machine_problems(DOWN)) == ["machine mysql does not answer at 192.168.33.14: make up"]
