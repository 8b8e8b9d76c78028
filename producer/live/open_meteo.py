"""Open-Meteo's answers: what is asked for a place, and what must be right before an answer counts as its weather."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from producer.live.errors import Trouble
from producer.live.publishers import Api, Place

FUTURE = timedelta(hours=1)
"""An observation is dated at the start of its quarter of an hour; one later than this from now is no observation."""

STALE = timedelta(days=2)
CLOCK_APART = timedelta(minutes=5)


@dataclass(frozen=True)
class Observation:
    """The weather of a place at a moment. `message`: the publisher's object behind the place as we name it, as JSON."""

    place: Place
    at: datetime
    message: str

    @property
    def row(self) -> int:
        """Its number within the place's source: Unix seconds."""
        return int(self.at.timestamp())


def question(api: Api, place: Place) -> dict[str, str]:
    """The parameters that ask for a place's present weather, in UTC and the units of the feed."""
    return {**_position(place), "current": ",".join(api.variables), "timezone": "GMT"}


def history_question(api: Api, place: Place, first: str, last: str) -> dict[str, str]:
    """The parameters that ask for every hour of a place from day to day (yyyy-MM-dd), both included."""
    asked = {"start_date": first, "end_date": last, "hourly": ",".join(api.history_variables), "timezone": "GMT"}
    return {**_position(place), **asked}


def present(api: Api, place: Place, body: bytes, headers: Mapping[str, str], clock: datetime) -> Observation:
    """The observation in an answer; Trouble that names the place where it cannot be one.

    Whether its time can be true is judged by the publisher's clock where it tells it, for ours may be wrong.
    """
    answer = _answer(place, body)
    _refuse_other_place(api, place, answer)
    _refuse_other_units(api, place, answer.get("current_units"), tuple(api.variables))
    current = answer.get("current")
    if not isinstance(current, dict) or not any(current.get(name) is not None for name in api.variables):
        raise Trouble("wrong", f"{place.label}: the answer has no present weather.")
    at = _time(place, current.get("time"))
    now = publishers_clock(headers) or clock
    if at > now + FUTURE or at < now - STALE:
        when = "in the future" if at > now else "more than two days old"
        raise Trouble("wrong", f"{place.label}: the observation of {at:%Y-%m-%d %H:%M} UTC is {when}.")
    # Spliced, not encoded anew: the publisher's numbers stay as it wrote them.
    return Observation(place, at, f"{_json(_ours(place))[:-1]},{body.decode().strip()[1:]}")


def hours(api: Api, place: Place, body: bytes) -> Iterator[Observation]:
    """The observations in an answer of the history, one per hour, each in the shape of present weather."""
    answer = _answer(place, body)
    _refuse_other_place(api, place, answer)
    units, hourly = answer.pop("hourly_units", None), answer.pop("hourly", None)
    _refuse_other_units(api, place, units, api.history_variables)
    columns = _columns(api, place, hourly)
    # What differs each time it is asked would make the same history other data.
    lasting = {name: value for name, value in answer.items() if name != "generationtime_ms"}
    for number, time in enumerate(columns["time"]):
        values = {name: column[number] for name, column in columns.items() if name != "time"}
        if any(value is not None for value in values.values()):
            current = {"time": time, "interval": 3600, **values}
            reading = {**lasting, "current_units": {**(units or {}), "interval": "seconds"}, "current": current}
            yield Observation(place, _time(place, time), _json({**_ours(place), **reading}))


def publishers_clock(headers: Mapping[str, str]) -> datetime | None:
    """What time it is for the publisher; None where the answer does not say."""
    try:
        return parsedate_to_datetime(headers.get("Date", "")).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def clock_apart(headers: Mapping[str, str], clock: datetime) -> float:
    """The seconds by which the publisher's clock is ahead of this machine's; 0 while they agree or it does not say."""
    theirs = publishers_clock(headers)
    seconds = (theirs - clock).total_seconds() if theirs else 0.0
    return seconds if abs(seconds) > CLOCK_APART.total_seconds() else 0.0


def _ours(place: Place) -> dict[str, Any]:
    """What stands before the publisher's own message: the city, and the position that was asked for."""
    position = {"city_latitude": place.latitude, "city_longitude": place.longitude}
    return {"city": place.city, "country": place.country, **position}


def _position(place: Place) -> dict[str, str]:
    return {"latitude": str(place.latitude), "longitude": str(place.longitude)}


def _answer(place: Place, body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Trouble("wrong", f"{place.label}: the answer is no JSON ({error}).") from None
    if not isinstance(answer, dict) or not answer or _ours(place).keys() & answer.keys():
        raise Trouble("wrong", f"{place.label}: the answer is no JSON object as it should be.")
    if answer.get("error"):
        raise Trouble("wrong", f"{place.label}: the publisher says: {answer.get('reason', 'error, without a reason')}.")
    return answer


def _refuse_other_place(api: Api, place: Place, answer: dict[str, Any]) -> None:
    latitude, longitude = answer.get("latitude"), answer.get("longitude")
    if not isinstance(latitude, (int, float)) or not isinstance(longitude, (int, float)):
        raise Trouble("wrong", f"{place.label}: the answer does not say for which place it is.")
    around = abs(longitude - place.longitude) % 360
    if max(abs(latitude - place.latitude), min(around, 360 - around)) > api.farthest_degrees:
        raise Trouble("wrong", f"{place.label}: the answer is for another place, {latitude:.2f}, {longitude:.2f}.")
    if answer.get("utc_offset_seconds", 0) != 0:
        raise Trouble("wrong", f"{place.label}: the answer is in local time, not in UTC.")


def _refuse_other_units(api: Api, place: Place, units: object, names: tuple[str, ...]) -> None:
    if not isinstance(units, dict):
        raise Trouble("wrong", f"{place.label}: the answer does not say its units.")
    for name in names:
        if units.get(name, api.variables[name]) != api.variables[name]:
            raise Trouble("wrong", f"{place.label}: {name} comes in {units[name]}, not in {api.variables[name]}.")


def _columns(api: Api, place: Place, hourly: object) -> dict[str, list[Any]]:
    if not isinstance(hourly, dict) or not isinstance(hourly.get("time"), list):
        raise Trouble("wrong", f"{place.label}: the answer has no hours.")
    columns = {name: hourly[name] for name in ("time", *api.history_variables) if name in hourly}
    if any(not isinstance(column, list) or len(column) != len(columns["time"]) for column in columns.values()):
        raise Trouble("wrong", f"{place.label}: the answer's columns are not equally long.")
    return columns


def _time(place: Place, value: object) -> datetime:
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
    except ValueError:
        raise Trouble("wrong", f"{place.label}: the observation's time is {value!r}.") from None


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()
