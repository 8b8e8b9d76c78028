"""A batch job from settings to exit code: its session, its line in batch_job, one sentence when it fails."""

import logging
from collections.abc import Callable

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from sqlalchemy.exc import SQLAlchemyError

from feeds.errors import Refused
from feeds.settings import Settings
from spark.jobs.results import Run
from spark.sentence import sentence

log = logging.getLogger("millrace.job")

Work = Callable[[SparkSession, Settings], tuple[str, int, int]]
"""Gives what it did as a sentence's end, the rows it read and the rows it wrote."""


def run_job(job: str, work: Work) -> int:
    """0, or 1 with the reason in the journal and in batch_job."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    logging.getLogger("millrace").setLevel(logging.INFO)
    settings = Settings.from_environment()
    try:
        run = Run(settings, job)
        spark = batch_session(f"millrace-{job}")
        try:
            message, rows_read, rows_written = work(spark, settings)
        except (Refused, OSError, SQLAlchemyError, PySparkException) as error:
            run.failed(sentence(error))
            raise
        finally:
            spark.stop()
        run.done(message, rows_read, rows_written)
    except (Refused, OSError, SQLAlchemyError, PySparkException) as error:
        log.error("%s: %s", job, sentence(error))  # noqa: TRY400 - the sentence is all a person needs
        return 1
    log.info("%s: %s", job, message)
    return 0


def batch_session(name: str) -> SparkSession:
    """The session of a batch job; cores and memory are those of spark-defaults.conf or of its unit."""
    spark = SparkSession.builder.appName(name).config("spark.sql.shuffle.partitions", "2").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    return spark
