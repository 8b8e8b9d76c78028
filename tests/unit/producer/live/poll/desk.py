"""Open-Meteo as it answers, and a poller with its surroundings in memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson

from millrace.contract.contract import Contract
from millrace.feed_names import FOLDER
from producer.live.poll import Poll
from producer.live.publishers import Api, Place, read_publisher
from producer.live.refused_answers import RefusedAnswers
from producer.live.store import Store
from tests.unit.producer.live.publisher_server import Asked, Publisher, Reply
from tests.unit.producer.memory_kafka import OneTopic
from tests.unit.producer.memory_topic import MemoryPublisher
from tests.unit.spark.records import SEAL

PUBLISHER = read_publisher(FOLDER / "weather" / "publisher.yaml")
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


def api() -> Api:
    assert PUBLISHER.api is not None
    return PUBLISHER.api.model_copy(update={"pause": 0.0})


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
class Desk(OneTopic):
    """A poller with its surroundings in memory and a temporary folder."""

    folder: Path
    publisher: Publisher
    client: httpx.Client
    broker: MemoryPublisher = field(default_factory=MemoryPublisher)
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
            PUBLISHER.page,
            PLACES,
            self.store,
            self.client,
            self,
            lambda: self.broker,
            SEAL,
            RefusedAnswers(self.folder / "refused"),
            base=self.publisher.base,
            say=self.said.append,
            sleep=self.slept.append,
            now=lambda: self.now,
        )

    @property
    def cities(self) -> list[str]:
        return sorted(event["data"]["city"] for event in self.events)
