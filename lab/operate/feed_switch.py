"""A feed switched on or off, on the kafka machine: topic, producers, and the request to the stream."""

import shutil
import subprocess
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing

from lab.observe.ledger import feed_state
from lab.observe.warehouse import warehouse
from lab.operate.first_data import send_first
from lab.operate.landing_folder import folder_of
from lab.operate.mysql_as_producer import as_producer
from lab.operate.sender import open_journal
from lab.screen.output import say
from lab.sentences import feed_life as sentences
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.kafka.accounts import Accounts
from millrace.kafka.broker import Broker
from millrace.kafka.declared_rights import of_feed
from millrace.kafka.topic_retention import retention_bytes
from millrace.lock import alone
from millrace.settings import Settings, load_lab
from millrace.waiting import ask_until
from producer.simulate.run import stop_on_signals
from sql import requests

UNITS = ("sudo", "-n", "/usr/local/sbin/millrace-units")
RUNNING_SECONDS = 60.0


def switch(settings: Settings, feed: str, *, on: bool) -> None:
    """Off: the stream is asked last, so that what is on its way still lands. On: the other way round."""
    if not on:
        units("--off", feed)
        with as_producer(settings) as connection:
            requests.switch(connection, feed, on=False)
        return
    ensure_topic(settings, feed)
    with as_producer(settings) as connection:
        requests.switch(connection, feed, on=True)
    units("--on", feed)
    send_first(settings, load_lab(), feed, stop_on_signals())
    wait_until_running(settings, feed)


def alone_with(settings: Settings, feed: str) -> AbstractContextManager[None]:
    """Keeps a second change of the same feed's life out: a command whose terminal went away may still be at it."""
    return alone(settings.state_dir / f"{feed}.lock", sentences.LIFE_CHANGES.format(feed=feed))


def ensure_topic(settings: Settings, feed: str) -> None:
    """The feed's topic exists."""
    broker = Broker(settings.kafka_as("admin"))
    broker.ensure_topics([load_contract(feed)], retention_bytes(load_lab()))
    broker.close()


def forget(settings: Settings, feed: str) -> None:
    """What this machine has of a feed goes: its topic and who may use it, what waits for it, what was sent."""
    broker = Broker(settings.kafka_as("admin"))
    broker.delete_topic(feed)
    broker.close()
    with closing(Accounts(settings.kafka_as("admin"))) as accounts:
        accounts.remove(of_feed(load_lab(), feed, is_typed=True))
    open_journal(settings).forget(feed)
    shutil.rmtree(folder_of(settings, feed), ignore_errors=True)


def units(*arguments: str) -> None:
    """Has root start and stop units; see lab.commands.units."""
    done = subprocess.run([*UNITS, *arguments], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise Refused(_last_line(done.stderr.splitlines()))


def wait_until_running(settings: Settings, feed: str, seconds: float = RUNNING_SECONDS) -> None:
    """Returns when the feed's query runs; says so when it does not after a while."""

    def is_running() -> bool:
        with warehouse(settings) as connection:
            found = feed_state(connection, feed)
        return found is not None and found.state == "running"

    if not ask_until(is_running, bool, seconds=seconds, pause=1):
        say(sentences.NOT_RUNNING_YET.format(feed=feed))


def _last_line(lines: Sequence[str]) -> str:
    return lines[-1].removeprefix("✗ ") if lines else "millrace-units failed; see `journalctl -u millrace-feeds`."
