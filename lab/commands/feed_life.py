"""`make feed-on`, `feed-off`, `reset`. The host writes lab.local.yml; the kafka machine does the rest."""

from pathlib import Path
from typing import Annotated

import typer

from lab.host.remote import on_kafka
from lab.location import CHECKOUT, is_host
from lab.operate import feed_reset, feed_switch
from lab.operate.feed_list import switched, write_feeds
from lab.screen.output import confirm, say
from lab.sentences import feed_life as sentences
from millrace.contract.contract import load_contract
from millrace.settings import Settings, load_lab

Feed = Annotated[str, typer.Argument(help="a feed that has a contract")]


def feed_on(feed: Feed) -> None:
    """Switches a feed on: topic, first data, producers, query; the other feeds go on."""
    switch(feed, on=True)


def feed_off(feed: Feed) -> None:
    """Switches a feed off: its producers and its query stop, what it has brought stays."""
    switch(feed, on=False)


def reset(
    feed: Feed, yes: Annotated[bool, typer.Option("--yes", help="do not ask whether it is meant")] = False
) -> None:
    """Starts a feed over: its topic, tables, rollups, quarantine and journal are emptied, its first data sent again."""
    name = load_contract(feed).feed
    if not yes:
        confirm(
            sentences.RESET_ASKS.format(feed=name), sentences.RESET_UNASKED.format(feed=name), sentences.RESET_DROPPED
        )
    if is_host():
        raise typer.Exit(on_kafka("reset", name, "--yes"))
    settings = Settings.from_environment()
    with feed_switch.alone_with(settings, name):
        feed_reset.run(settings, name)
    say(sentences.RESET_DONE.format(feed=name))


def switch(feed: str, *, on: bool) -> None:
    """On the host: lab.local.yml first, so that a later `make up` agrees."""
    name = load_contract(feed).feed
    if is_host():
        keep(name, on=on)
        raise typer.Exit(on_kafka("feed-on" if on else "feed-off", name))
    settings = Settings.from_environment()
    with feed_switch.alone_with(settings, name):
        feed_switch.switch(settings, name, on=on)
    say((sentences.IS_ON if on else sentences.IS_OFF).format(feed=name))


def keep(feed: str, *, on: bool, file: Path = CHECKOUT / "lab.local.yml") -> None:
    """Writes the list of feeds with or without this one."""
    feeds = load_lab().feeds
    wanted = switched(feeds, feed, on=on)
    if wanted != list(feeds):
        write_feeds(file, wanted)
        say(sentences.WRITTEN.format(file=file.name))
