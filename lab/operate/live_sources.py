"""Live sources as the commands use them: with this machine's memory, its Kafka, and the ledger."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
from rich.markup import escape

from lab.operate import simulation
from lab.operate.sender import committed
from lab.screen.output import say
from lab.sentences import live_sources as sentences
from millrace.contract.contract import Contract, load_contract
from millrace.errors import Refused
from millrace.kafka.broker import Broker
from millrace.record.seal import Seal
from millrace.settings import Lab, Settings
from producer.kafka.publisher import KafkaPublisher
from producer.live.poll import Poll
from producer.live.poller import Simulate
from producer.live.publishers import Api, load_places, load_publisher
from producer.live.refused_answers import RefusedAnswers
from producer.live.store import Store
from producer.simulate.run import has_simulator

SIMULATED_PER_SECOND = 1.0
"""Where a simulator has to stand in for a publisher and lab.yml does not say how fast."""


def folder(settings: Settings) -> Path:
    """Where live sources keep what they fetch and refuse."""
    return settings.state_dir / "live"


def open_store(settings: Settings) -> Store:
    """The one memory of this machine's live sources."""
    return Store(settings.state_dir / "live.sqlite")


def print_line(line: str) -> None:
    """A line for the journal."""
    say(escape(line))


def api_of(feed: str) -> Api:
    """The feed's API; refuses a feed whose publisher gives files only."""
    api = load_publisher(feed).api
    if api is None:
        raise Refused(sentences.NO_API.format(feed=feed))
    return api


def refuse_too_often(feed: str, every: float) -> None:
    """Refuses a schedule that asks more than the publisher allows."""
    least, places = api_of(feed).shortest_interval(len(load_places(feed))), len(load_places(feed))
    if every < least:
        publisher = load_publisher(feed).publisher
        raise Refused(sentences.TOO_OFTEN.format(places=places, every=every, publisher=publisher, least=int(least) + 1))


def make_poll(settings: Settings, feed: str, client: httpx.Client, store: Store, stopped: Callable[[], bool]) -> Poll:
    """The feed's API, asked from this machine."""
    return Poll(
        contract=load_contract(feed),
        api=api_of(feed),
        page=load_publisher(feed).page,
        places=load_places(feed),
        store=store,
        client=client,
        topic=Broker(settings.kafka_account),
        publisher=lambda: KafkaPublisher(settings.kafka_as("producer"), feed),
        seal=Seal(settings.record_key),
        refused=RefusedAnswers(folder(settings) / "refused"),
        base=settings.publishers,
        read_up_to=partial(committed, settings, feed),
        say=print_line,
        stopped=stopped,
    )


def stand_in(settings: Settings, lab: Lab, feed: str) -> Simulate:
    """The feed's simulator, to run while its publisher does not answer."""
    configured = lab.simulator(feed)
    if not configured.per_second:
        configured = configured.model_copy(update={"per_second": SIMULATED_PER_SECOND})

    def simulate(stopped: Callable[[], bool]) -> None:
        # The outlet is made in the thread that uses it: SQLite's connections belong to one.
        simulation.simulate(settings, feed, configured, stopped=stopped)

    return simulate


def meanwhile(lab: Lab, contract: Contract, trouble: Refused) -> Refused:
    """The trouble, and, where it is so, that simulated data go on."""
    is_fed = contract.feed in lab.pollers or lab.simulator(contract.feed).per_second > 0
    if not (is_fed and contract.feed in lab.feeds and has_simulator(contract.feed)):
        return trouble
    return Refused(sentences.MEANWHILE.format(why=trouble, feed=contract.feed))
