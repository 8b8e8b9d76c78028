"""Weather of the cities in feeds/weather/cities.csv, hour by hour, as Open-Meteo would answer the poller.

Record n is the (n-1) mod cities-th city in hour (n-1) div cities after START. All numbers are made up; see climate.py.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count

import orjson

from feeds.weather.climate import Place, Sky, sky
from millrace.contract.column import MESSAGE
from millrace.feed_names import FOLDER

VERSION = 1
FEED = "weather"
START = datetime(2025, 11, 1, tzinfo=UTC)
"""The first simulated hour. Simulated time never asks the clock: the same record always has the same hour."""
YEAR_BEGINS = datetime(2025, 1, 1, tzinfo=UTC)
UNITS = {
    "time": "iso8601",
    "interval": "seconds",
    "temperature_2m": "°C",
    "relative_humidity_2m": "%",
    "dew_point_2m": "°C",
    "apparent_temperature": "°C",
    "precipitation": "mm",
    "rain": "mm",
    "showers": "mm",
    "snowfall": "cm",
    "weather_code": "wmo code",
    "cloud_cover": "%",
    "pressure_msl": "hPa",
    "wind_speed_10m": "km/h",
    "wind_direction_10m": "°",
    "wind_gusts_10m": "km/h",
}
Value = str | int | float


def records(seed: int, after: int = 0) -> Iterator[dict[str, str]]:
    """The endless run of a seed, from record number `after` + 1: header → raw text, and the whole message."""
    for number in count(after):
        hour, index = divmod(number, len(cities()))
        yield flattened(message(seed, cities()[index], hour))


@cache
def cities() -> tuple[Place, ...]:
    """The cities, in the file's order."""
    numbers = ("latitude", "longitude", "altitude_m")
    with (FOLDER / FEED / "cities.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return tuple(Place(line["city"], line["country"], *(float(line[name]) for name in numbers)) for line in lines)


def message(seed: int, place: Place, hour: int) -> dict[str, Value | dict[str, Value]]:
    """What the poller would send for that city, `hour` hours after START."""
    moment = START + timedelta(hours=hour)
    hour_of_year = (moment - YEAR_BEGINS) / timedelta(hours=1) % 8766
    return {
        "city": place.city,
        "country": place.country,
        "city_latitude": place.latitude,
        "city_longitude": place.longitude,
        "latitude": round(place.latitude * 8) / 8,
        "longitude": round(place.longitude * 8) / 8,
        "utc_offset_seconds": 0,
        "timezone": "GMT",
        "elevation": place.altitude,
        "current_units": dict(UNITS),
        "current": current(moment, sky(seed, place, hour, hour_of_year)),
    }


def current(moment: datetime, now: Sky) -> dict[str, Value]:
    """Open-Meteo's variables, each with as many digits as it gives."""
    rain, snowfall = round(now.rain, 1), round(now.snowfall, 2)
    return {
        "time": f"{moment:%Y-%m-%dT%H:%M}",
        "interval": 3600,
        "temperature_2m": round(now.temperature, 1),
        "relative_humidity_2m": round(now.humidity),
        "dew_point_2m": round(now.dew_point, 1),
        "apparent_temperature": round(now.apparent, 1),
        "precipitation": round(rain + snowfall / 0.7, 1),
        "rain": rain,
        "showers": 0.0,
        "snowfall": snowfall,
        "weather_code": weather_code(now, rain, snowfall),
        "cloud_cover": round(now.cloud),
        "pressure_msl": round(now.pressure, 1),
        "wind_speed_10m": round(now.wind, 1),
        "wind_direction_10m": round(now.direction),
        "wind_gusts_10m": round(now.gust, 1),
    }


def weather_code(now: Sky, rain: float, snowfall: float) -> int:
    """The WMO's code of what the numbers say."""
    if now.is_thunder:
        return 95
    if snowfall:
        return 71 if snowfall < 0.5 else 73 if snowfall < 2 else 75
    if rain:
        return 51 if rain < 0.3 else 61 if rain < 2.5 else 63 if rain < 7.6 else 65
    if now.humidity >= 99 and now.wind < 8:
        return 45
    return 0 if now.cloud < 12 else 1 if now.cloud < 30 else 2 if now.cloud < 70 else 3


def flattened(whole: dict[str, Value | dict[str, Value]]) -> dict[str, str]:
    """The message's values under dotted names as raw texts, as `read_record` gives them, and the message itself."""
    texts: dict[str, str] = {}
    for name, value in whole.items():
        if isinstance(value, dict):
            texts |= {f"{name}.{part}": str(one) for part, one in value.items()}
        else:
            texts[name] = str(value)
    return texts | {MESSAGE: orjson.dumps(whole).decode()}
