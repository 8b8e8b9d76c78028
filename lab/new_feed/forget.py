"""`make forget`: what `make new-feed` and the lab have made of a feed goes again, from the machines first.

Every step may be done twice: a command that was killed goes on when it is typed again.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from lab.host import remote, vagrant
from lab.location import CHECKOUT
from lab.observe.access import settings
from lab.observe.warehouse import warehouse
from lab.operate.feed_list import switched, write_feeds
from lab.sentences import feed_life as sentences
from lab.sentences import machines as machine_words
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.feed_names import contract_file, known_feeds
from millrace.settings import Settings, load_lab
from millrace.yaml_file import read_yaml
from sql import contracts_in_use

ASSETS = Path("superset/assets")
SETTINGS_BY_FEED = ("pollers", "simulators")
"""Settings of the lab that name feeds, beside the lists of feeds."""
MIGRATE, UNITS = "/usr/local/sbin/millrace-migrate", "/usr/local/sbin/millrace-units"
MYSQL_SECONDS = 1800
NAME = re.compile(r"[a-z][a-z0-9_]*")


def refuse(feed: str, checkout: Path = CHECKOUT) -> None:
    """Refuses what cannot be forgotten: a feed of the release, one that settings need, one that nobody knows.

    A feed whose contract was deleted by hand, and whose tables are there, can be.
    """
    if feed not in known_feeds() and not (NAME.fullmatch(feed) and has_tables(feed)):
        contract_file(feed)
    if is_shipped(feed, checkout):
        raise Refused(sentences.FORGET_SHIPPED.format(feed=feed))
    lab = load_lab()
    for key in SETTINGS_BY_FEED:
        if feed in getattr(lab, key):
            raise Refused(sentences.FORGET_NAMED.format(feed=feed, key=key))


def has_tables(feed: str) -> bool:
    """Whether MySQL knows the feed; False where it cannot be asked."""
    try:
        with warehouse(settings()) as connection:
            return feed in contracts_in_use.read(connection)
    except Refused:
        return False


def is_shipped(feed: str, checkout: Path = CHECKOUT) -> bool:
    """Whether the feed came with the release: lab.yml names it, or git knows its contract."""
    lab = read_yaml(checkout / "lab.yml")
    if any(feed in lab.get(key, ()) for key in ("feeds", "begin_empty", *SETTINGS_BY_FEED)):
        return True
    command = ["git", "ls-files", "--error-unmatch", "--", f"feeds/{feed}/contract.yaml"]
    try:
        return subprocess.run(command, cwd=checkout, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def machines_are_up() -> bool:
    """Whether there is a lab to take the feed from; Refused where its machines rest."""
    machines = vagrant.check().machines
    if not any(machine.made for machine in machines):
        return False
    if not all(machine.runs for machine in machines):
        raise Refused(sentences.FORGET_HALTED)
    return True


def from_machines(feed: str, report: Callable[[str], None]) -> None:
    """Producers stop, MySQL forgets, then the topic, what waits in folders, and the lake."""
    report(sentences.FORGET_HELD)
    remote.run("kafka", ["sudo", UNITS, "--off", feed])
    report(sentences.FORGET_TABLES)
    remote.run("mysql", ["sudo", MIGRATE, "--forget", feed], timeout=MYSQL_SECONDS)
    report(sentences.FORGET_TOPIC)
    if code := remote.on_kafka("forget", "--yes", "--", feed):
        raise Refused(machine_words.FORGET_FAILED.format(feed=feed, code=code))
    report(sentences.FORGET_LAKE)
    lake = Settings().lake_dir
    remote.run("spark", ["sudo", "rm", "-rf", f"{lake}/{feed}", f"{lake}/.days/{feed}"])


def from_checkout(feed: str, checkout: Path = CHECKOUT) -> list[str]:
    """Contract, dashboard and its name in lab.local.yml go; what was there, as paths in the checkout."""
    lab, local = load_lab(), checkout / "lab.local.yml"
    found = files_of(feed, checkout)
    lists = {"begin_empty": lab.begin_empty, "typing": lab.typed(())}
    others = {key: switched(feeds, feed, on=False) for key, feeds in lists.items() if feed in feeds}
    if feed in lab.feeds or others:
        write_feeds(local, switched(lab.feeds, feed, on=False), **others)
        found = [local, *found]
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        elif path != local:
            path.unlink()
    return [path.relative_to(checkout).as_posix() for path in found]


def files_of(feed: str, checkout: Path = CHECKOUT) -> list[Path]:
    """The files and folders that are the feed's own, as `make new-feed` names them; only those that are there."""
    assets, slug = checkout / ASSETS, feed.replace("_", "-")
    named = [f"v_{feed}", *(rollups_of(feed) if feed in known_feeds() else [])]
    wanted: Iterable[Path] = (
        assets / f"dashboards/{slug}.yaml",
        assets / f"charts/{slug}",
        *(assets / f"datasets/millrace/{name}.yaml" for name in named),
        checkout / "feeds" / feed,
    )
    return [path for path in wanted if path.exists()]


def rollups_of(feed: str) -> list[str]:
    """The names of the feed's rollups."""
    return [rollup.name for rollup in load_contract(feed).rollups]
