"""One Spark session for all tests of this folder: two threads, two shuffle partitions, no UI."""

import os
import sys
from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from spark.app.session import CONFIG


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """A local session configured as the streaming application's."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]").appName("tests")
    builder = builder.config("spark.ui.enabled", "false").config("spark.driver.memory", "1g")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    for key, value in CONFIG.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
