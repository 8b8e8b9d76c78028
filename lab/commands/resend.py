"""`millrace resend`: sends again what Kafka has lost of files; a timer of the kafka machine runs it."""

import logging
from typing import Annotated

import typer

from lab.operate.landing_folder import send_lost_again
from lab.operate.sender import kafka_outlet
from lab.screen.output import complain
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.settings import Settings, load_lab


def resend(
    feed: Annotated[str, typer.Argument(help="the feed whose files they are; else of all that are on")] = "",
) -> None:
    """Looks whether Kafka still holds what it has acknowledged of files, and sends again what lies in archive/.

    Where Kafka or MySQL is away, the feed's turn comes with the next look: exit 0, with one sentence.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    settings = Settings.from_environment()
    outlet = kafka_outlet(settings)
    for each in [feed] if feed else load_lab().feeds:
        try:
            send_lost_again(settings, load_contract(each), outlet)
        except Refused as refused:
            complain(f"{each}: {refused}")
