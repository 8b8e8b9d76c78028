"""What all observations of the weather say together: correlations, humidity per city, rain and snow per day.

    spark-submit spark/jobs/weather.py

Reads the lake, so that MySQL answers dashboards meanwhile; writes three tables of MySQL, replaced together.
"""

import csv
import sys
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
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


def observations(lake: DataFrame, known: DataFrame) -> DataFrame:
    """The feed's rows without forecasts; a city without a country is the one of that name in `known`."""
    known = known.withColumnsRenamed({"city": "known_city", "country": "known_country"})
    found = lake.filter("NOT is_forecast").join(F.broadcast(known), F.col("city") == F.col("known_city"), "left")
    return found.withColumn("country", F.coalesce("country", "known_country", F.lit(""))).withColumn(
        "city", F.coalesce("city", F.lit(""))
    )


def correlations(rows: DataFrame) -> Rows:
    """Pearson's coefficient of every pair of VARIABLES both ways round, and of each with itself."""
    pairs = list(combinations(VARIABLES, 2))
    asked = [coefficient(*pair).alias(f"corr_{n}") for n, pair in enumerate(pairs)]
    asked += [F.count(_where_both(*pair)[0]).alias(f"rows_{n}") for n, pair in enumerate(pairs)]
    asked += [F.count(column).alias(column) for column in VARIABLES.values()]
    (found,) = rows.agg(*asked).collect()
    result = [_correlation(name, name, 1.0, found[column]) for name, column in VARIABLES.items()]
    for n, (x, y) in enumerate(pairs):
        result += [_correlation(*names, found[f"corr_{n}"], found[f"rows_{n}"]) for names in ((x, y), (y, x))]
    return result


def coefficient(x: str, y: str) -> Column:
    """Pearson's, over rows that have both; NULL where one never changes: Spark's own `corr` fails on that."""
    one, other = _where_both(x, y)
    return F.try_divide(F.covar_pop(one, other), F.stddev_pop(one) * F.stddev_pop(other))


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
    rows = observations(spark.read.parquet(str(settings.lake_dir / "weather")), known).persist()
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


def _where_both(x: str, y: str) -> tuple[Column, Column]:
    one, other = (F.col(VARIABLES[name]).cast("double") for name in (x, y))
    has_both = one.isNotNull() & other.isNotNull()
    return F.when(has_both, one), F.when(has_both, other)


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
