"""What is asked of the JVM behind PySpark by doors that PySpark keeps for itself, as they are in PySpark 4.2.0.

Between the two stands py4j 0.10.9.9. Nothing else in the project uses them;
tests/unit/test_private_doors.py names the version.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.classic.column import Column
from pyspark.sql.classic.dataframe import DataFrame as ClassicDataFrame
from pyspark.sql.pandas.functions import pandas_udf
from pyspark.util import PythonEvalType

Function = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


JvmError = Py4JError
"""The JVM has refused something, or does not answer."""


def leave_errors_to_us() -> None:
    """The bridge prints what the JVM and foreachBatch raise; a feed's state, or a job's sentence, says it already."""
    logging.getLogger("py4j").setLevel(logging.CRITICAL)


def executors(spark: SparkSession) -> frozenset[str]:
    """Host and port of every executor; the driver is among them, and stays."""
    found = str(spark.sparkContext._jsc.sc().getExecutorMemoryStatus().keySet().mkString(","))
    return frozenset(found.split(",")) if found else frozenset()


def has_ended(spark: SparkSession) -> bool:
    """Whether the application is over, or its JVM does not answer."""
    try:
        return bool(spark.sparkContext._jsc.sc().isStopped())
    except Exception:
        return True


def local_folders(spark: SparkSession) -> tuple[Path, ...]:
    """The folders that the driver has made for its blocks."""
    jvm = spark._jvm
    if jvm is None:
        return ()
    manager = jvm.org.apache.spark.SparkEnv.get().blockManager().diskBlockManager()
    return tuple(Path(folder) for folder in manager.localDirsString())


class ArrowMapping:
    """DataFrame.mapInArrow for the micro-batches of one query.

    Maps those columns by that function; `schema` is of what it gives.

    PySpark's own mapInArrow pickles the function and looks up Java classes at each call: a tenth of what a small load
    costs the driver. This is what it does, with the first half done once.
    """

    def __init__(self, function: Function, columns: Sequence[str], schema: str) -> None:
        # PySpark's signatures leave this kind out: it is the one that mapInArrow uses itself.
        make: Callable[..., Callable[..., Column]] = pandas_udf
        mapped = make(function, returnType=schema, functionType=PythonEvalType.SQL_MAP_ARROW_ITER_UDF)
        self._call = mapped(*columns)._jc

    def __call__(self, records: DataFrame) -> DataFrame:
        """The function's rows, for a DataFrame that has the columns and no others."""
        frame = cast("ClassicDataFrame", records)
        return ClassicDataFrame(frame._jdf.mapInArrow(self._call, False, None), frame.sparkSession)
