"""How long one waits from sent to committed at several rates, for one feed and for all."""

from bench.feeds_at_once import simulators
from bench.freshness import under_traffic
from bench.report.figures import Measured, Options
from millrace.settings import load_lab

RATES = (100, 1_000, 5_000)


def measure(options: Options, _number: int) -> Measured:
    """Six loads, one after another."""
    feeds = simulators(load_lab())
    return {
        name._replace(figure=f"{who}, {rate:,}/s: {name.figure}"): value
        for who, some in (("one feed", feeds[:1]), ("all feeds", feeds))
        for rate in RATES
        for name, value in under_traffic(some, rate, options.seconds).items()
    }
