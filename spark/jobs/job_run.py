"""A batch job from settings to exit code: its session, its line in batch_job, one sentence when it fails."""

import logging
from collections.abc import Callable
from contextlib import suppress

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from sqlalchemy.exc import SQLAlchemyError

from millrace.errors import Refused
from millrace.settings import Settings
from spark.jobs.results import Run
from spark.jvm import JvmError, leave_errors_to_us
from spark.load.error_summary import sentence

log = logging.getLogger("millrace.job")

FAILURES = (Refused, OSError, SQLAlchemyError, PySparkException, JvmError)
Work = Callable[[SparkSession, Settings], tuple[str, int, int]]
"""Gives what it did as a sentence's end, the rows it read and the rows it wrote."""


def run_job(job: str, work: Work) -> int:
    """0, or 1 with the reason in the journal and in batch_job."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    leave_errors_to_us()
    logging.getLogger("millrace").setLevel(logging.INFO)
    settings = Settings.from_environment()
    run = Run(settings, job)
    try:
        message = run_work(job, settings, run, work)
    except FAILURES as error:
        reason = sentence(error)
        log.error("%s: %s", job, reason)  # noqa: TRY400 - the sentence is all a person needs
        with suppress(*FAILURES):
            run.failed(reason)
        return 1
    log.info("%s: %s", job, message)
    return 0


def run_work(job: str, settings: Settings, run: Run, work: Work) -> str:
    """Does the work in a session of its own; what it did."""
    spark = batch_session(f"millrace-{job}")
    try:
        message, rows_read, rows_written = work(spark, settings)
    finally:
        spark.stop()
    run.done(message, rows_read, rows_written)
    return message


def batch_session(name: str) -> SparkSession:
    """The session of a batch job; cores and memory are those of spark-defaults.conf or of its unit."""
    spark = SparkSession.builder.appName(name).config("spark.sql.shuffle.partitions", "2").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    return spark
