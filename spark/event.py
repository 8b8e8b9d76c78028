"""Kafka records → events: who the record is, when it was sent, its raw texts by header, or why it cannot be read."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as T  # noqa: N812

from feeds.contract import Contract
from feeds.identity import console_source
from spark.shapes import WHITE_SPACE

TEXTS = T.MapType(T.StringType(), T.StringType())
ENVELOPE = T.StructType(
    [
        T.StructField("feed", T.StringType()),
        T.StructField("source", T.LongType()),
        T.StructField("row", T.LongType()),
        T.StructField("sent_at", T.StringType()),
        T.StructField("replaces", T.LongType()),
        T.StructField("raw", T.StringType()),
        T.StructField("why", T.StringType()),
        T.StructField("data", TEXTS),
    ]
)
BROKEN_LINE = "_broken_line"


def decode(records: DataFrame, contract: Contract, topic_uuid: str, partitions: int) -> DataFrame:
    """Kafka's `value, partition, offset, timestamp` → one event per record, never fewer.

    Gives `value` (text), `kafka_partition, kafka_offset, source_id, row_no, sent_at` (UTC), `replaces`, `data`
    (header → raw text, null when unreadable) and `why` (null when readable). Whatever is no envelope is what a person
    typed: a flat JSON object or a bare line in the contract's column order; its identity is its place in the topic.
    """
    return (
        records.transform(_read_envelope)
        .transform(_read_console, contract)
        .transform(_identify, contract, topic_uuid, partitions)
    )


def _read_envelope(records: DataFrame) -> DataFrame:
    value = F.col("value").cast("string")
    return records.select(
        value.alias("value"),
        F.col("partition").alias("kafka_partition"),
        F.col("offset").alias("kafka_offset"),
        F.col("timestamp").alias("kafka_time"),
        F.from_json(value, ENVELOPE).alias("envelope"),
    )


def _read_console(events: DataFrame, contract: Contract) -> DataFrame:
    envelope = F.col("envelope")
    has_identity = envelope["source"].isNotNull() & envelope["row"].isNotNull()
    has_content = envelope["data"].isNotNull() | envelope["raw"].isNotNull()
    is_envelope = F.coalesce(has_identity & has_content, F.lit(False))
    is_object = F.ltrim("value").startswith("{")
    typed = F.when(is_object, F.from_json("value", "MAP<STRING, STRING>")).otherwise(_line_fields(contract))
    return events.select(
        "*",
        is_envelope.alias("is_envelope"),
        is_object.alias("is_object"),
        F.when(is_envelope, envelope["data"]).otherwise(typed).alias("texts"),
    )


def _line_fields(contract: Contract) -> Column:
    """A bare line as header → text; null when it has more or fewer fields than the contract."""
    headers = [column.from_ for column in contract.typed_columns]
    fields = [f"field_{number}" for number in range(len(headers))]
    schema = ", ".join(f"{field} STRING" for field in (*fields, BROKEN_LINE))
    options = {"sep": contract.source.delimiter, "escape": '"', "columnNameOfCorruptRecord": BROKEN_LINE}
    line = F.from_csv(F.col("value"), schema, options)
    texts = F.map_from_arrays(F.array(*map(F.lit, headers)), F.array(*(line[field] for field in fields)))
    return F.when(line[BROKEN_LINE].isNull(), texts)


def _identify(events: DataFrame, contract: Contract, topic_uuid: str, partitions: int) -> DataFrame:
    envelope, is_envelope = F.col("envelope"), F.col("is_envelope")
    is_foreign = is_envelope & ~envelope["feed"].eqNullSafe(contract.feed)
    places = [F.lit(part) for number in range(partitions) for part in (number, console_source(topic_uuid, number))]
    source = F.when(is_envelope, envelope["source"]).otherwise(F.create_map(*places)[F.col("kafka_partition")])
    why = (
        F.when(F.col("value").isNull() | (F.btrim("value", F.lit(WHITE_SPACE)) == ""), "the record is empty")
        .when(~F.is_valid_utf8("value"), "the record is not UTF-8 text")
        .when(is_foreign, F.concat(F.lit("the record belongs to the feed "), F.coalesce(envelope["feed"], F.lit("?"))))
        .when(is_envelope & envelope["data"].isNull(), F.coalesce(envelope["why"], F.lit("the record is unreadable")))
        .when(F.col("texts").isNotNull(), F.lit(None))
        .when(F.col("is_object"), "the record is not valid JSON")
        .otherwise(f"the line does not have the {len(contract.columns)} fields of the contract")
    )
    sent_at = F.coalesce(F.try_to_timestamp(envelope["sent_at"]), F.col("kafka_time"))
    return events.select(
        "value",
        "kafka_partition",
        "kafka_offset",
        source.alias("source_id"),
        F.when(is_envelope, envelope["row"]).otherwise(F.col("kafka_offset")).alias("row_no"),
        F.date_trunc("millisecond", sent_at).cast("timestamp_ntz").alias("sent_at"),
        F.when(is_envelope, envelope["replaces"]).alias("replaces"),
        F.col("texts").alias("data"),
        why.alias("why"),
    )
