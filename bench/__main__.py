"""`python -m bench`: runs the benchmarks and prints their figures. A figure never fails it; a wrong count does."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib import import_module

from bench.report.figures import Figures, Measured, Options, document, machine
from instruments.interrupted import ended_in_order, go_on_ending
from lab.screen.output import complain, console, print_json, say, table
from millrace.errors import Refused

NAMES = ("send", "producers", "drain", "start", "freshness", "rates", "growth", "seen", "dashboards", "commands", "up")
BY_NAME = ("producers", "drain", "start", "rates", "growth")
"""Three of them stop the stream, and one restarts MySQL; others take half an hour and more."""
HEADERS = ["benchmark", "figure", "unit", "min", "median", "max", "runs"]
EXIT_WRONG = 1


Benchmark = Callable[[Options, int], Measured]
"""One run, told its number from 0. Raises WrongCount, or Refused where it cannot measure."""


def benchmark(name: str) -> Benchmark:
    """The function `measure` of the module of that name, which is imported only now: one of them needs a browser."""
    found: Benchmark = import_module(f"bench.{name}").measure
    return found


def measured(name: str, options: Options, how: Benchmark) -> Figures:
    """All runs of a benchmark; none further once one has failed."""
    figures = Figures(name)
    for number in range(options.times):
        console(stderr=True).print(f"{name}: run {number + 1} of {options.times}")
        try:
            figures.add(how(options, number))
        except Refused as why:
            figures.give_up(why)
            break
        finally:
            go_on_ending()
    return figures


def show(found: Sequence[Figures], before: Mapping[str, object]) -> None:
    """One table, and a sentence for each benchmark without a figure."""
    table("", HEADERS, [row for one in found for row in one.rows()], right=HEADERS[3:])
    say(f"{before['cores']} cores, load {before['load']} before and {machine()['load']} after.")
    for one in found:
        for what, why in one.reasons().items():
            complain(f"{what}: {why}")


def main(arguments: Sequence[str], find: Callable[[str], Benchmark] = benchmark) -> int:
    """The exit code: 1 where a count was wrong, or nothing could be measured at all."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    listed = f"of {', '.join(NAMES)}; all of them, but {', '.join(BY_NAME)}"
    parser.add_argument("names", nargs="*", metavar="NAME", help=listed)
    parser.add_argument("--json", action="store_true")
    for name, standard in asdict(Options()).items():
        parser.add_argument(f"--{name}", type=positive, default=standard)
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(NAMES):
        complain(f"There is no benchmark {min(unknown)!r}: known are {', '.join(NAMES)}.")
        return EXIT_WRONG
    options, before = Options(given.times, given.rows, given.seconds), machine()
    found = [
        measured(name, options, find(name)) for name in given.names or [each for each in NAMES if each not in BY_NAME]
    ]
    if given.json:
        print_json(document(found, asdict(options), before))
    else:
        show(found, before)
    return EXIT_WRONG if any(one.is_wrong for one in found) or not any(one.values for one in found) else 0


def positive(text: str) -> int:
    """A whole number from 1."""
    if (number := int(text)) < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(ended_in_order(lambda: main(sys.argv[1:])))
