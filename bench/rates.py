"""How long one waits from sent to committed at several rates, for one feed and for all; what a lab at rest costs."""

import time

from bench.feeds_at_once import simulators
from bench.freshness import under_traffic
from bench.processor_time import cores_busy
from bench.report.figures import Measured, Name, Options
from bench.send import quiet
from millrace.settings import load_lab

RATES = (100, 1_000, 5_000)


def measure(options: Options, _number: int) -> Measured:
    """A while without any record, and six loads, one after another."""
    feeds = simulators(load_lab())
    found = {"at rest": at_rest(options.seconds)} | {
        f"{who}, {rate:,}/s": under_traffic(some, rate, options.seconds)
        for who, some in (("one feed", feeds[:1]), ("all feeds", feeds))
        for rate in RATES
    }
    return {named(what, name): value for what, of in found.items() for name, value in of.items()}


def at_rest(seconds: int) -> dict[Name, float]:
    """How many cores each machine keeps at work while all feeds are on and nobody sends."""
    with quiet(), cores_busy() as busy:
        time.sleep(seconds)
    return busy


def named(what: str, name: Name) -> Name:
    """The figure's name among those of others."""
    return name._replace(figure=f"{what}: {name.figure}", group=name.group and f"{what}: {name.group}")
