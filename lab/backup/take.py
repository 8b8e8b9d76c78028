"""`make backup`: while records flow. First what producers call sent, then the wait until that is loaded, then MySQL.

The journal is taken once more behind MySQL, where versions of a file may stand that the first copy does not know.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.backup import host_files, scripts
from lab.backup.archive import HOST, KAFKA, LATER, MYSQL, PRIVATE, Manifest, pack, release
from lab.backup.not_loaded import Topic, described, loaded_now, topics_now, unread
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import settings
from lab.observe.ledger import feed_health
from lab.observe.warehouse import warehouse
from lab.screen.progress import Phases
from lab.sentences import backup as sentences
from millrace.errors import Refused
from millrace.feed_names import known_feeds
from millrace.kafka.broker import Broker
from millrace.settings import load_lab
from millrace.waiting import ask_until

FOLDER = CHECKOUT / "backups"
STEPS = 5
LOADED_SECONDS = 300.0
"""Records that are under way need two or three; a feed that has just started some more."""


def back_up(*, anyway: bool) -> tuple[Path, Manifest]:
    """The archive, and what it is. Refused where records are in Kafka alone, unless they are left out `anyway`."""
    made_at, phases, lab = datetime.now(UTC), Phases(STEPS), load_lab()
    with _part_folder() as parts:
        with phases.step(sentences.SETTINGS):
            host_files.keep(_private(parts / HOST))
        with phases.step(sentences.PRODUCERS):
            remote.pull("kafka", scripts.as_root(scripts.TAKE_KAFKA), _private(parts / KAFKA))
        with phases.step(sentences.LOADED):
            topics = _topics()
            left = wait_until_loaded(topics, lab.feeds)
            if left and not anyway:
                raise Refused(sentences.UNREAD.format(what=described(left)))
        with phases.step(sentences.DATABASES):
            remote.pull("mysql", scripts.as_root(scripts.TAKE_MYSQL), _private(parts / MYSQL))
            remote.pull("kafka", scripts.as_root(scripts.TAKE_JOURNAL), _private(parts / LATER))
        with phases.step(sentences.PACKED):
            manifest = Manifest(
                made_at=made_at.isoformat(timespec="seconds"),
                release=release(),
                migration=remote.run("mysql", scripts.asked(scripts.MIGRATION)).strip(),
                records=records_there(),
                on=list(lab.feeds),
                topics={feed: topic.uuid for feed, topic in topics.items()},
                unread=left,
            )
            target = FOLDER / f"millrace-{made_at:%Y%m%dT%H%M%SZ}.tar"
            pack(target, manifest, parts)
    return target, manifest


def wait_until_loaded(
    topics: dict[str, Topic], on: tuple[str, ...], *, seconds: float = LOADED_SECONDS
) -> dict[str, int]:
    """What is not loaded of these topics once all is that anybody loads, or they make no end of it."""

    def left() -> tuple[dict[str, int], bool]:
        with warehouse(settings()) as connection:
            loaded = loaded_now(connection)
        found, goes_on = unread(topics, loaded), {feed for feed, known in loaded.items() if known.goes_on}
        return found, not found.keys() & {*goes_on, *(set(on) - loaded.keys())}

    return ask_until(left, lambda found: found[1], seconds=seconds, pause=0.5)[0]


def records_there() -> int:
    """Records that this lab's ledger has read."""
    with warehouse(settings()) as connection:
        return sum(feed.read for feed in feed_health(connection).values())


def _topics() -> dict[str, Topic]:
    with closing(Broker(settings().kafka_account)) as broker, warehouse(settings()) as connection:
        return topics_now(broker, sorted({*known_feeds(), *loaded_now(connection)}))


@contextmanager
def _part_folder() -> Iterator[Path]:
    """Beside the archive, for parts are large."""
    try:
        FOLDER.mkdir(mode=0o700, exist_ok=True)
        with TemporaryDirectory(dir=FOLDER, prefix=".") as folder:
            yield Path(folder)
    except OSError as failed:
        raise Refused(sentences.NOT_WRITTEN.format(why=failed.strerror or failed)) from failed


def _private(file: Path) -> Path:
    file.touch(mode=PRIVATE)
    return file
