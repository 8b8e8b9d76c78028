"""The producer as the commands use it: with the machine's journal and spool, and the ledger to know what was read."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from lab.observe.ledger import Counts, feed_state, newest_load, newest_version
from lab.observe.warehouse import warehouse
from lab.operate import reconciliation
from lab.sentences import general as sentences
from lab.sentences import status as status_words
from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.kafka.broker import Broker
from millrace.kafka.topic_reader import TopicReader
from millrace.record.seal import Seal
from millrace.settings import Settings
from producer.files.send_file import Again, SendResult, send_spooled
from producer.files.spool import spool
from producer.kafka.held_records import HeldRecords
from producer.kafka.journal import Entry, Journal
from producer.kafka.outlet import Outlet
from producer.kafka.publisher import KafkaPublisher


def open_journal(settings: Settings) -> Journal:
    """The one journal of everything this machine sends."""
    return Journal(settings.state_dir / "journal.sqlite")


def spool_folder(settings: Settings) -> Path:
    """Where files lie while they are sent."""
    return settings.state_dir / "spool"


def committed(settings: Settings, feed: str) -> dict[int, int]:
    """The feed's committed end per partition, as the ledger has it now."""
    with warehouse(settings) as connection:
        state = feed_state(connection, feed)
    return state.committed if state else {}


def is_loaded(settings: Settings, entry: Entry) -> bool:
    """Whether a record of that version, or of a later one of the same content, is in MySQL; no where nobody says."""
    try:
        with warehouse(settings) as connection:
            return newest_version(connection, entry.feed, entry.source) >= entry.version
    except Refused:
        return False


def kafka_outlet(settings: Settings) -> Outlet:
    """Where this machine sends."""
    broker = Broker(settings.kafka_account)
    return Outlet(
        publisher=partial(KafkaPublisher, settings.kafka_as("producer")),
        topic=broker,
        journal=open_journal(settings),
        seal=Seal(settings.record_key),
        read_up_to=lambda feed: partial(committed, settings, feed),
        holds=HeldRecords(broker, TopicReader(settings.kafka_account, every=True)),
        is_loaded=partial(is_loaded, settings),
    )


def load_before(settings: Settings, feed: str) -> int:
    """The newest load before something is sent. Refuses while MySQL is away or the feed has stopped."""
    try:
        with warehouse(settings) as connection:
            state, load = feed_state(connection, feed), newest_load(connection)
    except Refused as refused:
        raise Refused(sentences.NOTHING_SENT.format(why=refused)) from refused
    if state is not None and state.state == "stopped":
        raise Refused(sentences.STREAM_STOPPED.format(feed=feed, message=state.message or status_words.NO_REASON))
    return load


class Sender:
    """Sends files of one feed from this machine and follows them into MySQL."""

    def __init__(self, settings: Settings, contract: Contract) -> None:
        self._settings = settings
        self._contract = contract
        self._outlet = kafka_outlet(settings)

    def start(self, file: Path, progress: Callable[[int], None]) -> int:
        """The newest load before sending. Refuses while MySQL is away or the feed has stopped.

        Records of an interrupted send of the same file are waited for, so that they are not counted as this send's.
        """
        feed = self._contract.feed
        load = load_before(self._settings, feed)
        if not any(entry.state == "sending" for entry in self._outlet.journal.named(feed, file.name)):
            return load
        ends = self._outlet.topic.latest_offsets(feed)
        reconciliation.wait_for_arrival(
            self._settings, reconciliation.Sent(feed, 0, sum(ends.values()), ends), progress
        )
        with warehouse(self._settings) as connection:
            return newest_load(connection)

    def send(self, file: Path, again: Again, progress: Callable[[int, int], None], sheet: str = "") -> SendResult:
        """Puts the file into Kafka; of a workbook the first sheet, or that one."""
        spooled = spool(file, spool_folder(self._settings), sheet)
        return send_spooled(self._contract, spooled, self._outlet, again=again, progress=progress)

    def follow(self, sent: reconciliation.Sent, start: int, progress: Callable[[int], None]) -> Counts:
        """Waits until everything has landed and returns what became of it."""
        reconciliation.wait_for_arrival(self._settings, sent, progress)
        return reconciliation.counts_of(self._settings, sent, start)
