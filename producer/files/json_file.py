"""A JSON document, or a file with a JSON object per line, as records."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from millrace.contract.column import GIVEN, MESSAGE
from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.record.event import NO_CLAIM, Claim, EventWriter, Origin
from millrace.record.json_record import NotJson, flatten, read_object
from producer.files.csv_records import Record
from producer.files.file_reader import Encode
from producer.files.json_document import Document

SHOWN_NAMES = 20
_Piece = tuple[int, bytes, Mapping[str, str]]
"""A record's line, its text as it stands, and what it is given beside."""


class JsonFile:
    """See file_reader.Reading. A record's `data` are its flattened values; its `raw` the object as it stood."""

    def __init__(self, contract: Contract, path: Path, name: str, *, lines: bool) -> None:
        self._contract, self._path, self._name, self._lines = contract, path, name, lines
        self._encoding = contract.source.encoding
        self._known = {header for column in contract.typed_columns for header in column.headers}
        self._has_known = not self._known
        self._names: tuple[str, ...] = ()
        self._why = ""
        self._document: Document | None = None
        with path.open("rb") as file:
            if file.read(len(BOM_UTF8)) == BOM_UTF8:
                self._encoding = "utf-8"

    def records(self) -> Iterator[Record]:
        """See Reading."""
        pieces = self._read_lines() if self._lines else self._read_document()
        for row, (line, raw, given) in enumerate(pieces, start=1):
            record = self._record(row, line, raw, given)
            self._note(record)
            yield record

    def texts(self, record: Record) -> dict[str, str]:
        """See Reading."""
        texts = {name: text for name, text in (record.data or {}).items() if name not in self._contract.ignore}
        return texts | {MESSAGE: record.raw.decode("utf-8")} if self._contract.keeps_message else texts

    def encoder(
        self, feed: str, source: int, given: Mapping[str, str], origin: Origin, claim: Claim = NO_CLAIM
    ) -> Encode:
        """See Reading."""
        writer = EventWriter(feed, source, (), origin, claim)
        return lambda record: writer.encode_texts(record.row, self.texts(record) | dict(given))

    def refuse_useless(self, records: int) -> None:
        """See Reading."""
        if not records:
            raise Refused(f"{self._name} has no record; nothing was sent.")
        if self._document and self._document.is_one and (not self._names or not self._has_known):
            key, has = self._contract.source.records, _listed(self._document.names) or "nothing"
            raise Refused(
                f"{self._name} has no list {key!r}, where {self._contract.feed} has its records; it has {has}."
            )
        if self._why and not self._names:
            raise Refused(f"{self._name}: no record can be read; of the first, {self._why}.")
        if not self._has_known:
            wanted = _listed(self._contract.required_headers or tuple(sorted(self._known)))
            has = _listed(self._names) or "nothing"
            feed = self._contract.feed
            raise Refused(f"{self._name}: no record has a name that {feed} knows ({wanted}); the first has {has}.")

    def _note(self, record: Record) -> None:
        """Keep what refuse_useless must know."""
        if record.data is None:
            self._why = self._why or record.why
        else:
            self._names = self._names or tuple(record.data)
            self._has_known = self._has_known or not self._known.isdisjoint(record.data)

    def _read_document(self) -> Iterator[_Piece]:
        # Undecodable bytes become lone surrogates, so that one damaged record leaves the others readable.
        with self._path.open(encoding=self._encoding, errors="surrogateescape", newline="") as text:
            layout = self._contract.source
            document = Document(text, self._name, layout.records, layout.lists)
            for line, element, given in document.elements():
                yield line, element.encode(self._encoding, "surrogateescape"), given
            self._document = document

    def _read_lines(self) -> Iterator[_Piece]:
        with self._path.open("rb") as lines:
            for number, raw in enumerate(lines, start=1):
                if (content := raw.removeprefix(BOM_UTF8) if number == 1 else raw).strip():
                    yield number, content, {}

    def _record(self, row: int, line: int, raw: bytes, given: Mapping[str, str]) -> Record:
        text = _decoded(raw, self._encoding, self._contract.source.fallback_encoding)
        if text is None:
            return Record(row, line, raw, why=f"the record is not {self._encoding.upper()} text")
        try:
            return Record(row, line, text.strip().encode("utf-8"), data={**given, **read_record(text)})
        except NotJson as error:
            return Record(row, line, raw, why=f"the record {error}")


def read_record(text: str) -> dict[str, str]:
    """An object's values by dotted name, see record.json_record. Raises NotJson also where one has a name of ours."""
    texts = flatten(read_object(text))
    for given in GIVEN:
        if given in texts:
            raise NotJson(f"has a value called {given}, which is a name of Millrace's own")
    return texts


def _decoded(raw: bytes, encoding: str, fallback: str | None) -> str | None:
    for each in (encoding, fallback):
        try:
            return raw.decode(each) if each else None
        except UnicodeDecodeError:
            continue
    return None


def _listed(names: tuple[str, ...]) -> str:
    more = " …" if len(names) > SHOWN_NAMES else ""
    return f"{', '.join(islice(names, SHOWN_NAMES))}{more}"
