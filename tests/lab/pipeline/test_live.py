"""A live source on the running lab: the kafka machine asks a server on this host, MySQL has exactly what it said."""

import math
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest

from instruments.tools import Warehouse, wait_until
from lab.host import remote
from millrace.feed_names import known_feeds
from millrace.record.identity import api_source
from millrace.settings import Lab
from producer.live.publishers import Place, load_places, load_publisher
from tests.unit.producer.live.publisher_server import Asked, Publisher, Reply, serving

ENDPOINT = "https://api.open-meteo.com/v1/forecast"
NEWEST = "https://static.data.gouv.fr/resources/donnees-hospitalieres-covid19-{day}.csv"
ANSWERING = ("Paris", "Oslo", "Rome")
ROWS = "SELECT city, row_no, temperature, observed_at FROM weather WHERE source_id IN ({sources}) ORDER BY city, row_no"

RECORDS = "SELECT COALESCE(SUM(records), 0) FROM v_feed_origin WHERE feed = 'weather' AND origin = :origin"


@dataclass
class Sky:
    """What the server says of three cities; the others have moved away."""

    at: datetime
    answered: list[tuple[str, int, float]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        place = next(p for p in load_places("weather") if str(p.latitude) == asked.params["latitude"])
        if place.city not in ANSWERING:
            return Reply(b"moved", 404)
        temperature = round(math.sin(place.latitude + self.at.minute) * 10, 1)
        self.answered.append((place.city, int(self.at.timestamp()), temperature))
        return Reply(orjson.dumps(self._message(place, temperature)), packed=True)

    def _message(self, place: Place, temperature: float) -> dict[str, Any]:
        api = load_publisher("weather").api
        assert api is not None
        values = {**dict.fromkeys(api.variables, 0), "temperature_2m": temperature, "pressure_msl": 1013.2}
        return {
            "latitude": place.latitude,
            "longitude": place.longitude,
            "utc_offset_seconds": 0,
            "timezone": "GMT",
            "elevation": 10.0,
            "current_units": {"time": "iso8601", "interval": "seconds", **api.variables},
            "current": {"time": f"{self.at:%Y-%m-%dT%H:%M}", "interval": 900, **values},
        }


@pytest.fixture
def publisher(lab: Lab) -> Iterator[Publisher]:
    if "weather" not in known_feeds() or "weather" not in lab.feeds:
        pytest.skip("the weather feed is switched off in lab.yml")
    with serving(f"{lab.subnet}.1") as server:
        yield server


@pytest.fixture
def run(publisher: Publisher, nonce: str) -> Iterator[Callable[..., str]]:
    """The machine's own command, as the producers' user, with a memory of its own."""
    folder = f"/var/tmp/millrace-live-{nonce}"  # noqa: S108 - on the machine, and nobody else's

    def run(*arguments: str, seconds: float = 120) -> str:
        settings = [f"MILLRACE_STATE_DIR={folder}", f"MILLRACE_PUBLISHERS={publisher.base}"]
        script = (
            "cd /; exec env CREDENTIALS_DIRECTORY=/etc/millrace "
            + shlex.join(
                [*settings, "timeout", "-s", "TERM", str(seconds), "/opt/millrace/venv/bin/python", "-P", "-m", "lab"]
            )
            + f" {shlex.join(arguments)} 2>&1 || true"
        )
        return remote.run("kafka", ["sudo", "-u", "millrace", "sh", "-c", script], timeout=seconds + 60)

    yield run
    remote.run("kafka", ["sudo", "rm", "-rf", folder])


def rows(mysql: Warehouse, publisher: Publisher) -> list[tuple[str, int, float]]:
    asked = f"{publisher.base}/api.open-meteo.com/v1/forecast"
    sources = [api_source("weather", asked, place.label) for place in load_places("weather")]
    found = mysql.rows(ROWS.format(sources=", ".join(map(str, sources))))
    assert all(row["observed_at"] == datetime.fromtimestamp(row["row_no"], UTC).replace(tzinfo=None) for row in found)
    return [(row["city"], row["row_no"], float(row["temperature"])) for row in found]


def test_every_observation_is_one_row_however_often_it_is_asked_for(
    publisher: Publisher, run: Callable[..., str], mysql: Warehouse
) -> None:
    began = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    sky = Sky(began)
    publisher.decides(ENDPOINT, sky)
    for quarter in (0, 0, 1):
        sky.at = began + timedelta(minutes=15 * quarter)
        assert f"weather: 3 of {len(load_places('weather'))} places answered" in run("poll", "--", "weather")
    expected = sorted(set(sky.answered))
    assert len(expected) == 2 * len(ANSWERING)
    wait_until(lambda: len(rows(mysql, publisher)) >= len(expected), "every observation is a row")
    assert rows(mysql, publisher) == expected


def test_a_fetched_file_is_loaded_once_and_its_next_version_is_added(
    publisher: Publisher, run: Callable[..., str], mysql: Warehouse
) -> None:
    (file,) = load_publisher("hospital").files
    day = unused_day(mysql)
    for patients, version in ((12, day), (34, day + timedelta(days=1))):
        newest = NEWEST.format(day=version)
        publisher.answers(file.url, Reply(status=302, headers={"Location": f"{{base}}/{newest.partition('//')[2]}"}))
        publisher.answers(newest, Reply(published(day, patients), packed=True, etag=f'"{version}"'))
        assert "1 sent = " in (said := run("fetch", "--", "hospital")), said
        assert patients_on(mysql, day) == [patients], said
        assert "nothing new" in (said := run("fetch", "--", "hospital")), said


def published(day: date, patients: int) -> bytes:
    """The publisher's daily file with one record, of Saint-Martin."""
    return f'"dep";"sexe";"jour";"hosp";"rea";"rad";"dc"\n"978";0;"{day}";{patients};0;0;0\n'.encode()


def patients_on(mysql: Warehouse, day: date) -> list[int]:
    found = mysql.rows("SELECT hospitalised FROM v_hospital WHERE department = '978' AND sex = 0 AND day = :d", d=day)
    return [row["hospitalised"] for row in found]


def unused_day(mysql: Warehouse) -> date:
    """A day of 2022 that Saint-Martin has no record of, so that the test may run twice on a lab."""
    return next(day for n in range(365) if not patients_on(mysql, day := date(2022, 1, 1) + timedelta(days=n)))


def test_the_service_is_live_or_has_the_simulator_in_its_place(lab: Lab, mysql: Warehouse) -> None:
    if "weather" not in lab.pollers:
        pytest.skip("lab.yml has no poller for the weather")
    unit = "millrace-poll@weather.service"
    assert remote.run("kafka", ["systemctl", "is-active", unit]).strip() == "active"
    said = remote.run("kafka", ["sudo", "journalctl", "--unit", unit, "--output=cat", "--no-pager", "--boot"])
    states = [line.split(": ")[1] for line in said.splitlines() if line.startswith(("weather: live", "weather: simul"))]
    assert states, f"the service says neither live nor simulated:\n{said[-2000:]}"
    origin = {"live": "api", "simulated": "simulator"}[states[-1]]
    wait_until(lambda: mysql.one(RECORDS, origin=origin) > 0, f"the table has records of origin {origin}")
