"""One Spark session for all tests of this folder: two threads, two shuffle partitions, no UI."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from millrace.contract.contract import Contract
from millrace.settings import Settings
from spark.app.session import CONFIG
from spark.jobs import lake as job
from spark.jobs.table_reader import LoadIdRange, table_schema
from tests.spark.lake_in_memory import Lake, Warehouse


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


@pytest.fixture
def lake(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    warehouse = Warehouse()

    def from_memory(
        _spark: SparkSession, _settings: Settings, contract: Contract, ranges: Sequence[LoadIdRange]
    ) -> DataFrame:
        schema = table_schema(contract)
        table = pa.Table.from_pylist(warehouse.rows(ranges), schema)
        return spark.createDataFrame(table, from_arrow_schema(schema, prefer_timestamp_ntz=True)).coalesce(1)

    monkeypatch.setattr(job, "read_loads", from_memory)
    yield Lake(spark, Settings(lake_dir=tmp_path / "lake"), warehouse)
