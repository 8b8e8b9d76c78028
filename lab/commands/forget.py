"""`make forget`: a feed of one's own that is no longer wanted. The host takes it from every machine, then its files."""

from typing import Annotated

import typer

from lab.host.one_at_a_time import only
from lab.host.up import bring_up
from lab.location import is_host
from lab.new_feed import forget as taking_out
from lab.observe.warehouse import warehouse
from lab.operate import feed_switch
from lab.screen.output import confirm, say
from lab.sentences import feed_life as sentences
from millrace.errors import Refused
from millrace.settings import Settings
from sql import contracts_in_use


def forget(
    feed: Annotated[str, typer.Argument(help="a feed of your own")],
    yes: Annotated[bool, typer.Option("--yes", help="do not ask whether it is meant")] = False,
) -> None:
    """Removes a feed of one's own for good: contract, dashboard, tables, topic, landing folder, lake."""
    if not is_host():
        on_this_machine(feed)
        return
    taking_out.refuse(feed)
    if not yes:
        confirm(
            sentences.FORGET_ASKS.format(feed=feed), sentences.FORGET_UNASKED.format(feed=feed), sentences.RESET_DROPPED
        )
    with only("make forget"):
        everywhere(feed)
    say(sentences.FORGOTTEN.format(feed=feed))


def on_this_machine(feed: str) -> None:
    """The kafka machine's part, which the host asks for once MySQL has forgotten the feed."""
    settings = Settings.from_environment()
    with warehouse(settings) as connection:
        if feed in contracts_in_use.read(connection):
            raise Refused(sentences.FORGET_ON_HOST.format(feed=feed))
    with feed_switch.alone_with(settings, feed):
        feed_switch.forget(settings, feed)
    say(sentences.FORGOTTEN_THERE.format(feed=feed))


def everywhere(feed: str) -> None:
    """From the machines, where there are any, then from the checkout; at last the machines learn that it is gone."""
    is_up = taking_out.machines_are_up()
    if is_up:
        taking_out.from_machines(feed, lambda what: say(sentences.RESET_STEP.format(feed=feed, what=what)))
    if removed := taking_out.from_checkout(feed):
        say(sentences.FORGET_FILES.format(paths=", ".join(removed)))
    if is_up:
        say(sentences.FORGET_UP)
        bring_up()
