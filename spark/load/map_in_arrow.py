"""DataFrame.mapInArrow for the micro-batches of one query."""

from collections.abc import Callable, Iterator, Sequence
from typing import cast

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.classic.column import Column
from pyspark.sql.classic.dataframe import DataFrame as ClassicDataFrame
from pyspark.sql.pandas.functions import pandas_udf
from pyspark.util import PythonEvalType

Function = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


class ArrowMapping:
    """Maps those columns by that function; `schema` is of what it gives.

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
