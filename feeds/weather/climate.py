"""A made-up sky over Europe: seasons, days and fronts that pass all cities, so that variables hang together.

Everything is a function of (seed, place, hour): fronts are waves of pressure that travel east; wind blows where
pressure changes from place to place; clouds and rain follow low pressure; clouds damp the day's warmth; snow is rain
below 1 °C.
"""

from dataclasses import dataclass
from functools import cache
from math import atan2, cos, degrees, exp, hypot, log, pi, radians, sin

from millrace.seeded_random import chance

WAVES = 7
HOURS_A_YEAR, COLDEST_HOUR = 8766, 20 * 24
KILOMETRES_A_DEGREE = 111.2


@dataclass(frozen=True)
class Place:
    """A city; heights in metres."""

    city: str
    country: str
    latitude: float
    longitude: float
    altitude: float


@dataclass(frozen=True)
class Sky:
    """The weather at a place and hour, in the units of the feed: °C, %, hPa, mm and cm per hour, km/h, degrees."""

    temperature: float
    apparent: float
    dew_point: float
    humidity: float
    pressure: float
    cloud: float
    rain: float
    snowfall: float
    wind: float
    gust: float
    direction: float
    is_thunder: bool


@dataclass(frozen=True)
class _Wave:
    """Pressure over east, north (degrees) and time (hours)."""

    height: float
    east: float
    north: float
    speed: float
    phase: float

    def angle(self, place: Place, hour: float) -> float:
        return self.east * place.longitude + self.north * place.latitude - self.speed * hour + self.phase


def sky(seed: int, place: Place, hour: int, hour_of_year: float) -> Sky:
    """The weather at a place, `hour` hours after the simulation's start."""
    noise = _Noise(seed, place.city, hour)
    low, slope_east, slope_north = _pressure(seed, place, hour)
    cloud = _cloud(low, noise)
    warmth = _temperature(place, hour, hour_of_year, low, cloud) + noise(1) * 0.8
    wet = _precipitation(low, cloud, noise)
    humidity = min(100.0, max(18.0, _humidity(place, hour, hour_of_year, cloud, wet) + noise(2) * 5))
    wind = max(0.5, 3.2 * hypot(slope_east, slope_north) * max(0.3, 1 - 0.025 * low) + 2 + noise(3) * 2)
    is_frozen = warmth < 1.0
    return Sky(
        temperature=warmth,
        apparent=warmth - 0.08 * wind + 0.02 * (humidity - 60) * (warmth > 18),
        dew_point=_dew_point(warmth, humidity),
        humidity=humidity,
        pressure=1014 + low + 0.6 * noise(4),
        cloud=100 * cloud,
        rain=0.0 if is_frozen else wet,
        snowfall=0.7 * wet if is_frozen else 0.0,
        wind=wind,
        gust=wind * (1.5 + 0.25 * noise(5)) + 3,
        direction=(degrees(atan2(slope_north, -slope_east)) + 180) % 360,
        is_thunder=wet > 2.5 and warmth > 16,
    )


class _Noise:
    """Independent numbers around 0, about one wide, for one place and hour."""

    def __init__(self, seed: int, city: str, hour: int) -> None:
        self._question = (seed, city, hour)

    def __call__(self, number: int) -> float:
        return 3.4 * (chance(*self._question, number) - 0.5)

    def even(self, number: int) -> float:
        return chance(*self._question, number)


@cache
def _waves(seed: int) -> tuple[_Wave, ...]:
    """A few long waves and some shorter ones, each with its own height, direction and speed."""

    def wave(number: int) -> _Wave:
        length = 55 / (1 + number)  # degrees
        east = 2 * pi / length
        tilt = 1.6 * (chance(seed, "tilt", number) - 0.5)
        days = 9 / (1 + 0.7 * number)
        return _Wave(
            height=11 / (1 + 0.55 * number),
            east=east,
            north=east * tilt,
            speed=2 * pi / (24 * days) * (0.85 + 0.3 * chance(seed, "speed", number)),
            phase=2 * pi * chance(seed, "phase", number),
        )

    return tuple(map(wave, range(WAVES)))


def _pressure(seed: int, place: Place, hour: float) -> tuple[float, float, float]:
    """What the pressure lies above its mean, hPa, and how it rises to the east and north, hPa per 100 km."""
    waves = _waves(seed)
    value = sum(w.height * sin(w.angle(place, hour)) for w in waves)
    slopes = [w.height * cos(w.angle(place, hour)) for w in waves]
    stretch = cos(radians(place.latitude))
    east = sum(slope * w.east for slope, w in zip(slopes, waves, strict=True)) / stretch
    north = sum(slope * w.north for slope, w in zip(slopes, waves, strict=True))
    return value, east / KILOMETRES_A_DEGREE * 100, north / KILOMETRES_A_DEGREE * 100


def _cloud(low: float, noise: _Noise) -> float:
    """The share of the sky under clouds: most of it where the pressure is low."""
    return 1 / (1 + exp((low + 1.5 + 3.5 * noise(6)) / 4))


def _temperature(place: Place, hour: int, hour_of_year: float, low: float, cloud: float) -> float:
    season = -cos(2 * pi * (hour_of_year - COLDEST_HOUR) / HOURS_A_YEAR)
    solar = (hour + place.longitude / 15) % 24
    day = -cos(2 * pi * (solar - 3) / 24) * (5.5 - 3.5 * cloud) * (0.75 + 0.25 * season)
    mean = 32 - 0.42 * place.latitude - 0.0065 * place.altitude
    inland = min(1.0, max(0.0, (place.longitude + 8) / 30))
    amplitude = 6 + 0.06 * (place.latitude - 40) + 5 * inland
    # In winter low pressure brings mild air from the sea, in summer cool air.
    air = 0.22 * low * season
    return mean + amplitude * season + day + air


def _precipitation(low: float, cloud: float, noise: _Noise) -> float:
    """mm per hour; it needs thick clouds."""
    likely = max(0.0, cloud - 0.72) * 1.7 + (0.06 if low < -12 else 0)
    if noise.even(7) >= likely:
        return 0.0
    return max(0.1, -log(1 - 0.999 * noise.even(8)) * (0.5 + 0.05 * max(0.0, -low)))


def _humidity(place: Place, hour: int, hour_of_year: float, cloud: float, wet: float) -> float:
    solar = (hour + place.longitude / 15) % 24
    season = -cos(2 * pi * (hour_of_year - COLDEST_HOUR) / HOURS_A_YEAR)
    day = cos(2 * pi * (solar - 4) / 24) * (12 - 7 * cloud)
    return 66 - 9 * season + 17 * (cloud - 0.5) + day + (9 if wet else 0) - 0.3 * (50 - place.latitude)


def _dew_point(warmth: float, humidity: float) -> float:
    """By Magnus' formula, degrees Celsius."""
    share = log(humidity / 100) + 17.62 * warmth / (243.12 + warmth)
    return 243.12 * share / (17.62 - share)
