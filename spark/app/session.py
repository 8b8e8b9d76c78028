"""The Spark session of the streaming application. Where it runs, and with how much memory, spark-defaults.conf says."""

import os

from pyspark.sql import SparkSession

from millrace import failpoints

CONFIG = {
    # The worker offers more cores than the machine has: four for the streams leave some for batch jobs and shells.
    "spark.cores.max": "4",
    "spark.scheduler.mode": "FAIR",
    "spark.speculation": "false",
    "spark.python.daemon.module": "spark.load.worker_daemon",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.shuffle.partitions": "2",
    # One executor holds every consumer, so a task need not wait for a better place.
    "spark.locality.wait": "0",
    # A record that unpacks to more than memory holds fails its own task, not the executor with the tasks of all feeds.
    # Where the executor itself has no memory the application ends, see spark.app.failure_verdict.
    "spark.executor.killOnFatalError.depth": "0",
    # Nothing here shuffles; looking for what could be adapted costs every micro-batch.
    "spark.sql.adaptive.enabled": "false",
    # Spark does no more than select four columns; to write and compile code for that costs more than it saves.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    # The plan as text for the UI, made anew for every micro-batch: the short form costs a fraction.
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
    "spark.sql.execution.arrow.maxBytesPerBatch": str(32 * 2**20),
    # Between two looks at a topic that has nothing new; after a batch see spark.load.pace.Pace.
    "spark.sql.streaming.pollingDelay": "200ms",
    "spark.sql.streaming.minBatchesToRetain": "10",
    "spark.sql.streaming.stopTimeout": "20s",
    # Scratch files need no checksums, and Spark's defaults start twelve processes for every micro-batch.
    "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
    "spark.sql.streaming.checkpoint.fileChecksum.enabled": "false",
    "spark.sql.streaming.checkpointFileManagerClass": (
        "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager"
    ),
}


def build_session(name: str) -> SparkSession:
    """The session, made once per process."""
    builder = SparkSession.builder.appName(name)
    if folder := os.environ.get(failpoints.VARIABLE):
        builder = builder.config(f"spark.executorEnv.{failpoints.VARIABLE}", folder)
    for key, value in CONFIG.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    return spark
