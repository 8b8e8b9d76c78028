"""Shapes of weather that people have: read, or refused by name before anything is sent."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from millrace.errors import Refused
from producer.files.file_check import check_file
from producer.files.spool import spool
from tests.unit.feeds.test_weather import CONTRACT, from_messages

PLACE: dict[str, Any] = {"latitude": 52.52, "longitude": 13.42, "utc_offset_seconds": 3600, "timezone": "Europe/Berlin"}
OLDER = PLACE | {
    "current_weather": {
        "temperature": 13.3,
        "windspeed": 10.3,
        "winddirection": 262,
        "weathercode": 61,
        "is_day": 1,
        "time": "2022-07-01T12:00",
    }
}
UNITS = {"time": "iso8601", "interval": "seconds", "temperature": "°C", "windspeed": "km/h", "weathercode": "wmo code"}
HOURS: dict[str, list[Any]] = {
    "time": [f"2022-07-01T{hour:02d}:00" for hour in range(24)],
    "temperature_2m": [13.0 + n for n in range(24)],
}
CURRENT = {"time": "2026-11-24T09:00", "temperature_2m": 8.3}
STEP = {
    "dt": 1661871600,
    "main": {"temp": 296.76, "pressure": 1015, "humidity": 69},
    "weather": [{"id": 500, "description": "light rain"}],
    "pop": 0.32,
    "dt_txt": "2022-08-30 15:00:00",
}
FORECAST = {"cod": "200", "message": 0, "cnt": 2, "list": [STEP, STEP], "city": {"id": 3163858, "name": "Zocca"}}
GROUP = {"cnt": 1, "list": [STEP | {"name": "Kyiv", "coord": {"lon": 30.5, "lat": 50.4}}]}
ONE_CALL = {"lat": 33.44, "lon": -94.04, "current": {"dt": 1684929490, "temp": 292.55, "humidity": 89}}
HOURS_IN_ARRAYS = "an answer of Open-Meteo with hours in arrays"


def test_the_older_current_weather_is_read() -> None:
    (row,) = from_messages(OLDER)
    assert row.reasons is None
    assert (row.observed_at, row.is_utc) == (datetime(2022, 7, 1, 11), True)
    assert (row.temperature, row.temperature_read_as) == (Decimal("13.30"), "stated")
    assert (row.wind_speed, row.wind_direction, row.weather_code) == (Decimal("10.30"), Decimal("262.0"), 61)
    assert (row.is_rain, row.is_forecast) == (True, False)


def test_with_its_units_it_is_the_same() -> None:
    older = OLDER | {"current_weather_units": UNITS}
    older["current_weather"] |= {"interval": 900}
    (row,) = from_messages(older)
    assert (row.reasons, row.interval_seconds, row.temperature) == (None, 900, Decimal("13.30"))


@pytest.mark.parametrize(
    ("record", "name", "instead"),
    [
        (PLACE | {"hourly": HOURS}, HOURS_IN_ARRAYS, "ask for `current=…`"),
        (PLACE | {"hourly": {name: values * 300 for name, values in HOURS.items()}}, HOURS_IN_ARRAYS, "ask for"),
        (PLACE | {"daily": {"time": ["2022-07-01"]}}, "an answer of Open-Meteo with days in arrays", "ask for"),
        (
            PLACE | {"minutely_15": {"time": ["2022-07-01T00:15"]}},
            "an answer of Open-Meteo with quarters of an hour in arrays",
            "ask for `current=…`",
        ),
        (
            PLACE | {"current": CURRENT | {"temperature_2m": 75.2}, "current_units": {"temperature_2m": "°F"}},
            "an answer of Open-Meteo in degrees Fahrenheit",
            "ask without `temperature_unit=fahrenheit`",
        ),
        (
            OLDER | {"current_weather_units": UNITS | {"temperature": "°F"}},
            "an answer of Open-Meteo in degrees Fahrenheit",
            "ask without",
        ),
        (FORECAST, "a forecast list of OpenWeatherMap", "only what was observed is counted"),
        (GROUP, "a list of OpenWeatherMap", "write each member of its `list` on a line"),
        (ONE_CALL, "an answer of OpenWeatherMap's One Call", "it names no unit and no city"),
    ],
)
@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_another_shape_is_refused_by_its_name(
    tmp_path: Path, record: dict[str, Any], name: str, instead: str, ending: str
) -> None:
    with pytest.raises(Refused) as refused:
        check(tmp_path, record, ending)
    sentence = str(refused.value)
    assert sentence.startswith(f"answer.{ending}: record 1 is {name}: {instead}")
    assert sentence.endswith("; nothing was sent.")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "record",
    [
        OLDER,
        PLACE | {"current": CURRENT, "current_units": {"temperature_2m": "°C"}},
        PLACE | {"current": CURRENT, "hourly": HOURS},
        STEP | {"name": "Kyiv", "sys": {"country": "UA"}},
    ],
)
def test_what_is_read_is_not_refused(tmp_path: Path, record: dict[str, Any]) -> None:
    assert check(tmp_path, record, "json") == 1


def test_one_among_others_is_named_by_its_number(tmp_path: Path) -> None:
    lines = "\n".join(map(json.dumps, [OLDER, PLACE | {"hourly": HOURS}]))
    (tmp_path / "answer.jsonl").write_text(lines, encoding="utf-8")
    with pytest.raises(Refused, match=rf"^answer\.jsonl: record 2 is {HOURS_IN_ARRAYS}"):
        check_file(CONTRACT, spool(tmp_path / "answer.jsonl", tmp_path / "spool"))


def check(folder: Path, record: dict[str, Any], ending: str) -> int:
    file = folder / f"answer.{ending}"
    file.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return check_file(CONTRACT, spool(file, folder / "spool")).records
