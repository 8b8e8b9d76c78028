"""The past of an API: a month as one file, the same each time, whole or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from millrace.errors import Refused
from millrace.feed_names import FOLDER
from producer.live.errors import Trouble
from producer.live.history import History, days_of, last_complete_month
from producer.live.http_client import open_client
from producer.live.publishers import Api, read_publisher
from tests.unit.producer.live.poll.desk import PLACES, of_oslo
from tests.unit.producer.live.publisher_server import Asked, Publisher, Reply, serving

PUBLISHER = read_publisher(FOLDER / "weather" / "publisher.yaml")
HISTORY = "https://archive-api.open-meteo.com/v1/archive"
HOURS = [f"2026-10-01T{hour:02d}:00" for hour in range(24)]


def api() -> Api:
    assert PUBLISHER.api is not None
    return PUBLISHER.api


def past(asked: Asked, **changes: Any) -> dict[str, Any]:
    """What the archive answers: columns, not records."""
    names = asked.params["hourly"].split(",")
    return {
        "latitude": float(asked.params["latitude"]),
        "longitude": float(asked.params["longitude"]),
        "generationtime_ms": 0.1 * len(asked.headers),
        "utc_offset_seconds": 0,
        "hourly_units": {"time": "iso8601", **{name: api().variables[name] for name in names}},
        "hourly": {"time": HOURS, **{name: [float(n) for n in range(24)] for name in names}},
        **changes,
    }


@dataclass
class Desk:
    folder: Path
    publisher: Publisher
    client: httpx.Client
    slept: list[float] = field(default_factory=list)

    def month(self, month: str = "2026-10") -> Path:
        return History(
            self.client, api(), PUBLISHER.page, PLACES, self.folder, self.publisher.base, sleep=self.slept.append
        ).month(month)

    def messages(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.month().read_bytes().splitlines()]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with serving() as publisher, open_client(seconds=2) as client:
        publisher.decides(HISTORY, lambda asked: Reply(orjson.dumps(past(asked)), packed=True))
        yield Desk(tmp_path, publisher, client)


def test_each_hour_of_each_place_has_the_shape_of_present_weather(desk: Desk) -> None:
    messages = desk.messages()
    assert len(messages) == 24 * len(PLACES)
    assert messages[5]["city"] == "Paris"
    assert messages[5]["current"]["time"] == "2026-10-01T05:00"
    assert (messages[5]["current"]["temperature_2m"], messages[5]["current"]["interval"]) == (5.0, 3600)
    assert messages[5]["current_units"]["temperature_2m"] == "°C"
    assert "hourly" not in messages[5]
    asked = desk.publisher.asked[0].params
    assert (asked["start_date"], asked["end_date"]) == ("2026-10-01", "2026-10-31")
    assert "showers" not in asked["hourly"]


def test_the_same_month_is_the_same_file(desk: Desk) -> None:
    first = desk.month().read_bytes()
    assert desk.month().read_bytes() == first
    assert desk.month().name == "open-meteo-history-2026-10.jsonl"
    assert [path.name for path in desk.folder.iterdir()] == ["open-meteo-history-2026-10.jsonl"]


def test_hours_that_nobody_measured_are_no_records(desk: Desk) -> None:
    def with_gap(asked: Asked) -> Reply:
        answer = past(asked)
        for name, column in answer["hourly"].items():
            if name != "time":
                column[20:] = [None] * 4
        return Reply(orjson.dumps(answer))

    desk.publisher.decides(HISTORY, with_gap)
    assert len(desk.messages()) == 20 * len(PLACES)


def test_one_place_without_an_answer_sends_nothing_and_the_others_are_not_asked_twice(desk: Desk) -> None:
    desk.publisher.decides(
        HISTORY, lambda asked: Reply(b"half {") if of_oslo(asked) else Reply(orjson.dumps(past(asked)))
    )
    with pytest.raises(Trouble, match="Oslo, NO: the answer is no JSON"):
        desk.month()
    assert not list(desk.folder.glob("*.jsonl"))
    desk.publisher.asked.clear()
    desk.publisher.decides(HISTORY, lambda asked: Reply(orjson.dumps(past(asked))))
    assert len(desk.messages()) == 24 * len(PLACES)
    assert [asked.params["latitude"] for asked in desk.publisher.asked] == ["59.9139", "-18.1416"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"hourly": {"time": HOURS, "temperature_2m": [1.0]}}, "not equally long"),
        ({"hourly": None}, "has no hours"),
        ({"latitude": 0.0}, "another place"),
        ({"hourly_units": {"snowfall": "inch"}}, "snowfall comes in inch"),
    ],
)
def test_a_wrong_history_is_refused(desk: Desk, changes: dict[str, Any], why: str) -> None:
    desk.publisher.decides(HISTORY, lambda asked: Reply(orjson.dumps(past(asked, **changes))))
    with pytest.raises(Trouble, match=why):
        desk.month()


def test_too_many_questions_are_waited_for(desk: Desk) -> None:
    replies = iter([Reply(b"", 429, {"Retry-After": "60"})])
    desk.publisher.decides(HISTORY, lambda asked: next(replies, None) or Reply(orjson.dumps(past(asked))))
    desk.month()
    assert 60 in desk.slept


@pytest.mark.parametrize(
    ("today", "month"), [("2026-11-24", "2026-10"), ("2026-11-05", "2026-09"), ("2026-01-08", "2025-12")]
)
def test_the_last_month_that_is_complete(today: str, month: str) -> None:
    assert last_complete_month(date.fromisoformat(today)) == month


def test_days_of_a_month() -> None:
    assert days_of("2024-02") == ("2024-02-01", "2024-02-29")
    with pytest.raises(Refused, match="no month"):
        days_of("2024-13")
