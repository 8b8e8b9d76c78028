"""The weather feed on real slices, on what a poller sends, and on answers that are wrong."""

import csv
import json
from collections import Counter
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pytest

from feeds.weather.simulator import cities, records
from millrace.contract.contract import load_contract
from producer.files.json_file import read_record
from tests.unit.spark.records import Row, event, reasons, rows

CONTRACT = load_contract("weather")
DATA = Path(__file__).parents[4] / "shared" / "data" / "weather"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the real slices are not on this machine (../shared/data)")


def from_csv(name: str, skipped: int = 0) -> list[Row]:
    """The rows of a CSV file."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        for _ in range(skipped):
            file.readline()
        return rows(CONTRACT, [event(CONTRACT, line, n) for n, line in enumerate(csv.DictReader(file), 1)])


def from_messages(*messages: dict[str, Any] | str) -> list[Row]:
    """The rows of JSON messages, as poller and file sender hand them on."""
    texts = [one if isinstance(one, str) else orjson.dumps(one).decode() for one in messages]
    return rows(
        CONTRACT, [event(CONTRACT, read_record(text) | {"@message": text}, n) for n, text in enumerate(texts, 1)]
    )


@pytest.mark.bulk
@needs_data
def test_paris_history_is_accepted_whole() -> None:
    found = from_csv("wwo_paris_hourly_a.csv")
    assert len(found) == 9_696
    assert [row.reasons for row in found if row.reasons] == []
    assert {(row.city, row.country, row.is_utc, row.is_forecast) for row in found} == {("Paris", None, False, False)}
    assert (found[0].observed_at, found[-1].observed_at) == (datetime(2021, 11, 1), datetime(2022, 12, 9, 23))
    assert len({row.observed_at for row in found}) == 9_696
    assert sum(row.temperature for row in found) == Decimal("132791.00")
    assert Counter(row.is_rain for row in found) == {False: 9_058, True: 638}
    assert sum(row.snowfall_day > 0 for row in found) == 96
    whole = json.loads(found[0].message)
    assert (len(whole), whole["moonrise"], whole["tempC"]) == (25, "02:47 AM", "11")


@needs_data
def test_a_forecast_without_a_city_is_kept_as_one() -> None:
    found = from_csv("weather_forecast_paris.csv", skipped=1)
    assert len(found) == 240
    assert [row.reasons for row in found if row.reasons] == []
    assert {(row.city, row.is_forecast, row.is_utc) for row in found} == {(None, True, False)}
    assert (found[0].observed_at, found[23].observed_at) == (datetime(2022, 12, 9), datetime(2022, 12, 9, 23))
    assert (found[0].temperature, found[0].weather_code, found[0].wind_speed) == (Decimal("3.00"), 2, Decimal("9.00"))
    assert len({row.observed_at for row in found}) == 240


@needs_data
def test_kelvin_and_celsius_are_told_apart() -> None:
    found = from_messages(*(DATA / "owm_current_fr_samples.jsonl").read_text(encoding="utf-8").splitlines())
    assert [row.reasons for row in found if row.reasons] == []
    assert [
        (row.city, row.temperature, row.temperature_read_as, row.wind_speed, row.weather_code) for row in found
    ] == [
        ("Annecy", Decimal("15.44"), "kelvin", Decimal("18.50"), 3),
        ("Paris", Decimal("20.43"), "kelvin", Decimal("9.36"), 51),
        ("Montpellier", Decimal("9.62"), "celsius", Decimal("5.40"), 0),
        ("Bonneville", Decimal("12.31"), "celsius", Decimal("9.36"), 0),
        ("Lille", Decimal("4.21"), "celsius", Decimal("22.32"), 3),
        ("Thionville", Decimal("13.28"), "kelvin", Decimal("11.16"), 1),
        ("Lille", Decimal("11.89"), "kelvin", Decimal("24.12"), 3),
        ("Paris", Decimal("6.57"), "celsius", Decimal("16.56"), 61),
        ("Paris", Decimal("21.09"), "kelvin", Decimal("20.38"), 2),
    ]
    assert {(row.country, row.is_utc) for row in found} == {("FR", True)}
    assert found[0].observed_at == datetime(2021, 9, 22, 9, 51, 56)
    assert (found[8].latitude, found[8].longitude) == (48.8534, 2.3488)


ANSWER: dict[str, Any] = {
    "city": "Paris",
    "country": "FR",
    "city_latitude": 48.8566,
    "city_longitude": 2.3522,
    "latitude": 48.86,
    "longitude": 2.36,
    "utc_offset_seconds": 3600,
    "timezone": "Europe/Paris",
    "current_units": {"temperature_2m": "°C", "precipitation": "mm", "wind_speed_10m": "km/h"},
    "current": {"time": "2026-11-24T09:15", "interval": 900, "temperature_2m": 8.3, "weather_code": 61, "rain": 0.4},
}


def changed(**parts: Any) -> dict[str, Any]:
    """The answer with some values changed, `current_…` those of its inner object."""
    inner = {key.removeprefix("current_"): value for key, value in parts.items() if key.startswith("current_")}
    outer = {key: value for key, value in parts.items() if not key.startswith("current_")}
    return ANSWER | outer | {"current": ANSWER["current"] | inner}


def test_what_the_poller_sends_is_a_row_with_its_whole_message() -> None:
    (row,) = from_messages(ANSWER)
    assert row.reasons is None
    assert (row.city, row.country, row.observed_at) == ("Paris", "FR", datetime(2026, 11, 24, 8, 15))
    assert (row.temperature, row.temperature_read_as, row.is_rain, row.is_utc) == (
        Decimal("8.30"),
        "stated",
        True,
        True,
    )
    assert row.humidity is None
    assert json.loads(row.message) == ANSWER


WRONG = [
    (changed(latitude=-33.9, longitude=18.4), "is_place_right", "the answer is for a place more than half a degree"),
    (changed(current_time="2026-02-30T09:15"), "observed_at", "is no time that exists"),
    (changed(current_time=None), "observed_text", "is required and empty"),
    (changed(current_temperature_2m=None), "temperature", "is missing, or neither kelvin"),
    (changed(current_temperature_2m=312.4), "temperature_stated", "is above 60"),
    (changed(current_temperature_2m="warm"), "temperature_stated", "is not a number"),
    (changed(current_relative_humidity_2m=101), "humidity", "is above 100"),
    (ANSWER | {"current_units": {"temperature_2m": "°F"}}, "temperature_unit", "is none of °C"),
    (ANSWER | {"current_units": {"wind_speed_10m": "mp/h"}}, "wind_unit", "is none of km/h"),
    ({"main": {"temp": 72.5}, "dt": 1632304316, "name": "Denver"}, "temperature", "is missing, or neither kelvin"),
    ({"error": True, "reason": "Daily API request limit exceeded."}, "observed_text", "is required and empty"),
]


@pytest.mark.parametrize(("message", "column", "reason"), WRONG)
def test_a_wrong_answer_goes_to_quarantine_with_its_reason(message: dict[str, Any], column: str, reason: str) -> None:
    (row,) = from_messages(message)
    assert any(name == column and why.startswith(reason) for name, why in reasons(row)), reasons(row)


def test_simulated_records_fit_and_depend_on_seed_and_number_alone() -> None:
    first = list(islice(records(7), 200))
    assert list(islice(records(7, 150), 50)) == first[150:]
    assert list(islice(records(8), 200)) != first
    found = rows(CONTRACT, [event(CONTRACT, record, n) for n, record in enumerate(first, 1)])
    assert [row.reasons for row in found if row.reasons] == []
    assert {row.city for row in found} == {place.city for place in cities()}
    assert all(read_record(record["@message"]) | {"@message": record["@message"]} == record for record in first[:45])


def test_a_wind_that_is_refused_is_not_computed_with() -> None:
    storm = {"name": "Kyiv", "dt": 1661871600, "main": {"temp": 296.76}, "wind": {"speed": 2777.79, "gust": 9999.99}}
    (row,) = from_messages(storm)
    assert reasons(row) == [("wind_metres", "is above 125"), ("gust_metres", "is above 125")]


def test_the_simulated_sky_hangs_together() -> None:
    """Winter is colder than summer and the north than the south; low pressure brings clouds; snow needs frost."""
    here = len(cities())
    winter, summer = (list(islice(records(2016, here * 24 * day), here * 24)) for day in (75, 255))

    def mean(sky: list[dict[str, str]], name: str, city: str | None = None) -> float:
        values = [float(one[f"current.{name}"]) for one in sky if city in (None, one["city"])]
        return sum(values) / len(values)

    assert mean(winter, "temperature_2m") + 10 < mean(summer, "temperature_2m")
    assert mean(winter, "temperature_2m", "Tromso") < mean(winter, "temperature_2m", "Seville") - 10
    low = [one for one in winter if float(one["current.pressure_msl"]) < mean(winter, "pressure_msl")]
    high = [one for one in winter if one not in low]
    assert mean(low, "cloud_cover") > mean(high, "cloud_cover") + 20
    snowy = [one for one in winter if float(one["current.snowfall"]) > 0]
    assert snowy and all(float(one["current.temperature_2m"]) <= 1 for one in snowy)
