"""A CSV file as records."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.record.event import NO_CLAIM, Claim, EventWriter, Origin
from producer.files.csv_records import Record, read_records
from producer.files.file_reader import Encode
from producer.files.header import read_header


class CsvFile:
    """See file_reader.Reading. Opening it reads the header, and refuses one that cannot be the feed's."""

    def __init__(self, contract: Contract, path: Path, name: str) -> None:
        self._path, self._name = path, name
        with path.open("rb") as lines:
            self.header = read_header(lines, contract, name)
        header = self.header
        self._keeps_all = len(header.kept) == len(header.names)

    def records(self) -> Iterator[Record]:
        """See Reading."""
        header = self.header
        with self._path.open("rb") as lines:
            for _ in range(header.lines):
                next(lines)
            yield from read_records(lines, header.layout, len(header.names), header.lines + 1)

    def texts(self, record: Record) -> dict[str, str]:
        """See Reading."""
        return dict(zip(self.header.kept_names, self._kept(record), strict=True))

    def encoder(
        self, feed: str, source: int, given: Mapping[str, str], origin: Origin, claim: Claim = NO_CLAIM
    ) -> Encode:
        """See Reading."""
        writer = EventWriter(feed, source, (*self.header.kept_names, *given), origin, claim)
        extra, kept = list(given.values()), self._kept

        def encode(record: Record) -> bytes:
            return writer.encode(record.row, kept(record) + extra if extra else kept(record))

        return encode

    def refuse_useless(self, records: int) -> None:
        """See Reading."""
        if not records:
            raise Refused(f"{self._name} has a header but no record; nothing was sent.")

    def _kept(self, record: Record) -> list[str]:
        fields = record.fields or []
        return fields if self._keeps_all else [fields[index] for index in self.header.kept]
