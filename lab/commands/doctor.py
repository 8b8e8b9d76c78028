"""`make doctor`: everything that can be wrong with a lab, checked, each with what to do about it."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer
from rich.markup import escape

from lab.doctor.all_checks import CHECKS, HOST
from lab.doctor.examination import Finding, examine
from lab.location import is_host
from lab.screen.output import BAD, OK, WARN, print_json, say
from lab.sentences import doctor as sentences

MARKS = {"right": OK, "warning": WARN, "wrong": BAD}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="the findings for scripts")] = False) -> None:
    """Checks host, machines, services and feeds, whatever of them is up. Exit 1 when something is wrong."""
    findings = examine([check for check in CHECKS if check.group != HOST or is_host()])
    counts = {state: sum(one.state == state for one in findings) for state in MARKS}
    if as_json:
        print_json({"ok": not counts["wrong"], "checks": [asdict(one) for one in findings]})
    else:
        show(findings, counts)
    if counts["wrong"]:
        raise typer.Exit(1)


def show(findings: Iterable[Finding], counts: dict[str, int]) -> None:
    """The findings as a person reads them; what several complain of is reported once."""
    reported: set[str] = set()
    for group, found in groupby(findings, key=lambda one: one.group):
        say(f"[bold]{group}[/]")
        for one in found:
            for line in lines(one, reported):
                say(line)
            reported.update(one.complaints)
        say("")
    numbers = {"right": counts["right"], "warnings": counts["warning"], "wrong": counts["wrong"]}
    say(sentences.COUNTS.format(checks=sum(counts.values()), **numbers))


def lines(one: Finding, reported: Collection[str] = ()) -> list[str]:
    """The check with its mark; below it what was found, unless it was reported before, and → the fix."""
    mark, news = MARKS[one.state].text, [complaint for complaint in one.complaints if complaint not in reported]
    if not news:
        return [f"{mark} {escape(one.description)}{f': {sentences.AS_ABOVE}' if one.complaints else ''}"]
    found = [f"    {escape(complaint)}" for complaint in news]
    return [f"{mark} {escape(one.description)}", *found, f"    → {escape(one.hint)}"]
