"""What the weather contract cannot say: one time, one temperature, one wind and one code from five shapes.

Pure functions over Arrow columns, named by the contract's `by`. No value is NULL, never a guess.
"""

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from feeds.weather.codes import OWM_TO_WMO, RAIN, SNOW, WWO_TO_WMO

DEGREES = pa.decimal128(6, 2)
KELVIN_FROM, KELVIN_TO, CELSIUS_FROM, CELSIUS_TO = 170, 335, -90, 60
"""No place on Earth was ever outside; between the two lies what can only be Fahrenheit or a mistake."""
ZERO_CELSIUS = pa.scalar("273.15").cast(DEGREES)
KMH_PER_MS = pa.scalar("3.6").cast(pa.decimal128(2, 1))
FARTHEST_DEGREES = 0.5
UNIX = r"\A[0-9]{9,10}\z"
ISO = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?Z?\z"
DAY = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
SECOND = pa.timestamp("s")
FIRST, LAST = (pa.scalar(moment, SECOND) for moment in (datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)))
"""Before and behind there is no date, in MySQL neither; an offset can lead there."""


def observed_at(text: pa.Array, clock: pa.Array, offset: pa.Array) -> pa.Array:
    """The moment in UTC; NULL for a time that does not exist or has another form. See `is_utc` for missing offsets."""
    unix = pc.cast(_where(pc.match_substring_regex(text, UNIX), text), pa.int64()).cast(SECOND)
    local = pc.coalesce(_seconds(_where(pc.match_substring_regex(text, ISO), text)), _day_and_clock(text, clock))
    shift = pc.if_else(_ends_with_z(text), 0, pc.fill_null(offset, 0))
    moment = pc.coalesce(unix, pc.subtract(local, pc.cast(shift, pa.int64()).cast(pa.duration("s"))))
    is_possible = pc.and_(pc.greater_equal(moment, FIRST), pc.less_equal(moment, LAST))
    return _where(is_possible, moment).cast(pa.timestamp("us"))


def is_utc(text: pa.Array, offset: pa.Array) -> pa.Array:
    """True where the source tells its offset: Unix seconds, a Z, or the seconds it is ahead of UTC."""
    is_unix = pc.match_substring_regex(text, UNIX)
    return pc.or_(pc.or_(is_unix, _ends_with_z(text)), pc.is_valid(offset))


def is_forecast(chance_of_rain: pa.Array) -> pa.Array:
    """True where a chance is given: what has happened has none."""
    return pc.is_valid(chance_of_rain)


def is_place_right(
    latitude: pa.Array, longitude: pa.Array, grid_latitude: pa.Array, grid_longitude: pa.Array
) -> pa.Array:
    """True, or NULL where the grid point answered for lies elsewhere than the city asked for."""
    apart = [_is_apart(latitude, grid_latitude), _is_apart(longitude, grid_longitude)]
    return _where(pc.invert(pc.or_(*apart)), pa.scalar(True))


def temperature(stated: pa.Array, bare: pa.Array) -> pa.Array:
    """Degrees Celsius: as stated; else kelvin or Celsius by the size of the number, NULL where it is neither."""
    kelvin = pc.round(pc.subtract(_where(_is_kelvin(bare), bare), ZERO_CELSIUS), 2)
    celsius = pc.round(_where(_is_celsius(bare), bare), 2)
    return pc.coalesce(*(value.cast(DEGREES) for value in (stated, kelvin, celsius)))


def temperature_read_as(stated: pa.Array, bare: pa.Array) -> pa.Array:
    """How the unit was known: stated, kelvin, celsius."""
    known = [_where(pc.is_valid(stated), pa.scalar("stated")), _where(_is_kelvin(bare), pa.scalar("kelvin"))]
    return pc.coalesce(*known, _where(_is_celsius(bare), pa.scalar("celsius")))


def kilometres_per_hour(kilometres: pa.Array, metres: pa.Array) -> pa.Array:
    """km/h, from km/h or from m/s."""
    return pc.coalesce(kilometres, pc.round(pc.multiply(metres, KMH_PER_MS), 2).cast(kilometres.type))


def weather_code(wmo: pa.Array, owm: pa.Array, wwo: pa.Array) -> pa.Array:
    """The WMO's code; NULL for a code that its table does not know."""
    return pc.coalesce(wmo, _translate(owm, OWM_TO_WMO), _translate(wwo, WWO_TO_WMO))


def is_rain(precipitation: pa.Array, snowfall: pa.Array, wmo: pa.Array, owm: pa.Array, wwo: pa.Array) -> pa.Array:
    """Whether rain falls: the code says so, or there is precipitation and nothing says snow."""
    by_code = _is_among(weather_code(wmo, owm, wwo), RAIN)
    has_snow = pc.fill_null(is_snow(snowfall, wmo, owm, wwo), False)
    is_wet = pc.and_(pc.greater(precipitation, _zero(precipitation)), pc.invert(has_snow))
    return pc.coalesce(pc.or_kleene(by_code, is_wet), by_code, is_wet)


def is_snow(snowfall: pa.Array, wmo: pa.Array, owm: pa.Array, wwo: pa.Array) -> pa.Array:
    """Whether snow falls: there is some, or the code says so."""
    by_code = _is_among(weather_code(wmo, owm, wwo), SNOW)
    is_measured = pc.greater(snowfall, _zero(snowfall))
    return pc.coalesce(pc.or_kleene(by_code, is_measured), by_code, is_measured)


def _where(condition: pa.Array, value: pa.Array | pa.Scalar) -> pa.Array:
    """The value where the condition is true, else NULL."""
    return pc.if_else(pc.fill_null(condition, False), value, pa.scalar(None, value.type))


def _seconds(iso: pa.Array) -> pa.Array:
    """ISO times with a T or a space, seconds optional, as timestamps; NULL for a day or hour that does not exist."""
    plain = pc.replace_substring(pc.replace_substring(iso, "T", " "), "Z", "")
    whole = pc.if_else(pc.equal(pc.utf8_length(plain), 16), pc.binary_join_element_wise(plain, ":00", ""), plain)
    read = pc.strptime(whole, "%Y-%m-%d %H:%M:%S", "s", error_is_null=True)
    # The C library reads 30 February as 2 March, and 24:00 as midnight.
    return _where(pc.equal(pc.utf8_slice_codeunits(pc.strftime(read, "%Y-%m-%d %H:%M:%S"), 0, 19), whole), read)


def _day_and_clock(text: pa.Array, clock: pa.Array) -> pa.Array:
    """A day and 1300 for 13:00; NULL without either."""
    digits = pc.utf8_lpad(clock.cast(pa.string()), 4, "0")
    hour, minute = pc.utf8_slice_codeunits(digits, 0, 2), pc.utf8_slice_codeunits(digits, 2, 4)
    day = _where(pc.match_substring_regex(text, DAY), text)
    return _seconds(pc.binary_join_element_wise(day, pc.binary_join_element_wise(hour, minute, ":"), " "))


def _ends_with_z(text: pa.Array) -> pa.Array:
    return pc.ends_with(text, "Z")


def _is_apart(one: pa.Array, other: pa.Array) -> pa.Array:
    """Whether two degrees are given and differ too much; a longitude may go round the world."""
    difference = pc.abs(pc.subtract(one, other))
    around = pc.min_element_wise(difference, pc.subtract(pa.scalar(360.0), difference))
    return pc.fill_null(pc.greater(around, FARTHEST_DEGREES), False)


def _is_kelvin(bare: pa.Array) -> pa.Array:
    return _is_between(bare, KELVIN_FROM, KELVIN_TO)


def _is_celsius(bare: pa.Array) -> pa.Array:
    return _is_between(bare, CELSIUS_FROM, CELSIUS_TO)


def _is_between(value: pa.Array, least: int, most: int) -> pa.Array:
    least_, most_ = (pa.scalar(str(limit)).cast(value.type) for limit in (least, most))
    return pc.and_(pc.greater_equal(value, least_), pc.less_equal(value, most_))


def _zero(value: pa.Array) -> pa.Scalar:
    return pa.scalar("0").cast(value.type)


def _is_among(code: pa.Array, known: tuple[int, ...]) -> pa.Array:
    """NULL where there is no code."""
    return pc.if_else(pc.is_valid(code), pc.is_in(code, pa.array(known, code.type)), pa.scalar(None, pa.bool_()))


def _translate(code: pa.Array, table: dict[int, int]) -> pa.Array:
    indexes = pc.index_in(code, pa.array(list(table), code.type))
    return pc.take(pa.array(list(table.values()), pa.int16()), indexes)
