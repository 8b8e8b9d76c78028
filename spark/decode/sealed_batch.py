"""A batch of events that the lab's producers have sealed, read at once by Arrow's JSON reader.

Nearly every batch is one, and to make Python's texts of each record and arrays of those takes more than twice as long.
"""

from io import BytesIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from millrace.record.record_reader import BEHIND_LAST, FIRST, LARGEST, ORIGINS, YEAR_DIGITS
from spark.clean.number_parsing import where
from spark.decode.record_fields import Reader


def read_sealed(records: pa.RecordBatch, reader: Reader) -> dict[str, pa.Array] | None:
    """What events.read_each gives for these records.

    None where one has no seal, belongs to another feed, cannot be read or has anything that is seldom there: a field
    that the contract does not know or that is no text, more than one source to replace, an odd time.
    """
    values = [value or b"" for value in records["value"].to_pylist()]
    is_sealed = reader.trust.seal.is_on
    if reader.contract.keeps_message or not values or not is_sealed(values[0]):
        return None
    try:
        events = _read(values, reader.layout.event)
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    # The seals last: where records are not plain, the first of them has ended this before they are looked at.
    is_plain = len(events) == len(values) and _are_plain(events, reader.contract.feed) and all(map(is_sealed, values))
    return _fields(events, reader) if is_plain else None


def _read(values: list[bytes], schema: pa.Schema) -> pa.RecordBatch:
    lines = b"\n".join(values)
    lines.decode()  # Arrow takes any bytes for text
    table = arrow_json.read_json(
        BytesIO(lines),
        read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
        parse_options=arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
    )
    (batch,) = table.to_batches()
    return batch


def _are_plain(events: pa.RecordBatch, feed: str) -> bool:
    """Whether each is an envelope of the feed, of which all is as producers write it."""
    sent_at = events["sent_at"]
    times = (
        pc.equal(pc.utf8_slice_codeunits(sent_at, YEAR_DIGITS, YEAR_DIGITS + 1), "-"),
        pc.greater_equal(sent_at, FIRST),
        pc.less(sent_at, BEHIND_LAST),
    )
    numbers = (pc.greater_equal(events[name], -LARGEST) for name in ("source", "row", "replaces"))
    is_there = all(events[name].null_count == 0 for name in ("feed", "source", "row", "data"))
    return is_there and not any(each.false_count for each in (pc.equal(events["feed"], feed), *times, *numbers))


def _fields(events: pa.RecordBatch, reader: Reader) -> dict[str, pa.Array]:
    origin, version, data = events["origin"], events["version"], events["data"]
    nothing = pa.nulls(len(events), pa.string())
    headers = reader.layout.headers
    return {
        "source_id": events["source"],
        "row_no": events["row"],
        "sent_at": events["sent_at"],
        "version": where(pc.greater(version, 0), version),
        "replaces": events["replaces"].cast(pa.string()),
        "origin": pc.if_else(pc.is_in(origin, value_set=pa.array(ORIGINS)), origin, "file"),
        "why": nothing,
        "extra": nothing,
        "data": pa.StructArray.from_arrays([data.field(header) for header in headers], names=headers),
    }
