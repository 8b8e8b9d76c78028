"""Events → typed columns of the feed's table, with every reason why a record is refused. Pure, on Arrow batches."""

from functools import reduce
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from millrace.contract.contract import Contract
from spark.clean.columns import TypedColumn, derive_column, typed_columns

ENVELOPE = (
    *("kafka_partition", "kafka_offset", "source_id", "row_no"),
    *("sent_at", "is_ahead", "version", "replaces", "origin"),
)
SHOWN = 200
"""Characters of a refused value that its reason repeats; the raw record stands beside it in full."""


def clean(events: pa.RecordBatch, contract: Contract) -> pa.RecordBatch:
    """Decoded events (see decode.events) → ENVELOPE, the contract's columns and derived ones in their types, `extra`.

    `reasons` is null for a good record; else it is a JSON list of {column, value, reason}, and `raw_hex` the record's
    bytes. One row in, one row out. Typed columns are dictionary arrays: most texts of a batch occur more than once.
    """
    columns = typed_events(events, contract)
    is_refused = refused(events, columns)
    typed = {column.name: column.coded() for column in columns}
    why, raw = explain(events, columns, is_refused)
    envelope = {name: events[name] for name in ENVELOPE}
    return pa.record_batch(envelope | typed | {"extra": events["extra"], "reasons": why, "raw_hex": raw})


def typed_events(events: pa.RecordBatch, contract: Contract) -> list[TypedColumn]:
    """The contract's columns, in the order of its names."""
    data = events["data"]
    raw = [[data.field(header) for header in column.headers] for column in contract.columns]
    found = {column.name: column for column in typed_columns(contract.columns, raw, contract.feed)}
    derived = [derive_column(column, [found[name] for name in column.of], contract) for column in contract.derived]
    return [*found.values(), *derived]


def refused(events: pa.RecordBatch, columns: list[TypedColumn]) -> pa.BooleanArray:
    """Per row, whether there is a reason to refuse it."""
    return reduce(pc.or_, (column.refused() for column in columns if not column.is_fine), events["why"].is_valid())


def explain(
    events: pa.RecordBatch, columns: list[TypedColumn], is_refused: pa.BooleanArray
) -> tuple[pa.StringArray, pa.StringArray]:
    """The reasons as JSON and the bytes in hexadecimal of refused rows; null for good ones."""
    none = pa.nulls(len(is_refused), pa.string())
    if not is_refused.true_count:
        return none, none
    rows = pc.indices_nonzero(is_refused)
    why = pa.array(_reasons(events["why"].take(rows), columns, rows), pa.string())
    raw = pa.array(((value or b"").hex().upper() for value in events["value"].take(rows).to_pylist()), pa.string())
    return pc.replace_with_mask(none, is_refused, why), pc.replace_with_mask(none, is_refused, raw)


def _reasons(why: pa.StringArray, columns: list[TypedColumn], rows: pa.Array) -> list[str]:
    """The record's own reason alone, or those of its columns."""
    found: list[list[dict[str, Any]]] = [[] for _ in range(len(rows))]
    for column in columns:
        if not column.is_fine:
            codes = column.codes.take(rows)
            pairs = zip(column.texts.take(codes).to_pylist(), column.reasons.take(codes).to_pylist(), strict=True)
            for reasons, (text, reason) in zip(found, pairs, strict=True):
                if reason is not None:
                    shown = None if text is None else text[:SHOWN]
                    reasons.append({"column": column.name, "value": shown, "reason": reason})
    of_record = (
        reasons if own is None else [{"column": None, "value": None, "reason": own}]
        for own, reasons in zip(why.to_pylist(), found, strict=True)
    )
    return [orjson.dumps(reasons).decode() for reasons in of_record]
