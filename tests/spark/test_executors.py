"""Who runs Spark's tasks, as the application is told."""

import re

from pyspark.sql import SparkSession

from spark.jvm import executors


def test_a_local_session_has_its_driver_alone(spark: SparkSession) -> None:
    (driver,) = executors(spark)
    assert re.fullmatch(r"[^,:]+:\d+", driver)
