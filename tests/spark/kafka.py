"""Kafka records in a Spark DataFrame, without a broker."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession

from tests.unit.spark.records import ARRIVED

KAFKA = "value binary, partition int, offset bigint, timestamp timestamp"


def kafka_frame(spark: SparkSession, values: Sequence[bytes | None], partition: int = 0) -> DataFrame:
    """What the Kafka source would give for these values, from offset 0."""
    rows = [(value, partition, offset, ARRIVED) for offset, value in enumerate(values)]
    return spark.createDataFrame(rows, KAFKA)
