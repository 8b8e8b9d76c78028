"""Records that wait in the topic while the stream rests, for others to read, and then for the stream itself."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from bench.peers.table import FEED
from bench.peers.watched import PATIENCE_SECONDS, POLL_SECONDS, Course
from bench.report.figures import WrongCount
from instruments.failpoints import resting
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import kafka_account, settings
from lab.observe.ledger import feed_state, stream_alive
from lab.observe.services import STREAM_UNIT
from lab.observe.warehouse import warehouse
from millrace.errors import Refused
from millrace.kafka.broker import Broker
from millrace.waiting import Patience, ask_until
from producer.kafka.backpressure import SAFE_SHARE

READ_SECONDS, SEND_SECONDS = 900, 3600
LARGEST_BYTES = 1_200
"""More than any of these records takes."""
# When each load of the source was committed, in seconds from that moment, and what had been loaded by then.
COMMITS = (
    "SELECT TIMESTAMPDIFF(MICROSECOND, :began, l.finished_at) / 1e6,"
    " SUM(s.loaded) OVER (ORDER BY l.load_id), SUM(s.read_count - s.loaded) OVER (ORDER BY l.load_id)"
    " FROM pipeline_load_source s JOIN pipeline_load l USING (load_id)"
    " WHERE s.source_id = :source AND l.state = 'committed' ORDER BY l.load_id"
)


@dataclass(frozen=True)
class Held:
    """Records of one source: by partition the offset of the first, and the one behind the last."""

    first: dict[int, int]
    ends: dict[int, int]
    source: int
    file: Path

    @property
    def rows(self) -> int:
        """How many they are."""
        return sum(self.ends.values()) - sum(self.first.values())


@contextmanager
def held(file: Path, source: int, rows: int, *beside: Path) -> Iterator[Held]:
    """Stops the stream and sends the file; afterwards the stream runs again, and has read everything.

    `rows`: its own, and those of the files that are sent at the same time.
    """
    with warehouse(settings()) as connection:
        if not stream_alive(connection):
            raise Refused("The stream does not run: make status.")
    with closing(Broker(settings().kafka_account)) as broker, room_for(rows):
        wait_until_read(broker)
        first = broker.latest_offsets(FEED)
        try:
            with resting("spark", f"{STREAM_UNIT}.service"):
                put(broker, (file, *beside), sum(first.values()) + rows)
                yield Held(first, broker.latest_offsets(FEED), source, file)
        finally:
            wait_until_read(broker)


@contextmanager
def room_for(rows: int) -> Iterator[None]:
    """Meanwhile the topic keeps so many records that nobody has read, which may be more than its share of the disk."""
    with closing(Broker(kafka_account("admin"))) as broker:
        kept = broker.retention_bytes(FEED)
        needed = int(rows / len(broker.partitions(FEED)) * LARGEST_BYTES / SAFE_SHARE)
        broker.resize_topics({FEED: max(kept, needed)}, committed)
        try:
            yield
        finally:
            # Where records wait still, the topic stays as it is: `make up` makes it smaller where it has to.
            broker.resize_topics({FEED: kept}, committed)


def committed(feed: str) -> Mapping[int, int]:
    """By partition, how far the ledger has it; nothing of a feed that it does not know."""
    with warehouse(settings()) as connection:
        state = feed_state(connection, feed)
        return state.committed if state else {}


def wait_until_read(broker: Broker) -> None:
    """Returns when nothing waits in the topic."""

    def is_read() -> bool:
        return committed(FEED).items() >= broker.latest_offsets(FEED).items()

    if not ask_until(is_read, bool, seconds=READ_SECONDS, pause=1):
        raise Refused(f"After {READ_SECONDS} s records of {FEED} still wait to be loaded: make status.")


def put(broker: Broker, files: Sequence[Path], end: int) -> None:
    """`make send` of each until the topic's ends add up to `end`; they wait for the stream then, and are ended."""
    sending = [send_beside(file) for file in files]

    def is_over() -> bool:
        ended = any(process.poll() is not None for process in sending)
        return ended or sum(broker.latest_offsets(FEED).values()) >= end

    try:
        ask_until(is_over, bool, seconds=SEND_SECONDS, pause=1)
        reached = sum(broker.latest_offsets(FEED).values())
    finally:
        # Written so that the pattern does not find the command line that it stands in.
        patterns = "|".join(f"[{file.name[0]}]{file.name[1:]}" for file in files)
        remote.run(remote.SENDER, f"sudo pkill -f '{patterns}' || true")
        said = " ".join(process.communicate()[1].strip() for process in sending)
    if reached != end:
        raise WrongCount(f"The topic {FEED} ends {end - reached:,} records before what was sent: {said}")


def send_beside(file: Path) -> "subprocess.Popen[str]":
    """`make send`, under way."""
    nothing, pipe = subprocess.DEVNULL, subprocess.PIPE
    command = [sys.executable, "-m", "lab", "send", "--", FEED, str(file)]
    return subprocess.Popen(command, cwd=CHECKOUT, stdin=nothing, stdout=nothing, stderr=pipe, text=True)


def own_course(of: Held) -> Course:
    """The stream is started, loads what is held, and is stopped. A record that is no new row is a wrong count."""
    course = Course()
    with warehouse(settings()) as connection:
        began = connection.execute(text("SELECT UTC_TIMESTAMP(6)")).scalar_one()
        connection.rollback()
        unit = f"{STREAM_UNIT}.service"
        remote.run("spark", ["sudo", "systemctl", "start", unit])
        try:
            waiting = Patience(PATIENCE_SECONDS)
            while course.rows < of.rows:
                found = connection.execute(text(COMMITS), {"began": began, "source": of.source}).all()
                connection.rollback()
                if len(found) > len(course.points):
                    waiting.moved()
                    course.points = [(float(seconds), int(rows)) for seconds, rows, _ in found]
                if found and found[-1][2]:
                    raise WrongCount(f"{found[-1][2]:,} records did not become a new row.")
                if waiting.is_over:
                    raise Refused(f"It loaded nothing for {PATIENCE_SECONDS} s, after {course.rows:,} rows.")
                time.sleep(POLL_SECONDS)
        finally:
            remote.run("spark", ["sudo", "systemctl", "stop", unit])
    return course
