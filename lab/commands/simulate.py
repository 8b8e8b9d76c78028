"""`millrace simulate`: seeded rows of a feed whose real records are not at hand."""

from typing import Annotated

import typer

from feeds.contract import load_contract
from feeds.errors import Refused
from feeds.settings import Settings, load_lab
from lab import words
from lab.screen import say
from lab.sending import kafka_outlet
from producer.simulate import rates, run


def simulate(
    feed: Annotated[str, typer.Argument(help="insurance_rate; its plans go to insurance_plan")],
    rows: Annotated[
        int | None, typer.Option(min=0, help="load up to this many rates first; lab.yml's demo.rates")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=0, help="then this many per second, 0 ends; lab.yml's demo.rates_per_second")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="other seed, other data; lab.yml's demo.seed")] = None,
) -> None:
    """Loads simulated rates and plans, then trickles new ones until stopped; goes on where it was stopped."""
    if load_contract(feed).feed != rates.FEED:
        raise Refused(words.NO_SIMULATOR.format(feed=feed, known=rates.FEED))
    demo = load_lab().demo
    done = run.simulate(
        kafka_outlet(Settings.from_environment()),
        seed=demo.seed if seed is None else seed,
        rows=demo.rates if rows is None else rows,
        per_second=demo.rates_per_second if rate is None else rate,
        stopped=run.stop_on_signals(),
    )
    say(words.SIMULATED.format(plans=done.plans_sent, rates=done.rates_sent, rows=done.rows))
