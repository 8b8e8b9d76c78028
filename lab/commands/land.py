"""`millrace land`: sends what lies in a feed's landing folder; a systemd unit runs it when something changes there."""

import logging
from typing import Annotated

import typer

from lab.operate.landing_folder import LINGER_SECONDS, LandingFolder, folder_of
from lab.sentences import general as sentences
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.settings import Settings
from producer.simulate.run import stop_on_signals


def land(
    feed: Annotated[str, typer.Argument(help="the feed whose folder it is")],
    linger: Annotated[float, typer.Option(min=0, help="seconds to go on looking after the last file")] = LINGER_SECONDS,
) -> None:
    """Sends the finished files in the landing folder, the oldest first; says what stays there and why."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("producer").setLevel(logging.INFO)
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    settings, contract = Settings.from_environment(), load_contract(feed)
    if not folder_of(settings, feed).is_dir():
        raise Refused(sentences.NO_LANDING_FOLDER.format(folder=folder_of(settings, feed), feed=feed))
    LandingFolder(settings, contract).run(stop_on_signals(), linger)
