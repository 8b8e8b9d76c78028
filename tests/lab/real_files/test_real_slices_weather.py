"""The real weather files from the host into MySQL, exactly; the figures of docs/reconciliation.md."""

from pathlib import Path

import pytest

from instruments.tools import Sum, Warehouse, real_file, send, source_of
from millrace.contract.contract import load_contract
from sql.ledger.rollup import differences

FILES = {"wwo_paris_hourly_a.csv": 9_696, "weather_forecast_paris.csv": 240, "owm_current_fr_samples.jsonl": 9}


def rows_of(mysql: Warehouse, file: Path) -> int:
    return int(mysql.one("SELECT COUNT(*) FROM v_weather WHERE source_id = :source", source=source_of("weather", file)))


@pytest.mark.parametrize(("name", "records"), FILES.items())
def test_a_real_file_lands_whole_and_once(mysql: Warehouse, name: str, records: int) -> None:
    file = real_file(name, of="weather")
    before = rows_of(mysql, file)
    assert before in (0, records)
    assert send("weather", file) == Sum(records, records - before, 0, before, 0)
    assert send("weather", file) == Sum(records, 0, 0, records, 0)
    assert rows_of(mysql, file) == records


def test_a_year_of_paris_is_in_the_rollups_and_the_forecast_is_not(mysql: Warehouse) -> None:
    history, forecast = (
        real_file("wwo_paris_hourly_a.csv", of="weather"),
        real_file("weather_forecast_paris.csv", of="weather"),
    )
    send("weather", history)
    send("weather", forecast)
    (found,) = mysql.rows(
        "SELECT COUNT(*) AS days, SUM(observations) AS hours, SUM(temperature_sum) AS degrees, SUM(rain_rows) AS rain,"
        " SUM(snow_day_rows) AS snow FROM weather_by_day WHERE city = 'Paris' AND country = ''"
    )
    assert {key: int(value) for key, value in found.items()} == {
        "days": 404,
        "hours": 9_696,
        "degrees": 132_791,
        "rain": 638,
        "snow": 96,
    }
    assert mysql.one("SELECT COUNT(*) FROM weather_by_day WHERE city = ''") == 0


def test_the_whole_message_can_be_asked(mysql: Warehouse) -> None:
    send("weather", real_file("owm_current_fr_samples.jsonl", of="weather"))
    rows = mysql.rows(
        "SELECT city, message->>'$.weather[0].description' AS words, temperature FROM v_weather"
        " WHERE message->>'$.id' = '3031679'"
    )
    assert [(row["city"], row["words"], float(row["temperature"])) for row in rows] == [
        ("Bonneville", "ciel dégagé", 12.31)
    ]


def test_rollups_are_group_by_over_the_facts(mysql: Warehouse) -> None:
    assert differences(mysql.connection, load_contract("weather")) == {}
