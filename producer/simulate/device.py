"""A device that measures something every so often: small files in a landing folder, or events of its own."""

import csv
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from millrace.contract.column import GIVEN, MESSAGE
from millrace.contract.contract import Contract
from millrace.record.event import EventWriter
from millrace.record.identity import device_source
from producer.files.split import put
from producer.kafka.journal import Entry, Journal
from producer.kafka.outlet import Outlet
from producer.simulate.run import Stopped, records_of
from producer.simulate.simulated_feed import SimulatedFeed

SEEDS = 2**31


@dataclass(frozen=True)
class Device:
    """One device of a feed. Its records are the simulator's, drawn from its own name."""

    feed: str
    name: str

    @property
    def source(self) -> int:
        return device_source(self.feed, self.name)

    def records(self, after: int = 0) -> Iterator[dict[str, str]]:
        """Its endless records behind number `after`; see producer.simulate."""
        return records_of(self.feed, self.source % SEEDS, after)


def drop_files(  # noqa: PLR0913 - the device's settings
    device: Device,
    contract: Contract,
    journal: Journal,
    folder: Path,
    *,
    records: int = 1,
    every: float = 1.0,
    stopped: Stopped = lambda: False,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Drop a file of so many records every so many seconds until `stopped`; how many files.

    A device that was killed goes on with the file it was at: put there twice, it is the same file.
    """
    known = journal.entry(device.feed, device.source)
    row = known.acknowledged if known else 0
    journal.put(Entry(device.source, device.feed, f"device {device.name}", "", "", row, "sending"))
    upcoming, files = device.records(row), 0
    while not stopped():
        batch = list(islice(upcoming, records))
        content, ending = _file_of(batch, contract)
        put(content, folder / f"{device.name}-{row + 1:08d}{ending}")
        row += len(batch)
        journal.acknowledge(device.feed, device.source, row)
        files += 1
        pause(every)
    return files


def send_events(  # noqa: PLR0913 - the device's settings
    device: Device,
    outlet: Outlet,
    *,
    records: int = 1,
    every: float = 1.0,
    stopped: Stopped = lambda: False,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Send so many records every so many seconds straight to Kafka, under the device's identity; how many."""
    feed = SimulatedFeed(outlet, device.feed, device.source, f"device {device.name}", "")
    writer = EventWriter(device.feed, device.source, (), origin="device")
    numbered = enumerate(device.records(feed.row), start=feed.row + 1)
    try:
        while not stopped():
            feed.send([(row, writer.encode_texts(row, record)) for row, record in islice(numbered, records)])
            pause(every)
    finally:
        feed.close()
    return feed.stream.sent


def _file_of(records: list[dict[str, str]], contract: Contract) -> tuple[bytes, str]:
    """The records as a file of the feed: whole messages as JSON lines, else CSV as the contract writes it."""
    if MESSAGE in records[0]:
        return "".join(f"{record[MESSAGE]}\n" for record in records).encode(), ".jsonl"
    text = io.StringIO(newline="")
    names = [name for name in records[0] if name not in GIVEN]
    writer = csv.DictWriter(text, names, delimiter=contract.source.delimiter, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode(contract.source.encoding), ".csv"
