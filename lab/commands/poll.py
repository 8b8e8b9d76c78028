"""`make poll`: a live source asked once, now; a service of the kafka machine asks on lab.yml's schedule (--go-on)."""

import shlex
from datetime import UTC, datetime
from typing import Annotated

import typer

from lab.host import remote
from lab.location import is_host
from lab.operate import live_sources
from lab.screen.output import BAD, OK, say, table
from lab.sentences import live_sources as sentences
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.settings import Settings, load_lab
from producer.live.http_client import open_client
from producer.live.poller import Runner, Standby
from producer.live.store import Store
from producer.simulate.run import stop_on_signals


def poll(
    feed: Annotated[str, typer.Argument(help="a feed with a live source, such as weather")],
    go_on: Annotated[bool, typer.Option("--go-on", help="on lab.yml's schedule, until stopped")] = False,
) -> None:
    """Asks a live source for every place, sends what is new, shows how each place stands. Exit 1 when none answers."""
    load_contract(feed)
    live_sources.api_of(feed)
    if is_host():
        raise typer.Exit(remote.attach(remote.SENDER, shlex.join(["millrace", "poll", "--", feed])))
    settings = Settings.from_environment()
    store = live_sources.open_store(settings)
    if go_on:
        keep_supplied(settings, store, feed)
    else:
        ask_once(settings, store, feed)


def keep_supplied(settings: Settings, store: Store, feed: str) -> None:
    """Asks on schedule until the process is told to end."""
    lab = load_lab()
    if feed not in lab.pollers:
        raise Refused(sentences.NO_POLLER.format(feed=feed))
    configured, stopped = lab.pollers[feed], stop_on_signals()
    if not settings.publishers:
        live_sources.refuse_too_often(feed, configured.every)
    with open_client() as client:
        polling = live_sources.make_poll(settings, feed, client, store, stopped)
        standby = Standby(live_sources.stand_in(settings, lab, feed), live_sources.print_line)
        Runner(polling, standby, configured.source, configured.every, stopped).run()


def ask_once(settings: Settings, store: Store, feed: str) -> None:
    """One round, then how everything stands."""
    with open_client() as client:
        done = live_sources.make_poll(settings, feed, client, store, lambda: False).round()
    show(store, feed)
    say(sentences.ROUND.format(feed=feed, answered=done.answered, places=done.places, new=done.new))
    if not done.answered:
        raise live_sources.meanwhile(load_lab(), load_contract(feed), Refused(done.trouble or "No place answered."))


def show(store: Store, feed: str) -> None:
    """The places and the poller as a person reads them."""
    rows = [
        [BAD if state.trouble else OK, state.place, moment(state.observed), moment(state.answered_at), state.trouble]
        for state in store.places(feed)
    ]
    table("Places", ["", "place", "observed (UTC)", "answered (UTC)", "what is wrong"], rows)
    poller = store.poller(feed)
    if poller.since:
        since = moment(poller.since)
        say("\n" + sentences.POLLER.format(state=poller.state, since=since, message=poller.message))
    else:
        say("\n" + sentences.POLLER_NEVER)


def moment(seconds: float | None) -> str | None:
    """A time as people read it, to the minute."""
    return None if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"
