"""Events → typed columns of the feed's table, with every reason why a record is refused. Pure column expressions."""

from functools import reduce

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from feeds.column import Column, Derived
from feeds.contract import Contract
from spark import derive, parse
from spark.check import reason, typed
from spark.named import function_named
from spark.shapes import WHITE_SPACE, spark_type

ENVELOPE = ("kafka_partition", "kafka_offset", "source_id", "row_no", "sent_at", "replaces")
SHOWN = 200
"""Characters of a refused value that its reason repeats; the raw record stands beside it in full."""


def clean(events: DataFrame, contract: Contract) -> DataFrame:
    """Decoded events (see spark.event) → ENVELOPE, the contract's columns and derived ones in their types, `extra`.

    `reasons` is null for a good record; else it is a JSON list of {column, value, reason}, and `raw_hex` the record's
    bytes. One row in, one row out.
    """
    return (
        events.transform(_read_texts, contract)
        .transform(_cast, contract)
        .transform(_find_reasons, contract)
        .transform(_finish, contract)
    )


def _read_texts(events: DataFrame, contract: Contract) -> DataFrame:
    texts = [_text(column, contract).alias(_text_of(column)) for column in contract.columns]
    return events.select(*ENVELOPE, "value", "why", _unknown(contract).alias("extra"), *texts)


def _text(column: Column, contract: Contract) -> SparkColumn:
    trimmed = F.btrim(F.col("data")[column.from_], F.lit(WHITE_SPACE))
    kept = trimmed if column.empty == "keep" else F.nullif(trimmed, F.lit(""))
    return function_named(parse, column.parse, contract.feed)(kept) if column.parse else kept


def _unknown(contract: Contract) -> SparkColumn:
    """What the record holds beyond the contract, as JSON; null where there is nothing."""
    known = [*(column.from_ for column in contract.columns), *contract.ignore]
    unknown = F.map_filter("data", lambda header, _: ~header.isin(known))
    return F.when(F.size(unknown) > 0, F.to_json(unknown, {"ignoreNullFields": "false"}))


def _cast(texts: DataFrame, contract: Contract) -> DataFrame:
    values = [typed(c, F.col(_text_of(c)), contract.feed).alias(c.name) for c in contract.columns]
    return texts.select("*", *values)


def _find_reasons(values: DataFrame, contract: Contract) -> DataFrame:
    reasons = [
        reason(c, F.col(_text_of(c)), F.col(c.name), contract.feed).alias(_reason_of(c)) for c in contract.columns
    ]
    return values.select("*", *reasons)


def _finish(checked: DataFrame, contract: Contract) -> DataFrame:
    has_reason = reduce(
        lambda a, b: a | b, [F.col(_reason_of(c)).isNotNull() for c in contract.columns], F.col("why").isNotNull()
    )
    derived = [_derived(d, contract).alias(d.name) for d in contract.derived]
    return checked.select(
        *ENVELOPE,
        *(column.name for column in contract.columns),
        *derived,
        "extra",
        F.when(has_reason, F.to_json(_reasons(contract), {"ignoreNullFields": "false"})).alias("reasons"),
        F.when(has_reason, F.coalesce(F.hex("value"), F.lit(""))).alias("raw_hex"),
    )


def _derived(column: Derived, contract: Contract) -> SparkColumn:
    value = function_named(derive, column.by, contract.feed)(*map(F.col, column.of))
    return value.try_cast(spark_type(column.column_type))


def _reasons(contract: Contract) -> SparkColumn:
    """The record's own reason alone, or those of its columns."""
    nothing = F.lit(None).cast("string")
    whole = F.array(_reason(nothing, nothing, F.col("why")))
    each = [
        F.when(
            F.col(_reason_of(c)).isNotNull(),
            _reason(F.lit(c.name), F.left(F.col(_text_of(c)), F.lit(SHOWN)), F.col(_reason_of(c))),
        )
        for c in contract.columns
    ]
    return F.when(F.col("why").isNotNull(), whole).otherwise(F.array_compact(F.array(*each)))


def _reason(column: SparkColumn, value: SparkColumn, why: SparkColumn) -> SparkColumn:
    return F.struct(column.alias("column"), value.alias("value"), why.alias("reason"))


def _text_of(column: Column) -> str:
    return f"_text_{column.name}"


def _reason_of(column: Column) -> str:
    return f"_reason_{column.name}"
