"""`millrace demo`: what the first dashboard shows; a service of the kafka machine runs it once."""

from hashlib import sha256
from pathlib import Path

from feeds.contract import Contract, load_contract
from feeds.identity import file_source
from feeds.kafka import Broker
from feeds.settings import CHECKOUT, Settings, load_lab
from lab import words
from lab.screen import say
from lab.sending import Sender, kafka_outlet, open_journal
from producer.simulate import run


def demo() -> None:
    """Sends the plans and rates of lab.yml's demo and the other feeds' samples; sends nothing that was sent before."""
    settings, lab = Settings.from_environment(), load_lab()
    made = run.simulate(kafka_outlet(settings), seed=lab.demo.seed, rows=lab.demo.rates, stopped=run.stop_on_signals())
    say(words.SIMULATED.format(plans=made.plans_sent, rates=made.rates_sent, rows=made.rows))
    for feed in lab.feeds:
        sample = CHECKOUT / "feeds" / feed / "sample.csv"
        if feed not in run.FEEDS and sample.is_file():
            send_sample(settings, load_contract(feed), sample)


def send_sample(settings: Settings, contract: Contract, sample: Path) -> None:
    """Sends a feed's sample unless all of it is in Kafka; a newer sample takes the older one's place."""
    if is_sent(settings, contract.feed, sample):
        say(words.DEMO_SAMPLE_THERE.format(feed=contract.feed))
        return
    result = Sender(settings, contract).send(sample, "replace", lambda _done, _all: None)
    say(words.DEMO_SAMPLE_SENT.format(feed=contract.feed, records=result.records))


def is_sent(settings: Settings, feed: str, sample: Path) -> bool:
    """Whether the journal says that this content is in the topic that exists now."""
    source = file_source(feed, sha256(sample.read_bytes()).hexdigest())
    entry = open_journal(settings).entry(feed, source)
    return entry is not None and entry.state == "sent" and entry.topic_uuid == Broker(settings.kafka).topic_uuid(feed)
