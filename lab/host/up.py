"""`make up`: from whatever is there to a lab whose first dashboard has data, doing only what is missing."""

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from rich.markup import escape

from lab.host import boxes, provisioning_digest, readiness, remote, vagrant
from lab.location import state_folder
from lab.observe.client_files import write_client_files
from lab.observe.services import dashboards
from lab.screen.output import say, table
from lab.screen.progress import Phase, Phases, record, spinner
from lab.sentences import machines as sentences
from millrace.errors import Refused
from millrace.lab_files import CHECKOUT
from millrace.settings import load_lab

STEPS = 5
FRESH = "fresh"
FIRST_FEED, TYPICAL_TOPIC = "insurance_network", "insurance_rate"


def bring_up(*, fresh: bool = False) -> None:
    """Boxes, machines, provisioning, first data; then the addresses. Refuses with one sentence that says what to do.

    `fresh`: the machines are provisioned in any case, with new lists of packages.
    """
    if fresh:
        ask_for_fresh_lists()
    phases = Phases(STEPS)
    phases.add(sentences.STEP_INSTALL, install_seconds())
    authorise()
    try:
        with phases.step(sentences.STEP_BOXES) as phase:
            machines = prepare_boxes(vagrant.check(), phase)
        with phases.step(sentences.STEP_MACHINES) as phase:
            machines = start_machines(machines, phase)
        with phases.step(sentences.STEP_PROVISION) as phase:
            provision(machines, phase)
        with phases.step(sentences.STEP_DATA):
            wait_for_data()
        write_client_files()
    except KeyboardInterrupt as stop:
        raise Refused(sentences.INTERRUPTED) from stop
    record(phases)
    show(phases)


def install_seconds() -> float:
    """How long the Makefile's first step took, which installs what the host lacks."""
    began = os.environ.get("MILLRACE_BEGAN")
    return max(0.0, time.time() - float(began)) if began else 0.0


def ask_for_fresh_lists() -> None:
    """Notes when: the machines read it, and are provisioned since it has changed (ansible/roles/base/tasks/apt.yml)."""
    asked = state_folder() / "host" / FRESH
    asked.parent.mkdir(exist_ok=True)
    asked.write_text(f"{datetime.now(UTC).isoformat()}\n")


def authorise() -> None:
    """Lets sudo ask for the password now, where a person reads it, and not between lines that move."""
    if os.geteuid() != 0 and shutil.which("sudo") is not None:
        subprocess.run(["sudo", "--validate"], check=False)


def prepare_boxes(found: vagrant.LabCheck, phase: Phase) -> list[vagrant.Machine]:
    """Refuses what the checks found; where a machine is to be made, builds the boxes that are missing or out of date.

    Returns the machines as they are.
    """
    say(sentences.PROVIDER.format(provider=found.provider, why=found.why))
    if found.failures:
        raise Refused(found.failures[0])
    all_made = all(machine.made for machine in found.machines)
    missing = [] if all_made else boxes.missing(found.provider)
    if not missing:
        phase.note = sentences.BOXES_THERE
        return found.machines
    phase.note = sentences.BUILDING.format(what=", ".join(box.release for box in missing))
    boxes.build(missing)
    return found.machines


def start_machines(machines: list[vagrant.Machine], phase: Phase) -> list[vagrant.Machine]:
    """Makes and boots the machines that do not run, all at the same time; returns all of them."""
    resting = [machine.name for machine in machines if not machine.runs]
    if not resting:
        phase.note = sentences.NOTHING_CHANGED
        return machines
    phase.note = sentences.STARTING.format(what=", ".join(resting))
    vagrant.run(sentences.STARTING, [vagrant.job("machines", "up", "--no-provision", *resting)])
    return [replace(machine, state=vagrant.RUNNING) for machine in machines]


def provision(machines: list[vagrant.Machine], phase: Phase) -> None:
    """Provisions, at the same time, the machines whose last provisioning read something else than what is there now."""
    digest = provisioning_digest.inputs()
    stale = [machine for machine in machines if not provisioning_digest.is_current(machine, digest)]
    if not stale:
        phase.note = sentences.NOTHING_CHANGED
        return
    phase.note = sentences.PROVISIONING.format(what=", ".join(machine.name for machine in stale))
    vagrant.copy_folders(stale)
    vagrant.share_folders([machine for machine in stale if provisioning_digest.is_known(machine)])
    vagrant.run(sentences.PROVISIONING, [vagrant.job(machine.name, "provision", machine.name) for machine in stale])
    vagrant.fetch_cache(stale)
    for machine in stale:
        remote.let_go(machine.name)
        provisioning_digest.keep(machine, digest)


def wait_for_data() -> None:
    """Returns when the first dashboard has something to show."""
    with spinner() as screen:
        line = screen.add_task(sentences.STEP_DATA, total=None, line="")
        readiness.wait_for_first_data(
            lambda rows, wanted: screen.update(line, line=sentences.ROWS.format(rows=rows, wanted=wanted))
        )


def show(phases: Phases) -> None:
    """Where to go now."""
    table("", ["step", "seconds", ""], phases.rows(), right=["seconds"])
    say("")
    say(sentences.READY)
    table("", ["", ""], list(dashboards(load_lab()).items()))
    say(sentences.SIGN_IN)
    say("")
    table(sentences.TRY, ["", ""], [[escape(command), what] for command, what in things_to_try(load_lab().feeds)])


def things_to_try(on: Sequence[str]) -> list[tuple[str, str]]:
    """Commands and what they show, with feeds that are on: the small insurance feed where it is one of them."""
    samples = {feed: file for feed in (FIRST_FEED, *on) if feed in on for file in sample_files(feed)}
    sent = next(iter(samples), None)
    read = TYPICAL_TOPIC if TYPICAL_TOPIC in on else sent or next(iter(on), None)
    command, what = sentences.TRY_SEND
    tries = [(command.format(feed=sent, sample=samples[sent]), what)] if sent else []
    tries.append(sentences.TRY_SQL)
    command, what = sentences.TRY_KAFKA if read else sentences.TRY_FEED_ON
    return [*tries, (command.format(feed=read or FIRST_FEED), what)]


def sample_files(feed: str) -> list[str]:
    """The feed's small sample, as a path that is typed in the checkout."""
    return [f"feeds/{feed}/{file.name}" for file in sorted((CHECKOUT / "feeds" / feed).glob("sample.*"))[:1]]
