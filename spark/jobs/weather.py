"""What all observations of the weather say together: correlations, humidity per city, rain and snow per day.

    spark-submit spark/jobs/weather.py

Reads the lake, so that MySQL answers dashboards meanwhile; writes three tables of MySQL, replaced together.
"""

import csv
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from millrace.feed_names import FOLDER
from millrace.settings import Settings
from spark.jobs.job_run import run_job
from spark.jobs.lake_folders import days
from spark.jobs.results import Rows, replace_tables
from sql.schema.batch_tables import weather_correlation, weather_humidity_by_city, weather_wet_cities_by_day

JOB = "weather"
VARIABLES = {
    "temperature, °C": "temperature",
    "dew point, °C": "dew_point",
    "humidity, %": "humidity",
    "pressure, hPa": "pressure",
    "cloud cover, %": "cloud_cover",
    "precipitation, mm": "precipitation",
    "snowfall, cm": "snowfall",
    "wind, km/h": "wind_speed",
    "gusts, km/h": "wind_gust",
}
COLUMNS = (*VARIABLES.values(), "city", "country", "observed_at", "is_rain", "is_snow", "snowfall_day")
SUMS = ("number", "sum_x", "sum_y", "xx", "yy", "xy")
ENDS = ("least_x", "greatest_x", "least_y", "greatest_y")
PAIR_SUMS = ", ".join(["x string", "y string", "number bigint", *(f"{name} double" for name in (*SUMS[1:], *ENDS))])
"""Per pair of variables: rows, sums, sums of squares and products, least and greatest values. Spark's own covariances
of 36 pairs took 26 s for 358,700 observations, where these take 4."""


def observations(lake: DataFrame, known: DataFrame) -> DataFrame:
    """The feed's rows without forecasts; a city without a country is the one of that name in `known`."""
    known = known.withColumnsRenamed({"city": "known_city", "country": "known_country"})
    found = lake.filter("NOT is_forecast").join(F.broadcast(known), F.col("city") == F.col("known_city"), "left")
    return found.withColumn("country", F.coalesce("country", "known_country", F.lit(""))).withColumn(
        "city", F.coalesce("city", F.lit(""))
    )


def correlations(rows: DataFrame) -> Rows:
    """Pearson's coefficient of every pair of VARIABLES both ways round, and of each with itself."""
    columns = list(VARIABLES.values())
    (means,) = rows.agg(*(F.avg(name).alias(name) for name in columns)).collect()
    around = {name: float(means[name] or 0) for name in columns}
    sums = rows.select(columns).mapInArrow(partial(pair_sums, around), PAIR_SUMS)
    ends = [F.min(name).alias(name) if name.startswith("least") else F.max(name).alias(name) for name in ENDS]
    found = sums.groupBy("x", "y").agg(*(F.sum(name).alias(name) for name in SUMS), *ends).collect()
    names = {column: name for name, column in VARIABLES.items()}
    of_pair = {(names[row.x], names[row.y]): row for row in found}
    result = []
    for x, y in combinations_with_replacement(VARIABLES, 2):
        row = of_pair.get((x, y))
        value, count = (coefficient(row) if x != y else 1.0, row.number) if row else (None, 0)
        result += [_correlation(*pair, value, count) for pair in dict.fromkeys([(x, y), (y, x)])]
    return result


def pair_sums(around: Mapping[str, float], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """PAIR_SUMS of each batch: per pair of its columns, over the rows that have both.

    Values count from the column's mean, `around`: squares of large ones would lose in their last digits what differs.
    """
    for batch in batches:
        table = pa.table({name: pc.subtract(batch[name].cast(pa.float64()), mean) for name, mean in around.items()})
        found = [_sums(table, *pair) for pair in combinations_with_replacement(table.column_names, 2)]
        if there := [sums for sums in found if sums["number"]]:
            yield pa.RecordBatch.from_pylist(there)


def coefficient(of: Row) -> float | None:
    """Pearson's from the sums of a pair; None where one never changes."""
    if of.least_x == of.greatest_x or of.least_y == of.greatest_y:
        return None
    spread_x, spread_y = of.xx - of.sum_x**2 / of.number, of.yy - of.sum_y**2 / of.number
    return float((of.xy - of.sum_x * of.sum_y / of.number) / math.sqrt(spread_x * spread_y))


def humidity_by_city(rows: DataFrame) -> DataFrame:
    """Mean, least and greatest humidity of every city."""
    humidity = F.col("humidity")
    return (
        rows.filter(humidity.isNotNull())
        .groupBy("city", "country")
        .agg(
            F.count("*").alias("observations"),
            F.avg(humidity).cast("decimal(5,2)").alias("mean_humidity"),
            F.min(humidity).alias("least_humidity"),
            F.max(humidity).alias("greatest_humidity"),
        )
    )


def wet_cities_by_day(rows: DataFrame) -> DataFrame:
    """How many cities of a country were observed on a day, and had rain and snow on it."""
    has_snow = F.col("is_snow") | (F.coalesce("snowfall_day", F.lit(0)) > 0)
    city = F.nullif("city", F.lit(""))
    return (
        rows.filter("city <> ''")
        .groupBy(F.to_date("observed_at").alias("observed_day"), "country")
        .agg(
            F.countDistinct(city).alias("cities"),
            F.countDistinct(F.when(F.col("is_rain"), city)).alias("rain_cities"),
            F.countDistinct(F.when(has_snow, city)).alias("snow_cities"),
        )
    )


def compute(spark: SparkSession, settings: Settings) -> tuple[str, int, int]:
    """Reads the lake, replaces the tables; a sentence, rows read, rows written."""
    if not days(settings.lake_dir, "weather"):
        return "the lake has no weather yet", 0, 0
    known = spark.createDataFrame(known_cities(), "city string, country string")
    rows = observations(spark.read.parquet(str(settings.lake_dir / "weather")), known).select(*COLUMNS).persist()
    count = rows.count()
    written = replace_tables(
        settings,
        {
            weather_correlation: correlations(rows) if count else [],
            weather_humidity_by_city: _as_rows(humidity_by_city(rows)),
            weather_wet_cities_by_day: _as_rows(wet_cities_by_day(rows)),
        },
    )
    return f"computed from {count:,} observations", count, written


def known_cities() -> list[tuple[str, str]]:
    """City and country of the list that poller and simulator share."""
    with (FOLDER / "weather" / "cities.csv").open(encoding="utf-8", newline="") as file:
        return [(line["city"], line["country"]) for line in csv.DictReader(file)]


def _sums(table: pa.Table, x: str, y: str) -> dict[str, Any]:
    both = table.select(list(dict.fromkeys([x, y]))).drop_null()
    one, other = both[x], both[y]
    ends_x, ends_y = pc.min_max(one), pc.min_max(other)
    sums = {
        "sum_x": pc.sum(one),
        "sum_y": pc.sum(other),
        "xx": pc.sum(pc.multiply(one, one)),
        "yy": pc.sum(pc.multiply(other, other)),
        "xy": pc.sum(pc.multiply(one, other)),
        "least_x": ends_x["min"],
        "greatest_x": ends_x["max"],
        "least_y": ends_y["min"],
        "greatest_y": ends_y["max"],
    }
    return {"x": x, "y": y, "number": both.num_rows} | {name: value.as_py() for name, value in sums.items()}


def _correlation(x: str, y: str, value: float | None, rows: int) -> Mapping[str, Any]:
    known = None if value is None or rows < 2 else min(1.0, max(-1.0, value))
    return {"variable_x": x, "variable_y": y, "correlation": known, "observations": rows}


def _as_rows(frame: DataFrame) -> Rows:
    return [row.asDict() for row in frame.collect()]


def main(_arguments: Sequence[str]) -> int:
    """The exit code."""
    return run_job(JOB, compute)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
