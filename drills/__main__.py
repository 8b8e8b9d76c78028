"""`python -m drills`: performs the drills and prints what each came to.

Exit 1 when one found something wrong, or when one that was asked for by its name could not be performed.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from time import monotonic

from drills.all_drills import DRILLS
from drills.dashboards import has_figures
from drills.drill import Drill
from drills.perform import Verdict, perform
from drills.waiting import until
from instruments.failpoints import PRODUCERS, resting
from instruments.interrupted import ended_in_order, go_on_ending
from lab.screen.output import BAD, OK, WARN, Marked, complain, console, print_json, say, table
from millrace.errors import Refused
from millrace.settings import load_lab

BY_NAME = "by NAME only"
FIGURES_SECONDS = 900
NUMBERS = ["sent", "loaded", "updated", "duplicates", "quarantined", "reported s", "recovery s"]


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m drills", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    known = {drill.name: drill for drill in DRILLS}
    if unknown := set(given.names) - known.keys():
        complain(f"There is no drill {min(unknown)!r}: make drill LIST=1 shows them.")
        return 1
    wanted = [known[name] for name in given.names] or [drill for drill in DRILLS if given.list or not drill.by_name]
    if given.list:
        rows = [[drill.name, drill.does, drill.expected, BY_NAME if drill.by_name else ""] for drill in wanted]
        table("Drills", ["drill", "what is done", "expected, beside sums that add up", "when"], rows)
        return 0
    verdicts: list[Verdict] = []
    try:
        _perform_all(wanted, verdicts)
    except KeyboardInterrupt:  # hours of drills are not lost with the one that is broken off
        _tell(verdicts, as_json=given.json)
        raise
    except Refused as why:
        complain(str(why))
        return 1
    _tell(verdicts, as_json=given.json)
    return 0 if all(verdict.passed and not (given.names and verdict.skipped) for verdict in verdicts) else 1


def _tell(verdicts: Sequence[Verdict], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(verdict) for verdict in verdicts])
        _sum_up(verdicts, console(stderr=True).print)
    else:
        _show(verdicts)
        _sum_up(verdicts, say)


def _perform_all(wanted: Sequence[Drill], found: list[Verdict]) -> None:
    """Adds each one's verdict to `found`."""
    lab = load_lab()
    # What a lab that has just come up has not computed yet is no drill's doing.
    until(lambda: has_figures(lab), "the dashboards have their first figures", FIGURES_SECONDS)
    with resting("kafka", *PRODUCERS):
        for number, drill in enumerate(wanted, start=1):
            screen = console(stderr=True)
            screen.print(f"drill {number} of {len(wanted)}: {drill.name}: {drill.does}")
            began = monotonic()
            verdict = perform(drill, lab, lambda sentence: screen.print(f"  {monotonic() - began:3.0f} s {sentence}"))  # noqa: B023 - at once
            go_on_ending()
            found.append(verdict)
            screen.print(f"  {_ended(verdict)}")
            for sentence in verdict.wrong:
                complain(f"{drill.name}: {sentence}")


def _ended(verdict: Verdict) -> str:
    if verdict.skipped:
        return f"not performed: {verdict.skipped}"
    return f"{'passed' if verdict.passed else 'failed'}, recovered in {verdict.recovery_seconds} s"


def _show(verdicts: Sequence[Verdict]) -> None:
    rows = [
        [
            _mark(v),
            v.drill,
            v.does,
            v.sent,
            v.loaded,
            v.updated,
            v.duplicates,
            v.quarantined,
            v.reported_seconds,
            v.recovery_seconds,
        ]
        for v in verdicts
    ]
    table("", ["", "drill", "what was done", *NUMBERS], rows, right=NUMBERS)
    for verdict in verdicts:
        for sentence in verdict.wrong:
            complain(f"{verdict.drill}: {sentence}")


def _sum_up(verdicts: Sequence[Verdict], tell: Callable[[str], None]) -> None:
    """How many passed, and which could not be performed, with why."""
    skipped = [verdict for verdict in verdicts if verdict.skipped]
    for verdict in skipped:
        tell(f"{verdict.drill} was not performed: {verdict.skipped}.")
    passed = sum(verdict.passed for verdict in verdicts if not verdict.skipped)
    names = f"; not performed: {', '.join(verdict.drill for verdict in skipped)}" if skipped else ""
    tell(f"{passed} of {len(verdicts) - len(skipped)} passed{names}.")


def _mark(verdict: Verdict) -> Marked:
    if verdict.skipped:
        return WARN
    return OK if verdict.passed else BAD


if __name__ == "__main__":
    sys.exit(ended_in_order(lambda: main(sys.argv[1:])))
