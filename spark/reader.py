"""One Kafka record → its fields: who it is, when it was sent, its raw texts, or why it cannot be read."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, get_args

import orjson
import pyarrow as pa

from feeds.column import MESSAGE
from feeds.contract import Contract
from feeds.dates import WHITE_SPACE
from feeds.event import Origin
from feeds.identity import console_source
from feeds.json_record import NotJson, flatten, read_object
from spark.console import Unreadable, read_typed
from spark.layout import Layout, TooLongName

ORIGINS = frozenset(get_args(Origin))
LARGEST = 2**63 - 1
OWN = {
    "source_id": pa.int64(),
    "row_no": pa.int64(),
    "sent_at": pa.string(),
    "replaces": pa.int64(),
    "origin": pa.string(),
    "why": pa.string(),
    "extra": pa.string(),
}
"""The fields in front of a record's texts. A typed record has neither source nor row: its place is who it is."""
TYPED = (None, None, None, None, "console")

Fields = tuple[Any, ...]


@dataclass(frozen=True)
class Reader:
    """Reads the records of one topic."""

    contract: Contract
    topic_uuid: str
    partitions: int

    def __reduce__(self) -> Any:
        """Travels to tasks as a short text, of which every worker process makes one reader for all of them."""
        return reader_of, (self._contract_json, self.topic_uuid, self.partitions)

    @cached_property
    def _contract_json(self) -> str:
        return self.contract.model_dump_json(by_alias=True)

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.contract)

    @cached_property
    def console_sources(self) -> pa.Int64Array:
        """By partition, who typed into it."""
        return pa.array([console_source(self.topic_uuid, number) for number in range(self.partitions)], pa.int64())

    def read(self, value: bytes, check: bool = False) -> Fields:
        """One record's fields: OWN, then its texts by Layout.headers.

        `check` looks at every text, for a batch in which one may be none.
        """
        try:
            event = orjson.loads(value)
        except orjson.JSONDecodeError:
            return self._typed(value)
        if not is_envelope(event):
            return self._typed(value)
        data, why = event.get("data"), None
        if event.get("feed") != self.contract.feed or not isinstance(data, dict):
            data, why = None, self._why(event)
        elif check:
            data, why = _checked(value, data)
        return self._with_texts(_envelope(event), data, why)

    def _why(self, event: dict[str, Any]) -> str:
        if event.get("feed") != self.contract.feed:
            return f"the record belongs to the feed {event.get('feed') or '?'}"
        return _text(event.get("why")) or "the record is unreadable"

    def _typed(self, value: bytes) -> Fields:
        data, why = None, "the record is empty"
        try:
            if text := value.decode("utf-8").strip(WHITE_SPACE):
                data = read_typed(text, self.contract)
        except UnicodeDecodeError:
            why = "the record is not UTF-8 text"
        except Unreadable as error:
            why = str(error)
        return self._with_texts(TYPED, data, why)

    def _with_texts(self, own: Fields, data: dict[str, Any] | None, why: str | None) -> Fields:
        if data is None:
            return (*own, why, *self.layout.nothing)
        try:
            return (*own, None, *self.layout.pick(data))
        except TooLongName as error:
            return (*own, f"the record {error}", *self.layout.nothing)


@lru_cache(maxsize=32)
def reader_of(contract_json: str, topic_uuid: str, partitions: int) -> Reader:
    """The reader that was sent as these."""
    return Reader(Contract.model_validate_json(contract_json), topic_uuid, partitions)


def is_envelope(event: Any) -> bool:
    """Whether a JSON value says who it is, and carries something."""
    return (
        type(event) is dict
        and _is_number(event.get("source"))
        and _is_number(event.get("row"))
        and (type(event.get("data")) is dict or type(event.get("raw")) is str)
    )


def _envelope(event: dict[str, Any]) -> Fields:
    replaces, origin = event.get("replaces"), event.get("origin")
    return (
        event["source"],
        event["row"],
        _text(event.get("sent_at")),
        replaces if _is_number(replaces) else None,
        origin if type(origin) is str and origin in ORIGINS else "file",
    )


def _checked(value: bytes, data: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    """The texts of a record of which some may be numbers or nested; those count as their JSON text."""
    if all(isinstance(text, str | None) for text in data.values()):
        return data, None
    try:
        written = read_object(value.decode())["data"]
        if not isinstance(written.get(MESSAGE, ""), str):
            written[MESSAGE] = orjson.dumps(data[MESSAGE]).decode()
        return flatten(written), None
    except NotJson as error:
        return None, f"the record {error}"


def _is_number(value: Any) -> bool:
    return type(value) is int and -LARGEST <= value <= LARGEST


def _text(value: Any) -> str | None:
    return value if type(value) is str else None
