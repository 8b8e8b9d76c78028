"""What docs/feeds.md promises of the computed columns of weather."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from feeds.weather.codes import OWM_TO_WMO, RAIN, SNOW, WWO_TO_WMO

CENT, ZERO_CELSIUS = Decimal("0.01"), Decimal("273.15")


def _observed_at(text: str | None, clock: int | None, offset: int | None) -> datetime | None:
    """Unix seconds, an ISO time, or a day and 1300 for 13:00; the offset counts but for a Z. None: there is no such."""
    if _is_unix(text):
        return datetime.fromtimestamp(int(text or ""), UTC).replace(tzinfo=None)
    if clock is not None and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text or ""):
        text = f"{text} {clock // 100:02}:{clock % 100:02}"
    iso = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(Z?)", text or "")
    if iso is None:
        return None
    try:
        local = datetime.strptime(f"{iso[1]} {iso[2]}{iso[3] or ':00'}", "%Y-%m-%d %H:%M:%S")
        return local - timedelta(seconds=0 if iso[4] else offset or 0)
    except (ValueError, OverflowError):
        return None


def _is_unix(text: str | None) -> bool:
    return re.fullmatch("[0-9]{9,10}", text or "") is not None


def _is_utc(text: str | None, offset: int | None) -> bool:
    return _is_unix(text) or (text or "").endswith("Z") or offset is not None


def _is_place_right(*degrees: float | None) -> bool | None:
    latitude, longitude, grid_latitude, grid_longitude = degrees
    pairs = ((latitude, grid_latitude), (longitude, grid_longitude))
    apart = [abs(one - other) for one, other in pairs if one is not None and other is not None]
    return None if any(min(each, 360 - each) > 0.5 for each in apart) else True


def _temperature(stated: Decimal | None, bare: Decimal | None) -> Decimal | None:
    how = _read_as(stated, bare)
    degrees = stated if how == "stated" else bare if how else None
    return degrees and (degrees - (ZERO_CELSIUS if how == "kelvin" else 0)).quantize(CENT)


def _read_as(stated: Decimal | None, bare: Decimal | None) -> str | None:
    if stated is not None:
        return "stated"
    if bare is None:
        return None
    return "kelvin" if 170 <= bare <= 335 else "celsius" if -90 <= bare <= 60 else None


def _wind(kilometres: Decimal | None, metres: Decimal | None) -> Decimal | None:
    if kilometres is not None or metres is None:
        return kilometres
    return (metres * Decimal("3.6")).quantize(CENT)


def _code(wmo: int | None, owm: int | None, wwo: int | None) -> int | None:
    return next((code for code in (wmo, OWM_TO_WMO.get(owm or 0), WWO_TO_WMO.get(wwo or 0)) if code is not None), None)


def _is_snow(snowfall: Decimal | None, *codes: int | None) -> bool | None:
    """By the code and by the amount: either may say so; None where neither is there."""
    return _either(_is_among(_code(*codes), SNOW), None if snowfall is None else snowfall > 0)


def _is_rain(precipitation: Decimal | None, snowfall: Decimal | None, *codes: int | None) -> bool | None:
    is_wet = None if precipitation is None else precipitation > 0 and not _is_snow(snowfall, *codes)
    return _either(_is_among(_code(*codes), RAIN), is_wet)


def _is_among(code: int | None, known: tuple[int, ...]) -> bool | None:
    return None if code is None else code in known


def _either(one: bool | None, other: bool | None) -> bool | None:
    return None if one is None and other is None else bool(one) or bool(other)


WEATHER: dict[str, Callable[..., Any]] = {
    "observed_at": _observed_at,
    "is_utc": _is_utc,
    "is_forecast": lambda chance: chance is not None,
    "is_place_right": _is_place_right,
    "temperature": _temperature,
    "temperature_read_as": _read_as,
    "kilometres_per_hour": _wind,
    "weather_code": _code,
    "is_rain": _is_rain,
    "is_snow": _is_snow,
}
