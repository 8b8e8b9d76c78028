"""`millrace-units`: the feeds' systemd units in line with lab.yml; run as root by a service and by other commands."""

from typing import Annotated

import typer

from lab.operate import feed_units
from lab.operate.feed_list import switched, write_feeds
from lab.operate.landing_folder import ensure_folder
from lab.screen.output import print_json
from millrace.contract.contract import load_contract
from millrace.lab_files import INSTALLED
from millrace.settings import Settings, load_lab

PRODUCERS = "millrace"
"""The user that the producers run as."""


def units(
    restart: Annotated[bool, typer.Option(help="what runs begins anew: code or settings have changed")] = False,
    hold: Annotated[str | None, typer.Option(help="only stop all that brings records into this feed")] = None,
    on: Annotated[str | None, typer.Option(help="write this feed into the machine's lab.yml first")] = None,
    off: Annotated[str | None, typer.Option(help="take this feed out of the machine's lab.yml first")] = None,
) -> None:
    """Starts the units of the feeds that are switched on, stops those of the others; prints both as JSON."""
    for feed, is_on in ((on, True), (off, False)):
        if feed is not None:
            name = load_contract(feed).feed if is_on else feed  # a feed that is forgotten may have no contract
            write_feeds(INSTALLED, switched(load_lab().feeds, name, on=is_on))
    lab = load_lab()
    if hold is not None:
        print_json({"started": [], "stopped": feed_units.hold(lab, load_contract(hold).feed)})
        return
    for feed in lab.feeds:
        ensure_folder(Settings.from_environment(), feed, PRODUCERS)
    started, stopped = feed_units.apply(lab, restart=restart)
    print_json({"started": started, "stopped": stopped})
