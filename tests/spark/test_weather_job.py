"""What the weather job computes: rows in, results beside them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from spark.jobs import weather as job

SCHEMA = (
    "city string, country string, observed_at timestamp_ntz, is_forecast boolean, is_rain boolean, is_snow boolean,"
    " snowfall_day decimal(7,3), temperature decimal(6,2), dew_point decimal(6,2), humidity decimal(5,2),"
    " pressure decimal(6,2), cloud_cover decimal(5,2), precipitation decimal(7,3), snowfall decimal(7,3),"
    " wind_speed decimal(6,2), wind_gust decimal(6,2)"
)
NOTHING: dict[str, Any] = dict.fromkeys(part.split()[0] for part in SCHEMA.split(", "))
NOON = datetime(2026, 1, 5, 12)
KNOWN = [("Paris", "FR"), ("Oslo", "NO")]


def rows(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    records = [tuple((NOTHING | {"is_forecast": False, "observed_at": NOON} | one).values()) for one in given]
    lake = spark.createDataFrame(records, SCHEMA)
    return job.observations(lake, spark.createDataFrame(KNOWN, "city string, country string"))


def test_forecasts_count_for_nothing_and_a_known_city_gets_its_country(spark: SparkSession) -> None:
    found = rows(
        spark,
        {"city": "Paris"},
        {"city": "Paris", "country": "US"},
        {"city": "Nowhere"},
        {},
        {"city": "Oslo", "is_forecast": True},
    )
    places = sorted((row.city, row.country) for row in found.collect())
    assert places == [("", ""), ("Nowhere", ""), ("Paris", "FR"), ("Paris", "US")]


def test_correlations_of_all_pairs_with_missing_values(spark: SparkSession) -> None:
    values = [
        (Decimal(t), None if h is None else Decimal(h)) for t, h in ((1, 90), (2, 80), (3, 70), (4, None), (9, 10))
    ]
    given = [{"temperature": t, "humidity": h, "pressure": Decimal(1000)} for t, h in values]
    found = {(one["variable_x"], one["variable_y"]): one for one in job.correlations(rows(spark, *given))}
    assert len(found) == len(job.VARIABLES) ** 2
    pair = found["temperature, °C", "humidity, %"]
    assert pair["correlation"] == pytest.approx(-1) and pair["observations"] == 4
    assert found["humidity, %", "temperature, °C"]["correlation"] == pair["correlation"]
    assert found["humidity, %", "humidity, %"] == {
        "variable_x": "humidity, %",
        "variable_y": "humidity, %",
        "correlation": 1.0,
        "observations": 4,
    }
    assert found["temperature, °C", "pressure, hPa"]["correlation"] is None, "a constant goes together with nothing"
    assert found["temperature, °C", "wind, km/h"]["observations"] == 0


def test_what_hardly_changes_is_told_from_what_never_does() -> None:
    """A million pressures, of which one is a hundredth higher: their squares have no such digit any more."""
    first, rest = ([987.66] + [987.65] * 9_999, [987.65] * 10_000)
    batches = [pa.RecordBatch.from_pydict({"x": values, "y": values}) for values in (first, rest)]
    around = dict.fromkeys("xy", 987.65 + 0.01 / 1_000_000)
    parts = pa.Table.from_batches(job.pair_sums(around, [batches[0], *batches[1:] * 99])).to_pylist()
    pairs = [part for part in parts if (part["x"], part["y"]) == ("x", "y")]
    found = {name: sum(part[name] for part in pairs) for name in job.SUMS}
    found |= {name: (min if name.startswith("least") else max)(part[name] for part in pairs) for name in job.ENDS}
    assert found["xx"] - found["sum_x"] ** 2 / found["number"] == pytest.approx(1e-4, rel=1e-3)
    assert job.coefficient(Row(**found)) == pytest.approx(1)


def test_humidity_per_city(spark: SparkSession) -> None:
    given = [("Paris", 60), ("Paris", 71), ("Oslo", 100), ("Oslo", None)]
    found = job.humidity_by_city(rows(spark, *({"city": city, "humidity": h and Decimal(h)} for city, h in given)))
    assert sorted(tuple(row) for row in found.collect()) == [
        ("Oslo", "NO", 1, Decimal("100.00"), Decimal("100.00"), Decimal("100.00")),
        ("Paris", "FR", 2, Decimal("65.50"), Decimal("60.00"), Decimal("71.00")),
    ]


def test_cities_with_rain_and_snow_per_day(spark: SparkSession) -> None:
    next_day = datetime(2026, 1, 6, 0)
    found = job.wet_cities_by_day(
        rows(
            spark,
            {"city": "Paris", "is_rain": True, "is_snow": False},
            {"city": "Paris", "is_rain": True},
            {"city": "Lyon", "country": "FR", "is_rain": False, "is_snow": True},
            {"city": "Nice", "country": "FR"},
            {"city": "Oslo", "is_rain": False, "is_snow": None, "snowfall_day": Decimal("0.3")},
            {"city": "Paris", "observed_at": next_day, "is_rain": False, "is_snow": False},
            {"is_rain": True},
        )
    )
    assert sorted(tuple(row) for row in found.collect()) == [
        (date(2026, 1, 5), "FR", 3, 1, 1),
        (date(2026, 1, 5), "NO", 1, 0, 1),
        (date(2026, 1, 6), "FR", 1, 0, 0),
    ]
