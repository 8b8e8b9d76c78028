"""`millrace simulate`: seeded records of a feed whose real ones are not at hand."""

from typing import Annotated

import typer

from lab.operate.first_data import report
from lab.operate.sender import kafka_outlet
from millrace.contract.contract import load_contract
from millrace.settings import Settings, load_lab
from producer.simulate import run


def simulate(
    feed: Annotated[str, typer.Argument(help="a feed that has a simulator")],
    first: Annotated[int | None, typer.Option(min=0, help="load up to this many records first")] = None,
    rate: Annotated[float | None, typer.Option(min=0, help="then this many per second, 0 ends")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="of these, and end")] = None,
    seed: Annotated[int | None, typer.Option(help="other seed, other data")] = None,
) -> None:
    """Loads simulated records, then adds new ones until stopped; goes on where it was stopped. Defaults: lab.yml."""
    configured = load_lab().simulator(load_contract(feed).feed)
    done = run.simulate(
        kafka_outlet(Settings.from_environment()),
        feed,
        seed=configured.seed if seed is None else seed,
        first=configured.first if first is None else first,
        per_second=configured.per_second if rate is None else rate,
        count=count,
        stopped=run.stop_on_signals(),
    )
    report(done)
