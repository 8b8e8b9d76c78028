"""`millrace device`: a simulated device; a systemd unit that is off by default runs it."""

import re
from typing import Annotated

import typer

from lab.operate.landing_folder import folder_of
from lab.operate.sender import kafka_outlet, open_journal
from lab.screen.output import say
from lab.sentences import feed_life as sentences
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.settings import Settings
from producer.simulate.device import Device, drop_files, send_events
from producer.simulate.run import has_simulator, stop_on_signals

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,40}")


def device(
    feed: Annotated[str, typer.Argument(help="a feed that has a simulator")],
    name: Annotated[str, typer.Option(help="letters, digits, dashes; each has its own records")] = "device-1",
    records: Annotated[int, typer.Option(min=1, help="per file, or per event round")] = 1,
    every: Annotated[float, typer.Option(min=0.1, help="seconds between two")] = 1.0,
    direct: Annotated[bool, typer.Option("--direct", help="straight to Kafka, not as files")] = False,
) -> None:
    """Drops a small file every second into the feed's landing folder until stopped; goes on where it was stopped."""
    contract, settings = load_contract(feed), Settings.from_environment()
    if not NAME.fullmatch(name):
        raise Refused(sentences.DEVICE_NAME.format(name=name))
    if not has_simulator(contract.feed):
        raise Refused(sentences.DEVICE_NEEDS.format(feed=feed))
    made, stopped = Device(contract.feed, name), stop_on_signals()
    if direct:
        sent = send_events(made, kafka_outlet(settings), records=records, every=every, stopped=stopped)
        say(sentences.DEVICE_SENT.format(name=name, sent=sent))
        return
    folder = folder_of(settings, contract.feed)
    files = drop_files(made, contract, open_journal(settings), folder, records=records, every=every, stopped=stopped)
    say(sentences.DEVICE_DROPPED.format(name=name, files=files, folder=folder))
