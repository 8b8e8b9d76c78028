"""Spark's own JDBC writer in foreachBatch, as its documentation shows, on a local session with two cores."""

import sys
from functools import partial

import orjson
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col, from_json
from pyspark.sql.types import LongType, StringType, StructType

from bench.peers.table import COLUMNS
from bench.peers.task import TABLE, Start, Task, from_environment, in_environment
from bench.peers.trees import tree
from millrace.contract.column import Column
from millrace.kafka_account import for_spark

NAME = "Spark's JDBC writer"
JARS = "spark"
CORES, MEMORY, ROWS_PER_TRIGGER, ROWS_PER_STATEMENT = 2, "2g", 200_000, 5_000


def ready() -> None:
    """See Peer."""
    tree(JARS)


def start(task: Task) -> Start:
    """See Peer."""
    return Start([sys.executable, "-m", __name__], in_environment(task))


def main(task: Task) -> None:
    """Every record of the task once, in batches, until the topic's end as it is now."""
    spark = session()
    records = (
        spark.readStream.format("kafka")
        .options(**for_spark(task.kafka.java()))
        .option("subscribe", task.topic)
        .option("startingOffsets", orjson.dumps({task.topic: task.first}, option=orjson.OPT_NON_STR_KEYS).decode())
        .option("maxOffsetsPerTrigger", ROWS_PER_TRIGGER)
        .load()
    )
    query = (
        rates(records)
        .writeStream.foreachBatch(partial(write, task))
        .option("checkpointLocation", str(task.folder / "checkpoint"))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()


def session() -> SparkSession:
    """In this process."""
    jars = ",".join(str(jar) for jar in tree(JARS).glob("*.jar"))
    settings: dict[str, bool | float | int | str | None] = {
        "spark.jars": jars,
        "spark.driver.memory": MEMORY,
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    return SparkSession.builder.master(f"local[{CORES}]").config(map=settings).getOrCreate()


def rates(records: DataFrame) -> DataFrame:
    """Kafka's records → the table's columns."""
    data = StructType()
    for column in COLUMNS:
        data.add(column.from_, StringType())
    event = StructType().add("source", LongType()).add("row", LongType()).add("data", data)
    events = records.select(from_json(col("value").cast("string"), event).alias("event"))
    identity = [col("event.source").alias("source_id"), col("event.row").alias("row_no")]
    typed = [col(f"event.data.{one.from_}").cast(spark_type(one)).alias(one.name) for one in COLUMNS]
    return events.select(*identity, *typed)


def spark_type(column: Column) -> str:
    """The type that the table's column has, as Spark calls it."""
    kind = column.type.replace("datetime", "timestamp")
    return "string" if "char" in kind else kind


def write(task: Task, batch: DataFrame, _number: int) -> None:
    """Appends the batch."""
    options = {"user": task.user, "password": task.password.get_secret_value(), "driver": "com.mysql.cj.jdbc.Driver"}
    batch.write.jdbc(task.jdbc, TABLE, "append", options | {"batchsize": str(ROWS_PER_STATEMENT)})


if __name__ == "__main__":
    main(from_environment())
