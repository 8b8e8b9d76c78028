"""Whether the memory of long-lived processes stays flat while others around them are killed.

A process that has just started grows until it is warm, for ten minutes and more on a busy machine; what it takes then
must not go on growing. Samples of one process are compared with each other only: the slope is the one that all
processes of its kind have in common.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lab.host import remote
from millrace.errors import Refused

WARM_SECONDS = 540.0
"""Heaps and caches are grown by then."""
JUDGED_SECONDS = 600.0
FEWEST = 30
"""Samples of warm processes of a kind that say anything: five minutes' worth."""
SHARE_A_MINUTE = 0.005
"""How much of its mean a kind may gain in a minute: a twentieth in the ten minutes that are judged."""
PROCESSES = {
    "driver": ("spark", re.compile(r"deploy\.SparkSubmit.*app/stream\.py")),
    "driver's Python": ("spark", re.compile(r"python\S* \S*app/stream\.py")),
    "executors": ("spark", re.compile(r"CoarseGrainedExecutorBackend")),
    "tasks' Python": ("spark", re.compile(r"spark\.load\.worker_daemon")),
    "Superset": ("superset", re.compile(r"bin/gunicorn ")),
    "producers": ("kafka", re.compile(r"python\S* .*lab simulate \S+ --seed=")),
    "mysqld": ("mysql", re.compile(r"(^|/)mysqld( |$)")),
    "kafka": ("kafka", re.compile(r" kafka\.Kafka ")),
}
"""By kind, on which machine, and its command line."""
LIST = "ps -eo pid=,etimes=,args= --width 20000; grep --no-messages ^RssAnon /proc/[0-9]*/status || true"
"""What a process has for itself: Kafka's files are mapped into it as well, and are the system's to take back."""
ANONYMOUS = re.compile(r"^/proc/(?P<pid>\d+)/status:RssAnon:\s+(?P<size>\d+) kB$", re.MULTILINE)
POOL = (
    "SELECT variable_value FROM performance_schema.global_status WHERE variable_name = 'Innodb_buffer_pool_bytes_data'"
)
"""What the buffer pool holds: it fills with what is loaded, to the size that it is given, and is no leak."""


@dataclass(frozen=True)
class Sample:
    """Bytes that a process of a kind takes at a moment (seconds)."""

    kind: str
    pid: str
    at: float
    age: float
    size: float


def processes(kind: str, listed: str, at: float) -> list[Sample]:
    """Those of the kind in what LIST has printed."""
    sizes = {found["pid"]: int(found["size"]) * 1024 for found in ANONYMOUS.finditer(listed)}
    found = []
    for line in listed.splitlines():
        pid, age, command = (*line.split(maxsplit=2), "", "", "")[:3]
        if pid in sizes and PROCESSES[kind][1].search(command):
            found.append(Sample(kind, pid, at, float(age), sizes[pid]))
    return found


def take_samples(at: float) -> list[Sample]:
    """Every process as it is now; none of a machine that does not answer."""
    found = []
    for kind, (machine, _) in PROCESSES.items():
        try:
            of_kind = processes(kind, remote.run(machine, LIST, timeout=20), at)
            pool = int(remote.run(machine, _asked(POOL), timeout=20)) if kind == "mysqld" else 0
        except (Refused, ValueError):
            continue
        found += [Sample(one.kind, one.pid, one.at, one.age, one.size - pool) for one in of_kind]
    return found


def slope(samples: Iterable[Sample]) -> float:
    """Bytes a second, by least squares, each process having a level of its own."""
    of_process: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        of_process[sample.pid].append(sample)
    over, under = 0.0, 0.0
    for of_one in of_process.values():
        moment, level = (sum(values) / len(of_one) for values in zip(*((s.at, s.size) for s in of_one), strict=True))
        over += sum((s.at - moment) * (s.size - level) for s in of_one)
        under += sum((s.at - moment) ** 2 for s in of_one)
    return over / under if under else 0.0


def growing(samples: Sequence[Sample], ended: float) -> list[str]:
    """A sentence for each kind that grows over the last JUDGED_SECONDS before, or of which that cannot be said."""
    since, wrong = ended - JUDGED_SECONDS, []
    for kind in PROCESSES:
        judged = [s for s in samples if s.kind == kind and s.at >= since and s.age >= WARM_SECONDS]
        if len(judged) < FEWEST:
            wrong.append(f"{kind}: only {len(judged)} samples of its memory when it was warm, {FEWEST} are needed")
            continue
        mean = sum(s.size for s in judged) / len(judged)
        gained = 60 * slope(judged)
        if gained > SHARE_A_MINUTE * mean:
            mb = 2**20
            wrong.append(
                f"{kind}: its memory, {mean / mb:.0f} MB, grows by {gained / mb:.1f} MB a minute, "
                f"more than {SHARE_A_MINUTE:.1%} of it"
            )
    return wrong


def _asked(query: str) -> list[str]:
    return ["sudo", "mysql", "--batch", "--skip-column-names", "-e", query]
