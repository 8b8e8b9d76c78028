"""Vagrant in this checkout: what it knows of the machines, and its commands."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.host import remote
from lab.host.command_log import COLOURS, WAITS, Ended, Job, run_jobs
from lab.host.downloads import downloads_folder
from lab.location import CHECKOUT, guest_folders, state_folder
from lab.sentences import machines as sentences
from millrace.errors import Refused

RUNNING = "running"
"""Vagrant's name for the state of a machine that is up."""


@dataclass(frozen=True)
class Machine:
    """A machine as Vagrant sees it; `state` is Vagrant's term, such as running or not_created."""

    name: str
    provider: str
    state: str

    @property
    def runs(self) -> bool:
        """Whether it is up."""
        return self.state == RUNNING

    @property
    def made(self) -> bool:
        """Whether it exists, running or not."""
        return self.state != "not_created"

    def id(self) -> str:
        """What tells this machine from one made anew under the same name; empty when it is not made."""
        file = CHECKOUT / ".vagrant" / "machines" / self.name / self.provider / "id"
        return f"{file.read_text()} {file.stat().st_mtime_ns}" if file.is_file() else ""


@dataclass(frozen=True)
class LabCheck:
    """What `vagrant lab-check` found: provider and why, what is wrong, releases without a box, the machines."""

    provider: str
    why: str
    failures: tuple[str, ...]
    missing_boxes: tuple[str, ...]
    machines: list[Machine]


def ask(*arguments: str, environment: Mapping[str, str] | None = None, seconds: float | None = None) -> str:
    """What a quick Vagrant command prints; refuses with its own words when it fails, or takes longer than that."""
    if shutil.which("vagrant") is None:
        raise Refused(sentences.NO_VAGRANT)
    job = Job("vagrant-" + arguments[0], ["vagrant", *arguments], environment or {})
    try:
        done = subprocess.run(
            job.command,
            cwd=CHECKOUT,
            env={**os.environ, **job.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as late:
        raise Refused(sentences.VAGRANT_LATE.format(command=" ".join(job.command), seconds=late.timeout)) from None
    if done.returncode != 0:
        job.log.write_text(done.stdout + done.stderr)
        raise failure(Ended(job, done.returncode))
    return done.stdout


def check(environment: Mapping[str, str] | None = None, *, seconds: float | None = None) -> LabCheck:
    """Everything that could refuse, before anything is made, and the machines of this checkout."""
    printed = ask("lab-check", environment=environment, seconds=seconds)
    found: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    return LabCheck(
        found["provider"],
        found["why"],
        tuple(found["failures"]),
        tuple(found["missing_boxes"]),
        [Machine(**machine) for machine in found["machines"]],
    )


def run(title: str, jobs: Sequence[Job]) -> None:
    """Runs Vagrant commands at the same time; refuses with the first failure's last lines."""
    for ended in run_jobs(title, jobs):
        if ended.code != 0:
            raise failure(ended)


def job(name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Job:
    """A Vagrant command whose log carries `name`."""
    return Job(name, ["vagrant", *arguments, "--no-color"], environment or {})


def failure(ended: Ended) -> Refused:
    """What Vagrant's checks refused or who was waited for in vain, in one sentence; else its last lines and its log."""
    lines = [COLOURS.sub("", line).strip() for line in ended.lines()]
    if refused := refusal(lines):
        return Refused(refused)
    log = ended.job.log.relative_to(CHECKOUT)
    last = next((line for line in reversed(lines) if "TASK [" in line), "")
    if (waited := WAITS.search(last)) and waited["how"] == "Waited in vain":
        return Refused(sentences.WAITED.format(who=ended.job.name, address=waited["address"], log=log))
    tail = "\n".join(line for line in lines[-40:] if line)[-1500:]
    return Refused(sentences.VAGRANT_FAILED.format(command=" ".join(ended.job.command), log=log, tail=tail))


def refusal(lines: Sequence[str]) -> str:
    """The first refused sentence, whole, or nothing: Ansible quotes what a command said, and folds it."""
    for number, line in enumerate(lines):
        before, mark, sentence = line.partition("✗ ")
        if mark and not before.endswith("'"):
            return sentence
        if mark:
            end = next((n for n, more in enumerate(lines[number:], number) if more.endswith("'")), number)
            return " ".join([sentence, *lines[number + 1 : end + 1]]).removesuffix("'").replace("''", "'")
    return ""


def copy_folders(of: Sequence[Machine]) -> None:
    """Libvirt's machines hold copies of the shared folders: brings them up to date."""
    copies = [machine.name for machine in of if machine.provider == "libvirt"]
    if copies:
        run("{what}", [job("rsync", "rsync", *copies)])


def share_folders(of: Sequence[Machine]) -> None:
    """Starts anew the machines that were up before a folder was shared, and those that see others' part of the cache.

    Vagrant shows folders at a start.
    """
    lacking = [f"test -d /vagrant/{folder} || echo {folder}" for folder in guest_folders()]
    asked = "; ".join([*lacking, "! mountpoint --quiet /var/cache/millrace || echo cache"])
    blind = [machine.name for machine in of if remote.run(machine.name, asked).strip()]
    if blind:
        run(sentences.STARTING_ANEW, [job("machines", "reload", "--no-provision", *blind)])


def fetch_cache(of: Sequence[Machine], environment: Mapping[str, str] | None = None) -> None:
    """Libvirt's machines hold a copy of the cache: brings home what they added to it."""
    for machine in of:
        if machine.provider != "libvirt" or not machine.runs:
            continue
        settings = state_folder() / "ssh" / f"{machine.name}.cache"
        settings.parent.mkdir(exist_ok=True)
        settings.write_text(ask("ssh-config", machine.name, environment=environment))
        command = ["rsync", "-a", "--no-owner", "--no-group", "--rsync-path=sudo rsync", "-e", f"ssh -F {settings}"]
        source = f"{machine.name}:/var/cache/millrace/{machine.name}/"
        target = f"{downloads_folder() / 'cache' / machine.name}/"
        run("{what}", [Job(f"cache-{machine.name}", [*command, source, target])])
