"""Records that cannot be loaded, as refused rows: who they are as far as they can be read, and the reason."""

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from millrace.record.limits import LONGEST_REASON
from spark.decode.events import MOMENT, decode
from spark.decode.record_fields import Reader

WHO = ("source_id", "row_no", "version", "sent_at", "is_ahead", "replaces", "origin")


def refuse_all(records: pa.RecordBatch, reader: Reader, why: str) -> pa.RecordBatch:
    """Kafka's records as row_spool takes them, all refused. One that not even decoding takes counts as typed."""
    try:
        events = decode(records, reader)
        who = {name: events[name] for name in WHO}
    except Exception:
        who = _by_position(records, reader)
    reasons = [{"column": None, "value": None, "reason": why[:LONGEST_REASON]}]
    count = records.num_rows
    return pa.record_batch(
        {
            "kafka_partition": records["partition"],
            "kafka_offset": records["offset"],
            **who,
            "reasons": pa.array([orjson.dumps(reasons).decode()] * count, pa.string()),
            "raw_hex": pa.array([(value or b"").hex().upper() for value in records["value"].to_pylist()], pa.string()),
        }
    )


def _by_position(records: pa.RecordBatch, reader: Reader) -> dict[str, pa.Array]:
    """Who a record is by its position in the topic."""
    count = records.num_rows
    return {
        "source_id": reader.console_sources(records["partition"], records["offset"]),
        "row_no": records["offset"],
        "sent_at": pc.floor_temporal(records["timestamp"].cast(MOMENT), unit="millisecond"),
        "is_ahead": pa.array([False] * count),
        "version": pa.nulls(count, pa.int64()),
        "replaces": pa.nulls(count, pa.string()),
        "origin": pa.array(["console"] * count, pa.string()),
    }
