"""The phases of `make up`: of the last runs that had something to do, as recorded; and on a lab that is up, now."""

import subprocess
import time
from collections.abc import Callable, Mapping

from bench.report.figures import Measured, Name
from lab.location import CHECKOUT
from lab.screen.progress import Record, recorded
from millrace.errors import Refused


def make_up() -> subprocess.CompletedProcess[str]:
    """What a person types."""
    return subprocess.run(["make", "up"], cwd=CHECKOUT, capture_output=True, text=True, check=False)


def measure(_options: object, number: int, run: Callable[[], subprocess.CompletedProcess[str]] = make_up) -> Measured:
    """`make up` on a lab that is up; before the first time also the phases of the last runs that did something."""
    found: dict[Name, float] = {}
    for last in last_of_each_kind() if number == 0 else ():
        found |= phases_of(last)
    began = time.monotonic()
    done = run()
    seconds = time.monotonic() - began
    if done.returncode != 0:
        raise Refused(f"`make up` failed: {(done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]}")
    now = recorded()[-1]
    if now.did:
        raise Refused("`make up` had something to do: measure once more, now that the lab is up.")
    return found | {Name("already up", "s"): seconds}


def last_of_each_kind() -> list[Record]:
    """Of runs that did the same, such as building boxes or only provisioning, the newest, in the order they ended."""
    last = {one.did: one for one in recorded() if one.did}
    return sorted(last.values(), key=lambda one: one.when)


def phases_of(record: Record) -> Mapping[Name, float]:
    """Its steps, and their sum."""
    notes = {phase.title: f" ({phase.note})" if phase.note else "" for phase in record.phases}
    seconds = {phase.title: phase.seconds for phase in record.phases}
    found = {Name(f"{record.when}: {title}{notes[title]}", "s"): took for title, took in seconds.items()}
    return found | {Name(f"{record.when}: together", "s"): sum(seconds.values())}
