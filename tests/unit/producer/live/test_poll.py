"""A poller against a publisher on loopback: what it sends, what it refuses, what it remembers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from millrace.contract.contract import Contract
from millrace.feed_names import FOLDER
from millrace.record.identity import api_source
from producer.kafka.memory_topic import MemoryPublisher
from producer.live.data_sources import Api, Place, read_sources
from producer.live.http_client import open_client
from producer.live.poll import Poll, Round
from producer.live.refused_answers import RefusedAnswers
from producer.live.store import Store
from tests.unit.producer.live.publisher_server import Asked, Publisher, Reply, serving

SOURCES = read_sources(FOLDER / "weather" / "publisher.yaml")
ENDPOINT = "https://api.open-meteo.com/v1/forecast"
NOW = datetime(2026, 11, 24, 9, 7, tzinfo=UTC)
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PLACES = (
    Place(city="Paris", country="FR", latitude=48.8566, longitude=2.3522),
    Place(city="Oslo", country="NO", latitude=59.9139, longitude=10.7522),
    Place(city="Suva", country="FJ", latitude=-18.1416, longitude=179.9),
)
CONTRACT = Contract.model_validate(
    {
        "feed": "weather",
        "title": "Weather",
        "description": "Weather",
        "family": "weather",
        "mode": "append",
        "source": {"formats": ["json"]},
        "columns": [
            {"from": "city", "name": "city", "type": "text", "comment": "City"},
            {"from": "@message", "name": "message", "type": "json", "comment": "All of it"},
        ],
    }
)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with serving() as server:
        yield server


def api() -> Api:
    assert SOURCES.api is not None
    return SOURCES.api.model_copy(update={"pause": 0.0})


def weather(asked: Asked, at: datetime = AT, **changes: Any) -> dict[str, Any]:
    """What Open-Meteo answers; a grid point lies near the place, on either side of the date line."""
    return {
        "latitude": float(asked.params["latitude"]) + 0.01,
        "longitude": (float(asked.params["longitude"]) + 0.2 + 180) % 360 - 180,
        "generationtime_ms": 0.05,
        "utc_offset_seconds": 0,
        "timezone": "GMT",
        "timezone_abbreviation": "GMT",
        "elevation": 38.0,
        "current_units": {"time": "iso8601", "interval": "seconds", **api().variables},
        "current": {"time": f"{at:%Y-%m-%dT%H:%M}", "interval": 900, **dict.fromkeys(api().variables, 7.50)},
        **changes,
    }


def reply(asked: Asked, at: datetime = AT, **changes: Any) -> Reply:
    return Reply(orjson.dumps(weather(asked, at, **changes)))


def of_oslo(asked: Asked) -> bool:
    return asked.params["latitude"] == "59.9139"


@dataclass
class Desk:
    """A poller with its surroundings in memory and a temporary folder."""

    folder: Path
    publisher: Publisher
    client: httpx.Client
    kafka: MemoryPublisher = field(default_factory=MemoryPublisher)
    said: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    uuid: str | None = "first"
    now: datetime = NOW
    store: Store = field(init=False)
    poll: Poll = field(init=False)

    def __post_init__(self) -> None:
        self.publisher.clock = lambda: self.now
        self.begin()

    def begin(self) -> None:
        """A new process over what lies on disk."""
        self.store = Store(self.folder / "live.sqlite")
        self.poll = Poll(
            CONTRACT,
            api(),
            SOURCES.page,
            PLACES,
            self.store,
            self.client,
            self,
            lambda: self.kafka,
            RefusedAnswers(self.folder / "refused"),
            base=self.publisher.base,
            say=self.said.append,
            sleep=self.slept.append,
            now=lambda: self.now,
        )

    def topic_uuid(self, _topic: str) -> str | None:
        return self.uuid

    def latest_offsets(self, _topic: str) -> dict[int, int]:
        return {part: len(self.kafka.partitions.get(part, [])) for part in (0, 1)}

    @property
    def events(self) -> list[dict[str, Any]]:
        return [orjson.loads(event) for event in self.kafka.events]

    @property
    def cities(self) -> list[str]:
        return sorted(event["data"]["city"] for event in self.events)


@pytest.fixture
def desk(tmp_path: Path, publisher: Publisher) -> Iterator[Desk]:
    with open_client(seconds=2) as client:
        desk = Desk(tmp_path, publisher, client)
        yield desk
        desk.store.close()


def test_every_place_becomes_one_event(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, reply)
    assert desk.poll.round() == Round(3, answered=3, new=3)
    assert desk.cities == ["Oslo", "Paris", "Suva"]
    paris = next(event for event in desk.events if event["data"]["city"] == "Paris")
    assert (paris["origin"], paris["row"]) == ("api", int(AT.timestamp()))
    asked = f"{desk.publisher.base}/api.open-meteo.com/v1/forecast"
    assert paris["source"] == api_source("weather", asked, "Paris, FR")
    assert paris["data"]["city_latitude"] == "48.8566"
    assert paris["data"]["current.temperature_2m"] == "7.5"
    assert orjson.loads(paris["data"]["@message"])["current_units"]["snowfall"] == "cm"
    assert desk.publisher.asked[0].params["timezone"] == "GMT"
    assert desk.publisher.asked[0].params["current"].startswith("temperature_2m,relative_humidity_2m,")


def test_a_number_stays_as_the_publisher_wrote_it(desk: Desk) -> None:
    def spaced(asked: Asked) -> Reply:
        body = orjson.dumps(weather(asked)).replace(b'"elevation":38.0', b' "elevation" : 38.00')
        return Reply(body)

    desk.publisher.decides(ENDPOINT, spaced)
    desk.poll.round()
    assert {event["data"]["elevation"] for event in desk.events} == {"38.00"}


@pytest.mark.bulk
def test_a_day_never_sends_a_row_twice_and_misses_none(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, lambda asked: reply(asked, desk.now - timedelta(minutes=desk.now.minute % 15)))
    desk.poll.places = PLACES[:1]
    for _ in range(24 * 6):
        desk.poll.round()
        desk.now += timedelta(minutes=10)
        if desk.now.hour % 5 == 0 and desk.now.minute < 10:
            desk.begin()
            desk.poll.places = PLACES[:1]
    rows = [(event["source"], event["row"]) for event in desk.events]
    assert len(rows) == len(set(rows)) == 24 * 4


def test_what_is_known_is_not_given_again(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, lambda asked: Reply(orjson.dumps(weather(asked)), etag='"v1"'))
    assert desk.poll.round().new == 3
    assert desk.poll.round() == Round(3, answered=3, new=0)
    assert {asked.headers.get("If-None-Match") for asked in desk.publisher.asked[3:]} == {'"v1"'}
    desk.uuid = "made anew"
    assert desk.poll.round().new == 3, "a topic made anew is filled from the start"


def test_kafka_away_keeps_observations_until_it_is_back(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, reply)
    desk.kafka.fail_after = 0
    assert desk.poll.round().new == 3
    desk.poll.round()
    assert desk.events == []
    assert [line for line in desk.said if "wait on this machine" in line] == desk.said[:1]
    desk.begin()
    desk.kafka.fail_after = None
    desk.publisher.answers(ENDPOINT, Reply(b"", 503))
    assert desk.poll.round().answered == 0
    assert desk.cities == ["Oslo", "Paris", "Suva"]


def test_a_kill_between_kafka_and_the_memory_repeats_the_same_identity(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publisher.decides(ENDPOINT, reply)
    monkeypatch.setattr(Store, "sent", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        desk.poll.round()
    monkeypatch.undo()
    desk.begin()
    desk.poll.round()
    rows = [(event["source"], event["row"]) for event in desk.events]
    assert len(rows) == 6
    assert len(set(rows)) == 3


WRONG = {
    "garbage": (lambda asked: Reply(b"<html>502</html>"), "no JSON"),
    "half a JSON": (lambda asked: Reply(orjson.dumps(weather(asked))[:200]), "no JSON"),
    "a list": (lambda asked: Reply(b"[]"), "no JSON object"),
    "empty": (lambda asked: Reply(b""), "no JSON"),
    "not UTF-8": (lambda asked: Reply(b'{"latitude": "\xff"}'), "no JSON"),
    "an error": (lambda asked: Reply(b'{"error": true, "reason": "Out of range"}'), "Out of range"),
    "another city": (lambda asked: reply(asked, latitude=48.85, longitude=2.35), "another place, 48.85, 2.35"),
    "no place": (lambda asked: reply(asked, latitude=None), "for which place"),
    "local time": (lambda asked: reply(asked, utc_offset_seconds=3600), "local time"),
    "other units": (
        lambda asked: reply(asked, current_units={**api().variables, "temperature_2m": "°F"}),
        "temperature_2m comes in °F, not in °C",
    ),
    "the future": (lambda asked: reply(asked, AT + timedelta(days=400)), "in the future"),
    "long ago": (lambda asked: reply(asked, AT - timedelta(days=9)), "more than two days old"),
    "no time": (lambda asked: reply(asked, current={"temperature_2m": 3}), "time is None"),
    "no weather": (lambda asked: reply(asked, current={}), "no present weather"),
    "a huge body": (lambda asked: Reply(b" " * 300_000), "more than 262,144 bytes"),
    "gone": (lambda asked: Reply(b"", 404), "nothing at that address"),
    "cut off": (lambda asked: Reply(orjson.dumps(weather(asked)), cut=50), "broke off"),
}


@pytest.mark.parametrize("how", WRONG)
def test_one_wrong_answer_is_one_line_and_the_others_go_on(desk: Desk, how: str) -> None:
    answer, sentence = WRONG[how]
    desk.publisher.decides(ENDPOINT, lambda asked: answer(asked) if of_oslo(asked) else reply(asked))
    assert desk.poll.round() == Round(3, answered=2, new=2)
    desk.poll.round()
    (line,) = desk.said
    assert sentence in line
    assert desk.cities == ["Paris", "Suva"]
    assert sentence in desk.store.place("weather", "Oslo, NO").trouble
    desk.publisher.decides(ENDPOINT, reply)
    assert desk.poll.round() == Round(3, answered=3, new=1)
    assert desk.said[1:] == ["weather: Oslo, NO answers again."]


def test_a_refused_answer_is_kept_with_its_reason(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, lambda asked: Reply(b"<html>") if of_oslo(asked) else reply(asked))
    desk.poll.round()
    kept, reason = sorted((desk.folder / "refused").iterdir())
    assert kept.read_bytes() == b"<html>"
    assert "Oslo, NO: the answer is no JSON" in reason.read_text()
    assert str(kept) in desk.said[0]


def test_trouble_that_passes_is_asked_again(desk: Desk) -> None:
    replies = iter([Reply(b"", 500), Reply(b"", 502)])
    desk.publisher.decides(ENDPOINT, lambda asked: next(replies, None) or reply(asked))
    assert desk.poll.round().answered == 3
    assert desk.said == []


def test_a_publisher_that_fails_everywhere_ends_the_round(desk: Desk) -> None:
    desk.publisher.answers(ENDPOINT, Reply(b"", 500))
    done = desk.poll.round()
    assert done.answered == 0
    assert "trouble of its own (500 Internal Server Error)" in done.trouble


def test_too_many_questions_end_the_round_and_say_how_long_to_wait(desk: Desk) -> None:
    desk.publisher.decides(
        ENDPOINT, lambda asked: Reply(b"", 429, {"Retry-After": "120"}) if of_oslo(asked) else reply(asked)
    )
    done = desk.poll.round()
    assert (done.answered, done.wait) == (1, 120)
    assert "ask again in 120 s" in done.trouble
    assert len(desk.publisher.asked) == 2, "nobody is asked after that"


def test_a_short_wait_is_waited_through(desk: Desk) -> None:
    replies = iter([Reply(b"", 429, {"Retry-After": "3"})])
    desk.publisher.decides(ENDPOINT, lambda asked: next(replies, None) or reply(asked))
    assert desk.poll.round().answered == 3
    assert 3 in desk.slept


def test_no_server_is_said_once_and_costs_one_question(desk: Desk) -> None:
    desk.poll.base = "http://127.0.0.1:9"
    done = desk.poll.round()
    assert (done.answered, done.trouble) == (0, "127.0.0.1:9 cannot be reached (no connection): is there Internet?")
    assert desk.said == []


def test_a_slow_answer_is_given_up(desk: Desk) -> None:
    desk.poll.client = open_client(seconds=0.2)
    desk.publisher.decides(ENDPOINT, lambda asked: Reply(b"{}", delay=0.5) if of_oslo(asked) else reply(asked))
    assert desk.poll.round().answered == 2
    assert "stopped answering in the middle" in desk.said[0]


def test_our_own_wrong_clock_refuses_nothing_and_is_said_once(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, reply)
    desk.now = NOW - timedelta(days=30)
    desk.publisher.clock = lambda: NOW
    assert desk.poll.round().new == 3
    desk.poll.round()
    assert desk.said == ["weather: this machine's clock is behind the publisher's, whose time counts."]


def test_an_observation_before_the_last_counts_once_and_is_said(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, reply)
    desk.poll.round()
    desk.publisher.decides(ENDPOINT, lambda asked: reply(asked, AT - timedelta(minutes=30)))
    assert desk.poll.round().new == 3
    assert desk.poll.round().new == 0
    assert desk.said[0] == "weather: Paris, FR goes back to 2026-11-24 08:30 UTC; it counts all the same."
    assert desk.store.place("weather", "Paris, FR").observed == int(AT.timestamp())


def test_a_redirect_is_followed(desk: Desk) -> None:
    def moved(asked: Asked) -> Reply:
        position = f"latitude={asked.params['latitude']}&longitude={asked.params['longitude']}"
        return Reply(b"", 301, {"Location": f"{{base}}/new.example/v2?{position}"})

    desk.publisher.decides(ENDPOINT, moved)
    desk.publisher.decides("https://new.example/v2", reply)
    assert desk.poll.round().answered == 3
