"""The functions of the weather contract: input and expected side by side."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from feeds.weather import transform
from feeds.weather.codes import OWM_TO_WMO, WWO_TO_WMO
from millrace.contract.contract import load_contract

ARROW = {
    "smallint": pa.int16(),
    "int": pa.int32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "datetime": pa.timestamp("us"),
}


def arrow_type(name: str) -> pa.DataType:
    kind = load_contract("weather").column(name).column_type
    if kind.name == "decimal":
        return pa.decimal128(kind.precision or 0, kind.scale or 0)
    return ARROW.get(kind.name, pa.string())


def compute(name: str, *rows: tuple[Any, ...]) -> list[Any]:
    """The derived column of that name over rows of what it reads, in the contract's types."""
    derived = next(d for d in load_contract("weather").derived if d.name == name)
    columns = [
        pa.array([None if row[at] is None else as_given(row[at], arrow_type(of)) for row in rows], arrow_type(of))
        for at, of in enumerate(derived.of)
    ]
    found = getattr(transform, derived.by)(*columns)
    assert found.type == arrow_type(name)
    values: list[Any] = found.to_pylist()
    return values


def as_given(value: Any, kind: pa.DataType) -> Any:
    return Decimal(str(value)) if pa.types.is_decimal(kind) else value


MOMENTS = [
    (("2026-11-24T09:00", None, 0), datetime(2026, 11, 24, 9)),
    (("2026-11-24T09:00", None, 3600), datetime(2026, 11, 24, 8)),
    (("2026-11-24T01:30", None, -12600), datetime(2026, 11, 24, 5)),
    (("2026-11-24T09:00:30Z", None, None), datetime(2026, 11, 24, 9, 0, 30)),
    (("2021-11-01 23:00:00", None, None), datetime(2021, 11, 1, 23)),
    (("1632304316", None, None), datetime(2021, 9, 22, 9, 51, 56)),
    (("2022-12-09", 0, None), datetime(2022, 12, 9)),
    (("2022-12-09", 100, None), datetime(2022, 12, 9, 1)),
    (("2022-12-09", 2330, None), datetime(2022, 12, 9, 23, 30)),
    (("2022-12-09", 1300, 3600), datetime(2022, 12, 9, 12)),
    (("0999-12-31T23:30", None, -3600), datetime(1000, 1, 1, 0, 30)),
    (("0000-06-01T12:00", None, 0), None),
    (("0001-01-01T00:30", None, 3600), None),
    (("9999-12-31T23:30", None, 3600), datetime(9999, 12, 31, 22, 30)),
    (("9999-12-31T23:30", None, -3600), None),
    (("2022-12-09", None, None), None),
    (("2022-12-09", 2400, None), None),
    (("2022-12-09", 175, None), None),
    (("2022-02-30 10:00:00", None, None), None),
    (("2022-13-01T10:00", None, 0), None),
    (("2022-12-09T25:00", None, 0), None),
    (("1632304316000", None, None), None),
    (("09/12/2022 10:00", None, None), None),
    (("yesterday", None, None), None),
    (("2026-11-24T09:00\n", None, 0), None),
    ((None, None, None), None),
]


@pytest.mark.parametrize(("given", "expected"), MOMENTS)
def test_a_moment_is_read_or_refused(given: tuple[Any, ...], expected: datetime | None) -> None:
    assert compute("observed_at", given) == [expected]


def test_moments_of_all_forms_stand_in_one_batch() -> None:
    assert compute("observed_at", *(given for given, _ in MOMENTS)) == [expected for _, expected in MOMENTS]


def test_an_offset_that_is_not_stated_is_told() -> None:
    rows = [
        ("2026-11-24T09:00", 3600),
        ("1632304316", None),
        ("2026-11-24T09:00Z", None),
        ("2021-11-01 23:00:00", None),
    ]
    assert compute("is_utc", *rows) == [True, True, True, False]


TEMPERATURES = [
    ((Decimal("8.3"), None), Decimal("8.30"), "stated"),
    ((Decimal("-0"), None), Decimal("0.00"), "stated"),
    ((None, "288.59"), Decimal("15.44"), "kelvin"),
    ((None, "279.146"), Decimal("6.00"), "kelvin"),
    ((None, "170"), Decimal("-103.15"), "kelvin"),
    ((None, "9.62"), Decimal("9.62"), "celsius"),
    ((None, "-90"), Decimal("-90.00"), "celsius"),
    ((None, "60"), Decimal("60.00"), "celsius"),
    ((None, "60.01"), None, None),  # Fahrenheit, or nonsense: nobody can tell
    ((None, "72.5"), None, None),
    ((None, "335.001"), None, None),
    ((None, "-90.001"), None, None),
    ((None, None), None, None),
]


@pytest.mark.parametrize(("given", "degrees", "read_as"), TEMPERATURES)
def test_a_temperature_is_converted_or_refused_never_guessed(
    given: tuple[Any, ...], degrees: Decimal | None, read_as: str | None
) -> None:
    assert compute("temperature", given) == [degrees]
    assert compute("temperature_read_as", given) == [read_as]


def test_wind_is_kilometres_per_hour() -> None:
    rows = [("12.4", None), (None, "5.14"), (None, "1.5"), (None, None)]
    assert compute("wind_speed", *rows) == [Decimal("12.40"), Decimal("18.50"), Decimal("5.40"), None]


def test_three_codes_become_one() -> None:
    rows = [
        (3, None, None),
        (None, 804, None),
        (None, 500, None),
        (None, None, 116),
        (None, None, 338),
        (None, 899, None),
    ]
    assert compute("weather_code", *rows, (None, None, None)) == [3, 3, 61, 2, 75, None, None]
    assert all(0 <= code <= 99 for code in (*OWM_TO_WMO.values(), *WWO_TO_WMO.values()))


WET = [  # precipitation, snowfall, codes → rain, snow
    (("0.4", "0", 61, None, None), True, False),
    (("0", "0", 3, None, None), False, False),
    (("0.4", "0.7", 73, None, None), False, True),
    (("1.2", "0.1", None, None, None), False, True),
    (("1.2", None, None, None, None), True, None),
    (("0.0", None, None, None, None), False, None),
    ((None, None, None, 600, None), False, True),
    ((None, None, None, 804, None), False, False),
    ((None, None, None, 615, None), True, True),
    (("0.3", None, 2, None, None), True, False),
    ((None, None, None, None, None), None, None),
]


@pytest.mark.parametrize(("given", "rain", "snow"), WET)
def test_rain_and_snow(given: tuple[Any, ...], rain: bool | None, snow: bool | None) -> None:
    assert compute("is_rain", given) == [rain]
    assert compute("is_snow", given[1:]) == [snow]


def test_only_a_chance_makes_a_forecast() -> None:
    assert compute("is_forecast", (85,), (0,), (None,)) == [True, True, False]


def test_an_answer_for_another_place_is_refused() -> None:
    rows = [
        (48.8566, 2.3522, 48.86, 2.36),
        (48.8566, 2.3522, 49.4, 2.36),
        (48.8566, 2.3522, -1.25, 36.75),
        (0.0, 179.9, 0.0, -179.9),
        (48.8566, 2.3522, None, None),
        (None, None, None, None),
    ]
    assert compute("is_place_right", *rows) == [True, None, None, True, True, True]
