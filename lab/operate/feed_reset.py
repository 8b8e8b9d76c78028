"""A feed starts over. Every step may be done twice, and what is asked in MySQL stands until the topic is new:

a command that was killed goes on when it is typed again, and until then the stream keeps the feed closed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, fields

from lab.observe.warehouse import warehouse
from lab.operate.feed_switch import units
from lab.operate.first_data import is_sent_along, send_first
from lab.operate.mysql_as_producer import as_producer
from lab.operate.sender import open_journal
from lab.screen.output import say
from lab.sentences import feed_life as sentences
from millrace import failpoints
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.kafka.broker import Broker
from millrace.kafka.topic_retention import retention_bytes
from millrace.settings import Settings, load_lab
from producer.simulate.run import stop_on_signals
from sql import requests

EMPTY_TIMEOUT_SECONDS = 900.0
"""Twelve million rows take some minutes."""


@dataclass(frozen=True)
class Steps:
    """What starting over does, in this order."""

    hold: Callable[[], None]
    ask: Callable[[], None]
    wait_until_empty: Callable[[], None]
    renew_topic: Callable[[], None]
    forget: Callable[[], None]
    open_again: Callable[[], None]
    send_first: Callable[[], None]
    release: Callable[[], None]


REPORTED = {
    "hold": sentences.RESET_HOLD,
    "ask": sentences.RESET_EMPTY,
    "renew_topic": sentences.RESET_TOPIC,
    "send_first": sentences.RESET_FIRST,
}
"""What is printed before a step."""


def start_over(steps: Steps, report: Callable[[str], None] = lambda _what: None) -> None:
    """Producers stop first and start last; rows go while the topic is the old one; the journal after the topic.

    Behind each step lies a failpoint of its name: reset_hold, reset_ask …
    """
    for step in fields(steps):
        if step.name in REPORTED:
            report(REPORTED[step.name])
        getattr(steps, step.name)()
        failpoints.at(f"reset_{step.name}")


def run(settings: Settings, feed: str) -> None:
    """Starts the feed over on the real lab."""
    lab = load_lab()

    def send() -> None:
        if feed in lab.feeds and not is_sent_along(lab, feed):
            send_first(settings, lab, feed, stop_on_signals())

    steps = Steps(
        hold=lambda: units("--hold", feed),
        ask=lambda: _ask(settings, feed),
        wait_until_empty=lambda: wait_until_empty(lambda: _state(settings, feed), feed),
        renew_topic=lambda: _renew_topic(settings, feed),
        forget=lambda: open_journal(settings).forget(feed),
        open_again=lambda: _open_again(settings, feed),
        send_first=send,
        release=units,
    )
    start_over(steps, lambda what: say(sentences.RESET_STEP.format(feed=feed, what=what)))


def wait_until_empty(
    state: Callable[[], str | None],
    feed: str,
    *,
    seconds: float = EMPTY_TIMEOUT_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Returns when the stream has emptied the feed. MySQL may be away meanwhile."""
    until = clock() + seconds
    while True:
        try:
            if state() == "emptied":
                return
        except Refused:
            pass
        if clock() > until:
            raise Refused(sentences.RESET_WAITS.format(feed=feed, seconds=seconds))
        pause(0.5)


def _ask(settings: Settings, feed: str) -> None:
    with as_producer(settings) as connection:
        requests.ask_reset(connection, feed)


def _state(settings: Settings, feed: str) -> str | None:
    with warehouse(settings) as connection:
        return requests.reset_state(connection, feed)


def _open_again(settings: Settings, feed: str) -> None:
    with as_producer(settings) as connection:
        requests.end_reset(connection, feed)


def _renew_topic(settings: Settings, feed: str) -> None:
    broker = Broker(settings.kafka_as("admin"))
    try:
        broker.delete_topic(feed)
        failpoints.at("reset_topic_deleted")
        broker.ensure_topics([load_contract(feed)], retention_bytes(load_lab()))
    finally:
        broker.close()
