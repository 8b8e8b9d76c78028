"""`make status`: the lab on one screen."""

from typing import Annotated

import typer

from lab.observe.access import settings
from lab.observe.ledger import JobHealth
from lab.observe.machines import MachineStatus, machine_problems, machine_warnings
from lab.observe.status import FeedStatus, LabStatus, collect
from lab.screen.output import BAD, OK, WARN, Marked, complain, print_json, say, table, warn
from lab.sentences import status as sentences
from millrace.settings import load_lab
from sql.notices import Notice

GB = 1e9
ORIGINS = {
    "api": "live source",
    "file": "file",
    "device": "device",
    "simulator": "simulator",
    "console": "console",
}


def status(as_json: Annotated[bool, typer.Option("--json", help="the same record for scripts")] = False) -> None:
    """Machines, services, feeds with lag, rows and quarantine, dashboards. Exit 1 when something is wrong."""
    found = collect(load_lab(), settings())
    if as_json:
        print_json(found.as_json())
    else:
        show(found)
    if found.problems:
        raise typer.Exit(1)


def show(found: LabStatus) -> None:
    """The record as a person reads it."""
    headers = ["", "machine", "address", "disk", "memory", "clock"]
    table("Machines", headers, [machine_row(machine) for machine in found.machines], right=headers[3:])
    table(
        "\nServices",
        ["", "service", "machine", "address"],
        [[tick(s.up), s.service, s.machine, s.address] for s in found.services],
    )
    headers = ["", "feed", "state", "in topic", "lag", "rows", "quarantine", "behind", "last load", "newest from"]
    table("\nFeeds", headers, [feed_row(feed) for feed in found.feeds], right=headers[3:-1])
    if found.jobs:
        table("\nBatch jobs", ["", "job", "last run", "ended well", ""], [job_row(job) for job in found.jobs])
    if found.notices:
        table("\nTold", ["", "feed", "where", ""], [notice_row(notice) for notice in found.notices])
    table("\nOpen in a browser", ["page", "address"], found.dashboards.items())
    say("")
    if not found.problems:
        say(f"[green]✓[/] {sentences.STATUS_FINE}")
    for warning in found.warnings:
        warn(warning)
    for problem in found.problems:
        complain(problem)


def machine_row(machine: MachineStatus) -> list[object]:
    """A machine's line: what is used of how much, how far its clock is off ours."""
    facts = machine.facts
    if facts is None:
        return [tick(machine.up), machine.machine, machine.address, None, None, None]
    mark = BAD if any(machine_problems([machine])) else WARN if any(machine_warnings([machine])) else OK
    used = [part_of(facts.disk_share, facts.disk_size), part_of(facts.memory_share, facts.memory_size)]
    return [mark, machine.machine, machine.address, *used, f"{facts.clock_ahead:+.1f} s"]


def part_of(share: float, size: int) -> str:
    """A share of bytes as a person reads it."""
    return f"{share:.0%} of {size / GB:.1f} GB"


def tick(up: bool) -> Marked:
    """✓ or ✗."""
    return OK if up else BAD


def feed_row(feed: FeedStatus) -> list[object]:
    """A feed's line; quarantined records are a warning, not a fault."""
    mark = BAD if not feed.right else WARN if feed.quarantined else OK
    behind = None if feed.behind_seconds is None else f"{feed.behind_seconds:.0f} s"
    newest = [behind, age(feed.last_load_seconds), ORIGINS.get(feed.origin or "")]
    return [mark, feed.feed, feed.state, feed.topic_records, feed.lag, feed.rows, feed.quarantined, *newest]


def job_row(job: JobHealth) -> list[object]:
    """A job's line. The next run makes good what one has missed, so this is a warning; `make logs` knows more."""
    return [OK if job.right else WARN, job.job, job.state, age(job.done_seconds), job.message]


def notice_row(notice: Notice) -> list[object]:
    """What waits, is in trouble, or has happened to a topic."""
    mark = {"trouble": BAD, "waits": WARN}.get(notice.kind, OK)
    return [mark, notice.feed, notice.place, notice.message]


def age(seconds: float | None) -> str | None:
    """An age a person reads: 4 s, 12 min, 3 h, 2 days."""
    if seconds is None:
        return None
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"
