"""One record of a topic, read: who it is, its raw texts by header, or why it cannot be read.

An envelope is what event.py writes, with the producers' seal on it. Whatever is none is what a person typed: one JSON
object, a bare line in the contract's column order, or an envelope without the seal, of which only the data count.
`make peek` and `make replay` read by this alone; Spark reads a batch of plain sealed ones at once, to the same end.
"""

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, get_args

import orjson

from millrace.contract.column import MESSAGE
from millrace.contract.contract import Contract
from millrace.contract.date_forms import WHITE_SPACE
from millrace.record.event import MAX_BYTES, Origin
from millrace.record.identity import console_source, times_lost
from millrace.record.json_record import TOO_LONG_NAME, BrokenJson, NotJson, flatten, is_too_long, read_object
from millrace.record.limits import FIRST_YEAR, LAST_YEAR, LONGEST_JSON_KEY, LONGEST_REASON, LONGEST_SHOWN
from millrace.record.seal import SEAL, Seal

ORIGINS = frozenset(get_args(Origin))
LARGEST = 2**63 - 1
FIRST, BEHIND_LAST = f"{FIRST_YEAR:04}", f"{LAST_YEAR + 1:04}"
YEAR_DIGITS = 4
FORGED = "the record says that it replaces a source, and has not the producers' seal"
OTHER_SEAL = "the record has a seal that is not of this lab's producers"

csv.field_size_limit(2 * MAX_BYTES)

Texts = dict[str, Any]
"""Raw texts by header; some are null, and those of an unchecked record may be anything."""


class TopicRecord(NamedTuple):
    """A record as read. Either `data` is there, or `why` it is not.

    A typed one has neither `source` nor `row`: its position in the topic is who it is. `sent_at` is the sender's text.
    Neither `version` nor `replaces`, of which most have none, is believed of a record that belongs to another feed.
    """

    source: int | None
    row: int | None
    sent_at: str | None
    version: int | None
    replaces: tuple[int, ...]
    origin: Origin
    data: Texts | None
    why: str | None

    @property
    def is_typed(self) -> bool:
        return self.source is None

    def identity(
        self, topic_uuid: str, partition: int, offset: int, typed_from: Collection[tuple[int, int]] = ()
    ) -> tuple[int, int]:
        """(source, row) of the record that stands there; `typed_from` as in record.identity."""
        if self.source is None or self.row is None:
            return console_source(topic_uuid, partition, times_lost(typed_from, partition, offset)), offset
        return self.source, self.row


@dataclass(frozen=True)
class RecordReader:
    """Reads the records of a feed's topic. Any bytes give a record; none raises."""

    contract: Contract
    seal: Seal

    def read(
        self, value: bytes | None, *, checked: bool = True, is_older: bool = False, resent_at: str | None = None
    ) -> TopicRecord:
        """One record. Not `checked`: an envelope's texts are not looked at, for callers that find out themselves.

        `is_older`: of a release that did not seal, see seal.Trust. `resent_at` counts instead of the time that an
        envelope gives.
        """
        value = value or b""
        try:
            event = orjson.loads(value)
        except orjson.JSONDecodeError:
            return self._typed(value)
        if not is_envelope(event):
            return self._typed(value)
        if not (self.seal.is_on(value) or is_older):
            return self._unsealed(value, event, checked)
        if resent_at:
            event["sent_at"] = resent_at
        return self._envelope(value, event, checked)

    def _unsealed(self, value: bytes, event: dict[str, Any], checked: bool) -> TopicRecord:
        """What anyone may have written: the data count as if they were typed, and what is claimed of them does not."""
        if SEAL in event:
            return TopicRecord(None, None, None, None, (), "console", None, OTHER_SEAL)
        if event.get("replaces") is not None:
            return TopicRecord(None, None, None, None, (), "console", None, FORGED)
        *_, data, why = self._envelope(value, {**event, "sent_at": None}, checked)
        return TopicRecord(None, None, None, None, (), "console", data, why)

    def _envelope(self, value: bytes, event: dict[str, Any], checked: bool) -> TopicRecord:
        data, why = event.get("data"), None
        sent_at, origin = event.get("sent_at"), event.get("origin")
        version, replaces = event.get("version"), event.get("replaces")
        if type(sent_at) is not str:
            sent_at = None
        elif sent_at[YEAR_DIGITS : YEAR_DIGITS + 1] != "-" or not FIRST <= sent_at < BEHIND_LAST:
            sent_at, why = _odd_time(sent_at)
        if event.get("feed") != self.contract.feed:
            why = f"the record belongs to the feed {_shown(event.get('feed'))}"
            version = replaces = None
        elif type(data) is not dict:
            why = _reason(event.get("why"))
        elif why is None and checked:
            data, why = _as_texts(value, data)
        if why is None and len(value) > LONGEST_JSON_KEY and any(map(is_too_long, data or ())):
            why = f"the record {TOO_LONG_NAME}"
        own = (
            event["source"],
            event["row"],
            sent_at,
            version if version is not None and _is_number(version) and version > 0 else None,
            () if replaces is None else _sources(replaces),
            origin if type(origin) is str and origin in ORIGINS else "file",
            data if why is None else None,
            why,
        )
        return tuple.__new__(TopicRecord, own)

    def _typed(self, value: bytes) -> TopicRecord:
        data, why = None, None
        try:
            if text := value.decode("utf-8").strip(WHITE_SPACE):
                data = self._object(text) if text.startswith("{") else self._line(text)
            else:
                why = "the record is empty"
        except UnicodeDecodeError:
            why = "the record is not UTF-8 text"
        except BrokenJson:
            why = "the record is not valid JSON"
        except NotJson as error:
            why = f"the record {error}"
        except _OtherFields:
            why = f"the line does not have the {len(self._typed_headers)} fields of the contract"
        return TopicRecord(None, None, None, None, (), "console", data, why)

    def _object(self, text: str) -> Texts:
        texts = flatten(read_object(text))
        return {MESSAGE: text} | texts if self.contract.keeps_message else texts

    def _line(self, text: str) -> Texts:
        headers = self._typed_headers
        try:
            lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter, strict=True))
        except csv.Error:
            raise _OtherFields from None
        if len(lines) != 1 or len(lines[0]) != len(headers):
            raise _OtherFields
        return dict(zip(headers, lines[0], strict=True))

    @cached_property
    def _typed_headers(self) -> tuple[str, ...]:
        return tuple(column.from_ for column in self.contract.typed_columns)

    @property
    def _delimiter(self) -> str:
        return self.contract.source.delimiter


class _OtherFields(Exception):  # noqa: N818 - it says what a line has
    """A typed line has not the contract's fields."""


def is_envelope(event: Any) -> bool:
    """Whether a JSON value says who it is, and carries something."""
    return (
        type(event) is dict
        and _is_number(event.get("source"))
        and _is_number(event.get("row"))
        and (type(event.get("data")) is dict or type(event.get("raw")) is str)
    )


def _as_texts(value: bytes, data: Texts) -> tuple[Texts | None, str | None]:
    """The texts of an envelope of which some may be numbers or nested; those count as their JSON text."""
    if all(isinstance(text, str | None) for text in data.values()):
        return data, None
    try:
        texts = read_object(value.decode())["data"]
        message = texts.pop(MESSAGE, None)
        if message is not None and not isinstance(message, str):
            message = orjson.dumps(data[MESSAGE]).decode()
        return flatten(texts | ({} if message is None else {MESSAGE: message})), None
    except NotJson as error:
        return None, f"the record {error}"


def _odd_time(sent_at: str) -> tuple[str | None, str | None]:
    """A time in a form that is seldom used, or of a year that cannot be: none, and the reason."""
    year, dash, _ = sent_at.lstrip("+-").partition("-")
    if dash and year.isascii() and year.isdigit() and len(year) >= YEAR_DIGITS:
        return None, f"the record says it was sent in the year {year[:LONGEST_SHOWN]}, not {FIRST_YEAR} to {LAST_YEAR}"
    return sent_at, None


def _reason(why: Any) -> str:
    return why[:LONGEST_REASON] if type(why) is str and why else "the record is unreadable"


def _sources(replaces: Any) -> tuple[int, ...]:
    """One number, or several; none where anything else is among them."""
    several = replaces if type(replaces) is list else [replaces]
    return tuple(several) if all(map(_is_number, several)) else ()


def _shown(feed: Any) -> str:
    return feed[:LONGEST_SHOWN] if type(feed) is str and feed else "?"


def _is_number(value: Any) -> bool:
    return type(value) is int and -LARGEST <= value <= LARGEST
