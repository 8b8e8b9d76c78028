"""`millrace demo`: what the dashboards show at first; a service of the kafka machine runs it once."""

from hashlib import file_digest
from pathlib import Path

from feeds.contract import Contract, load_contract
from feeds.errors import Refused
from feeds.identity import file_source
from feeds.kafka import Broker
from feeds.lab_files import CHECKOUT
from feeds.settings import Lab, Settings, load_lab
from lab import words
from lab.commands.simulate import report
from lab.screen import complain, say
from lab.sending import Sender, kafka_outlet, open_journal
from producer.simulate import run


def demo() -> None:
    """Sends every feed's first simulated records, or its sample; sends nothing that was sent before.

    A feed that cannot be sent does not stop the others; exit 1 then, with one sentence for each.
    """
    settings, lab = Settings.from_environment(), load_lab()
    stopped = run.stop_on_signals()
    failed = []
    for feed in lab.feeds:
        if stopped():
            return
        try:
            send_first(settings, lab, feed, stopped)
        except Refused as refused:
            complain(f"{feed}: {refused}")
            failed.append(feed)
    if failed:
        raise Refused(words.FIRST_FAILED.format(feeds=", ".join(failed)))


def send_first(settings: Settings, lab: Lab, feed: str, stopped: run.Stopped) -> None:
    """One feed's first records, by its simulator if lab.yml wants some of it, else its sample."""
    told = lab.simulator(feed)
    if told.first and run.has_simulator(feed):
        report(run.simulate(kafka_outlet(settings), feed, seed=told.seed, first=told.first, stopped=stopped))
    elif feed not in lab.begin_empty and not is_sent_along(lab, feed) and (sample := sample_of(feed)):
        send_sample(settings, load_contract(feed), sample)


def is_sent_along(lab: Lab, feed: str) -> bool:
    """Whether another feed's simulator sends this feed's first records."""
    others = (other for other in lab.feeds if other != feed and lab.simulator(other).first and run.has_simulator(other))
    return any(feed in run.simulated_with(other) for other in others)


def sample_of(feed: str) -> Path | None:
    """The feed's small sample in the repository, in whichever format it is."""
    return next(iter(sorted((CHECKOUT / "feeds" / feed).glob("sample.*"))), None)


def send_sample(settings: Settings, contract: Contract, sample: Path) -> None:
    """Sends a feed's sample unless all of it is in Kafka; a newer sample takes the older one's place."""
    if is_sent(settings, contract.feed, sample):
        say(words.DEMO_SAMPLE_THERE.format(feed=contract.feed))
        return
    result = Sender(settings, contract).send(sample, "replace", lambda _done, _all: None)
    say(words.DEMO_SAMPLE_SENT.format(feed=contract.feed, records=result.records))


def is_sent(settings: Settings, feed: str, sample: Path) -> bool:
    """Whether the journal says that this content is in the topic that exists now."""
    with sample.open("rb") as content:
        source = file_source(feed, file_digest(content, "sha256").hexdigest())
    entry = open_journal(settings).entry(feed, source)
    return entry is not None and entry.state == "sent" and entry.topic_uuid == Broker(settings.kafka).topic_uuid(feed)
