"""Kafka records → events: who the record is, when it was sent, its raw texts by header, or why it cannot be read."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import repeat

import pyarrow as pa
import pyarrow.compute as pc

from millrace.contract.column import PUBLISHED
from millrace.record.limits import FIRST_YEAR, LAST_YEAR
from spark.clean.number_parsing import where
from spark.decode.record_fields import OWN, Fields, Reader
from spark.decode.sealed_batch import read_sealed

MOMENT = pa.timestamp("us")
AHEAD = pa.scalar(timedelta(minutes=1), pa.duration("us"))
"""Clocks may be so far apart."""


def decode(records: pa.RecordBatch, reader: Reader) -> pa.RecordBatch:
    """Kafka's `value, partition, offset, timestamp` → one event per record, never fewer.

    Gives `value` (bytes), `kafka_partition, kafka_offset, source_id, row_no, sent_at` (UTC, milliseconds), `is_ahead`,
    `version`, `replaces`, `origin`, `data` (a struct of raw texts by header), `extra` (what the contract does not know,
    as JSON) and `why` (null when readable). A record that a person typed is who its position in the topic says, see
    record.record_reader. One that says it was sent more than AHEAD after it came is ahead, and counts as sent then.
    """
    return _with_position(records, read_sealed(records, reader) or read_each(records, reader), reader)


def read_each(records: pa.RecordBatch, reader: Reader) -> dict[str, pa.Array]:
    """The fields of the records, each read by itself: by name as record_fields.OWN, and their texts in `data`."""
    values = [value or b"" for value in records["value"].to_pylist()]
    headers, are_older = reader.layout.headers, reader.are_older(records["partition"], records["offset"])
    try:
        return _columns(map(reader.read, values, are_older), headers)
    except TypeError:
        # Something is no text, which only foreign producers send; looking at every value would cost all others.
        return _columns(map(reader.read, values, are_older, repeat(True)), headers)


def _columns(events: Iterable[Fields], headers: tuple[str, ...]) -> dict[str, pa.Array]:
    columns = list(zip(*events, strict=True)) or [()] * (len(OWN) + len(headers))
    own, texts = columns[: len(OWN)], columns[len(OWN) :]
    found = {name: pa.array(values, kind) for (name, kind), values in zip(OWN.items(), own, strict=True)}
    data = [pa.array(values, pa.string()) for values in texts]
    return found | {"data": pa.StructArray.from_arrays(data, names=headers)}


def _with_position(records: pa.RecordBatch, events: dict[str, pa.Array], reader: Reader) -> pa.RecordBatch:
    """With identity and time of typed records, which only their position in the topic tells."""
    arrived = records["timestamp"].cast(MOMENT)
    said = _moments(events["sent_at"])
    is_ahead = pc.fill_null(pc.greater(said, pc.add(arrived, AHEAD)), False)
    sent = pc.if_else(is_ahead, arrived, pc.coalesce(said, arrived))
    is_typed = events["source_id"].is_null()
    typed_by = reader.console_sources(records["partition"], records["offset"])
    return pa.record_batch(
        {
            "value": records["value"],
            "kafka_partition": records["partition"],
            "kafka_offset": records["offset"],
            "source_id": pc.coalesce(events["source_id"], typed_by),
            "row_no": pc.coalesce(events["row_no"], records["offset"]),
            "sent_at": pc.floor_temporal(sent, unit="millisecond"),
            "is_ahead": is_ahead,
            "version": events["version"],
            "replaces": events["replaces"],
            "origin": events["origin"],
            "data": _published(events["data"], where(is_typed, arrived)),
            "extra": events["extra"],
            "why": events["why"],
        }
    )


def _published(data: pa.StructArray, typed_at: pa.Array) -> pa.StructArray:
    """A typed record that names no day is published on the day it arrives."""
    names = [field.name for field in data.type]
    if PUBLISHED not in names:
        return data
    day = pc.strftime(typed_at, "%Y-%m-%d")
    arrays = [pc.coalesce(a, day) if name == PUBLISHED else a for name, a in zip(names, data.flatten(), strict=True)]
    return pa.StructArray.from_arrays(arrays, names=names)


def _moments(texts: pa.StringArray) -> pa.Array:
    """Moments in UTC; null for a text that is none."""
    try:
        return texts.cast(pa.timestamp("us", "UTC")).cast(MOMENT)
    except pa.ArrowInvalid:
        return pa.array(map(_moment, texts.to_pylist()), MOMENT)


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
        utc = found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    except (ValueError, OverflowError):
        return None
    return utc if FIRST_YEAR <= utc.year <= LAST_YEAR else None
