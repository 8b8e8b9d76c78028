"""A feed's first data: its simulator's first records, or its sample; nothing that was sent before."""

from hashlib import file_digest
from pathlib import Path

from lab.operate.sender import Sender, kafka_outlet
from lab.screen.output import say
from lab.sentences import general as sentences
from millrace.contract.contract import Contract, load_contract
from millrace.lab_files import CHECKOUT
from millrace.record.identity import file_source
from millrace.settings import Lab, Settings
from producer.kafka.held_records import has_lost
from producer.simulate import run
from producer.simulate.simulated_feed import Simulated


def report(done: Simulated) -> None:
    """One line of what a run sent."""
    sent = ", ".join(f"{count:,} to {feed}" for feed, count in done.sent.items())
    say(sentences.SIMULATED.format(feed=done.feed, sent=sent, rows=done.rows))


def send_first(settings: Settings, lab: Lab, feed: str, stopped: run.Stopped) -> None:
    """One feed's first records, by its simulator if lab.yml wants some of it, else its sample."""
    configured = lab.simulator(feed)
    if configured.first and run.has_simulator(feed):
        report(
            run.simulate(kafka_outlet(settings), feed, seed=configured.seed, first=configured.first, stopped=stopped)
        )
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
        say(sentences.DEMO_SAMPLE_THERE.format(feed=contract.feed))
        return
    result = Sender(settings, contract).send(sample, "replace", lambda _done, _all: None)
    say(sentences.DEMO_SAMPLE_SENT.format(feed=contract.feed, records=result.records))


def is_sent(settings: Settings, feed: str, sample: Path) -> bool:
    """Whether this content is in the topic that exists now: the journal says so, and Kafka still holds it."""
    with sample.open("rb") as content:
        source = file_source(feed, file_digest(content, "sha256").hexdigest())
    outlet = kafka_outlet(settings)
    entry = outlet.journal.entry(feed, source)
    return (
        entry is not None
        and entry.state == "sent"
        and entry.topic_uuid == outlet.topic.topic_uuid(feed)
        and not has_lost(outlet.journal, outlet.holds, feed, source)
    )
