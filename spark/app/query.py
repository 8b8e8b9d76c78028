"""The streaming query of one feed: the records of its topic, handed to a BatchLoader."""

import shutil
from pathlib import Path
from threading import Lock
from time import monotonic, sleep

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from millrace.contract.contract import Contract
from millrace.settings import Settings
from spark.load.micro_batch import BatchLoader
from spark.load.pace import PACE
from spark.topic.offsets import Offsets
from spark.topic.topic_frames import stream_of

STARTING = Lock()


def start_query(
    spark: SparkSession, settings: Settings, contract: Contract, loader: BatchLoader, start: Offsets
) -> StreamingQuery:
    """Starts the feed's query at these offsets, with an empty checkpoint: the ledger is the only memory."""
    wipe(loader.checkpoint)
    spark.sparkContext.setLocalProperty("spark.scheduler.pool", contract.feed)
    records = stream_of(spark, settings.kafka_account, loader.topic.name, start)
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


def wipe(checkpoint: Path) -> None:
    """Removes what an earlier run left behind."""
    shutil.rmtree(checkpoint, ignore_errors=True)
    checkpoint.mkdir(parents=True)
