"""SQLAlchemy Core tables that the batch jobs fill, each replaced as a whole in one transaction."""

from typing import Any

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects.mysql import BIGINT, CHAR, DATE, DATETIME, DECIMAL, DOUBLE, ENUM, TEXT, VARCHAR

OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_default_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_0900_bin",
}
metadata = MetaData()


def _table(name: str, comment: str, *columns: Column[Any]) -> Table:
    return Table(name, metadata, *columns, comment=comment, **OPTIONS)


def _column(name: str, kind: Any, comment: str, key: bool = False, null: bool = False) -> Column[Any]:
    return Column(name, kind, nullable=null, primary_key=key, autoincrement=False, comment=comment)


batch_job = _table(
    "batch_job",
    "One row per batch job: how its last run ended",
    _column("job", VARCHAR(64), "name of the job", key=True),
    _column("state", ENUM("done", "failed"), "how its last run ended"),
    _column("message", TEXT(), "what it did, or why it failed, one sentence"),
    _column("rows_read", BIGINT(), "rows its last run read"),
    _column("rows_written", BIGINT(), "rows its last run wrote"),
    _column("started_at", DATETIME(fsp=3), "when its last run began, UTC"),
    _column("finished_at", DATETIME(fsp=3), "when its last run ended, UTC"),
    _column("done_at", DATETIME(fsp=3), "when it last ended well, UTC", null=True),
)
weather_correlation = _table(
    "weather_correlation",
    "How two variables of the weather go together, over all observations; made by the batch job weather",
    _column("variable_x", VARCHAR(40), "one variable, with its unit", key=True),
    _column("variable_y", VARCHAR(40), "the other variable, with its unit", key=True),
    _column("correlation", DOUBLE(), "Pearson's coefficient, -1 to 1; NULL where one of them never changes", null=True),
    _column("observations", BIGINT(), "observations that have both"),
)
weather_humidity_by_city = _table(
    "weather_humidity_by_city",
    "Humidity per city over all observations; made by the batch job weather",
    _column("city", VARCHAR(100), "city; empty where the source names none", key=True),
    _column(
        "country", CHAR(2), "country, two letters; empty where neither the source nor weather_city knows it", key=True
    ),
    _column("observations", BIGINT(), "observations with a humidity"),
    _column("mean_humidity", DECIMAL(5, 2), "mean relative humidity, percent"),
    _column("least_humidity", DECIMAL(5, 2), "least relative humidity, percent"),
    _column("greatest_humidity", DECIMAL(5, 2), "greatest relative humidity, percent"),
)
weather_wet_cities_by_day = _table(
    "weather_wet_cities_by_day",
    "How many cities had rain, and snow, on each day; made by the batch job weather",
    _column("observed_day", DATE(), "day, UTC", key=True),
    _column(
        "country", CHAR(2), "country, two letters; empty where neither the source nor weather_city knows it", key=True
    ),
    _column("cities", BIGINT(), "cities that were observed"),
    _column("rain_cities", BIGINT(), "cities with rain at least once"),
    _column("snow_cities", BIGINT(), "cities with snow at least once, or fresh snow stated for the day"),
)
BATCH_TABLES = tuple(metadata.sorted_tables)
