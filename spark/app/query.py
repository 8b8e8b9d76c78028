"""The streaming query of one feed: the records of its topic, handed to a BatchLoader."""

import shutil
from pathlib import Path
from threading import Lock
from time import monotonic, sleep

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from millrace.contract.contract import Contract
from millrace.kafka.topic_settings import FRAMING
from millrace.kafka_account import KafkaAccount, for_spark
from millrace.record.event import MAX_BYTES
from millrace.settings import Settings
from spark.load.micro_batch import BatchLoader
from spark.load.pace import PACE
from spark.topic.feed_topic import COLUMNS, FeedTopic
from spark.topic.offsets import Offsets, starting_offsets

BATCH_RECORDS = 100_000
"""About three seconds' worth: a backlog of one feed lets the others have their turn."""
REQUEST_MS = 15_000
"""For an answer of Kafka's: after a cut network the next question is asked so soon."""
STARTING = Lock()


def start_query(
    spark: SparkSession, settings: Settings, contract: Contract, loader: BatchLoader, start: Offsets
) -> StreamingQuery:
    """Starts the feed's query at these offsets, with an empty checkpoint: the ledger is the only memory."""
    wipe(loader.checkpoint)
    spark.sparkContext.setLocalProperty("spark.scheduler.pool", contract.feed)
    records = read_topic(spark, settings.kafka_account, loader.topic, start)
    # PySpark opens its way back from the JVM at the first foreachBatch; two threads must not do it at once.
    with STARTING:
        return _write(records, contract.feed, loader)


def _write(records: DataFrame, name: str, loader: BatchLoader) -> StreamingQuery:
    def load_and_rest(batch: DataFrame, batch_id: int) -> None:
        began = monotonic()
        loader(batch, batch_id)
        sleep(PACE.rest_seconds(name, began))

    writer = records.writeStream.queryName(name).trigger(processingTime="0 seconds")
    return writer.option("checkpointLocation", loader.checkpoint.as_uri()).foreachBatch(load_and_rest).start()


def read_topic(spark: SparkSession, account: KafkaAccount, topic: FeedTopic, start: Offsets) -> DataFrame:
    """The topic as an unbounded DataFrame of `value, partition, offset, timestamp`."""
    return (
        spark.readStream.format("kafka")
        .options(**for_spark(account.java()))
        .option("kafka.isolation.level", "read_committed")
        .option("kafka.request.timeout.ms", str(REQUEST_MS))
        .option("kafka.default.api.timeout.ms", str(2 * REQUEST_MS))
        .option("kafkaConsumer.pollTimeoutMs", str(2 * REQUEST_MS))
        .option("kafka.max.partition.fetch.bytes", str(MAX_BYTES + FRAMING))
        .option("subscribe", topic.name)
        .option("startingOffsets", starting_offsets(topic.name, start))
        .option("maxOffsetsPerTrigger", str(BATCH_RECORDS))
        .option("failOnDataLoss", "true")
        .load()
        .select(*COLUMNS)
    )


def wipe(checkpoint: Path) -> None:
    """Removes what an earlier run left behind."""
    shutil.rmtree(checkpoint, ignore_errors=True)
    checkpoint.mkdir(parents=True)
