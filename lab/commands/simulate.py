"""`millrace simulate`: seeded records of a feed whose real ones are not at hand."""

from typing import Annotated

import typer

from lab.operate import simulation
from lab.operate.first_data import report
from millrace.contract.contract import load_contract
from millrace.settings import Settings, load_lab
from producer.simulate.run import stop_on_signals


def simulate(
    feed: Annotated[str, typer.Argument(help="a feed that has a simulator")],
    first: Annotated[int | None, typer.Option(min=0, help="load up to this many records first")] = None,
    rate: Annotated[float | None, typer.Option(min=0, help="then always this many per second, 0 ends")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="of these, and end")] = None,
    seed: Annotated[int | None, typer.Option(help="other seed, other data")] = None,
) -> None:
    """Loads simulated records, then adds new ones until stopped; goes on where it was stopped. Defaults: lab.yml."""
    configured = load_lab().simulator(load_contract(feed).feed)
    given = {name: value for name, value in {"seed": seed, "first": first}.items() if value is not None}
    configured = configured.model_copy(update=given)
    settings = Settings.from_environment()
    report(simulation.simulate(settings, feed, configured, rate=rate, count=count, stopped=stop_on_signals()))
