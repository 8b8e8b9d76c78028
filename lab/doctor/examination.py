"""What a check is, and how all of them are made: side by side, each for itself."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

from lab.host import vagrant
from lab.observe.access import settings
from lab.observe.status import LabStatus, collect
from millrace.errors import Refused
from millrace.settings import Lab, Settings, load_lab

Known = TypeVar("Known")
State = Literal["right", "warning", "wrong"]
THREADS = 64
VAGRANT_SECONDS = 30.0


@dataclass(frozen=True)
class Evidence:
    """What several probes look at, asked once. Each call returns it, or raises the sentence why it is not known."""

    lab: Callable[[], Lab]
    settings: Callable[[], Settings]
    status: Callable[[], LabStatus]
    vagrant: Callable[[], vagrant.LabCheck]


class Check(NamedTuple):
    """`probe` gives one complaint per thing that is wrong, within seconds; a Refused is a complaint too.

    `fatal`: the lab does not work as long as it is so; else a warning.
    """

    group: str
    description: str
    probe: Callable[[Evidence], Iterable[str]]
    hint: str
    fatal: bool


@dataclass(frozen=True)
class Finding:
    """How a check ended. `complaints` are empty where it is right; `fatal` is the check's own."""

    group: str
    description: str
    state: State
    complaints: list[str]
    hint: str
    fatal: bool


def examine(checks: Sequence[Check], evidence: Evidence | None = None) -> list[Finding]:
    """Every check's finding, in the order of the table."""
    with ThreadPoolExecutor(THREADS) as pool:
        known = evidence or gather(pool)
        return list(pool.map(lambda check: examine_one(check, known), checks))


def examine_one(check: Check, evidence: Evidence) -> Finding:
    """One check's finding."""
    try:
        complaints = list(check.probe(evidence))
    except Refused as refused:
        complaints = [str(refused)]
    complaints = [" ".join(complaint.split()) for complaint in complaints]
    state: State = "right" if not complaints else "wrong" if check.fatal else "warning"
    return Finding(check.group, check.description, state, complaints, check.hint, check.fatal)


def gather(pool: Executor) -> Evidence:
    """Everything is asked at once; what needs something else waits for it."""
    lab = once(pool, load_lab)
    known = once(pool, settings)
    status = once(pool, lambda: collect(lab(), known()))
    return Evidence(lab, known, status, once(pool, lambda: vagrant.check(seconds=VAGRANT_SECONDS)))


def once(pool: Executor, work: Callable[[], Known]) -> Callable[[], Known]:
    """Begins the work; the call waits for its result, and raises what it raised."""
    return pool.submit(work).result
