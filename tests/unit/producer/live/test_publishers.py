"""The publishers of the feeds: every publisher.yaml is readable, official and within its rules."""

import csv
from pathlib import Path

import pytest

from millrace.errors import Refused
from millrace.feed_names import FOLDER
from millrace.settings import Poller
from producer.live.publishers import Place, Places, Publisher, load_places, read_publisher

FILES = sorted(FOLDER.glob("*/publisher.yaml"))
OFFICIAL = {
    "www.data.gouv.fr",
    "open.urssaf.fr",
    "data.economie.gouv.fr",
    "archive.ics.uci.edu",
    "download.cms.gov",
    "api.open-meteo.com",
    "archive-api.open-meteo.com",
}


@pytest.mark.parametrize("path", FILES, ids=[path.parent.name for path in FILES])
def test_a_publisher_is_readable_and_official(path: Path) -> None:
    publisher = read_publisher(path)
    urls = [file.url for file in publisher.files]
    if publisher.api:
        urls += [publisher.api.endpoint, publisher.api.history or ""]
    assert {url.split("/")[2] for url in urls} <= OFFICIAL
    assert len(set(urls)) == len(urls)


@pytest.mark.parametrize("path", FILES, ids=[path.parent.name for path in FILES])
def test_something_is_fetched_without_asking_for_it_by_name(path: Path) -> None:
    publisher = read_publisher(path)
    assert publisher.wanted() or publisher.api


def test_the_ordinary_schedule_keeps_within_what_open_meteo_allows() -> None:
    api = read_publisher(FOLDER / "weather" / "publisher.yaml").api
    assert api is not None
    assert api.shortest_interval(len(load_places("weather"))) <= Poller().every
    assert "showers" not in api.history_variables


def test_the_cities_are_those_of_the_list() -> None:
    with (FOLDER / "weather" / "cities.csv").open(encoding="utf-8", newline="") as file:
        listed = [(row["city"], row["country"]) for row in csv.DictReader(file)]
    assert [(place.city, place.country) for place in load_places("weather")] == listed


def test_a_city_stands_once() -> None:
    paris = Place(city="Paris", country="FR", latitude=48.9, longitude=2.4)
    with pytest.raises(ValueError, match="Paris, FR stands twice"):
        Places(places=(paris, paris))


def test_a_wrong_key_names_the_right_one(tmp_path: Path) -> None:
    file = tmp_path / "hospital" / "publisher.yaml"
    file.parent.mkdir()
    file.write_text("publisher: X\npage: https://x.example/\nlicense: free\nfiles: []\n")
    with pytest.raises(Refused, match="the key license is unknown; did you mean licence"):
        read_publisher(file)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"files": []}, "neither files nor an api"),
        ({"page": "http://x.example/"}, "page"),
        ({"files": [{"name": "a", "what": "a", "url": "ftp://x.example/a", "format": "csv"}]}, "url"),
        ({"files": [{"name": "a", "what": "a", "url": "https://x.example/a", "format": "csv"}] * 2}, "one name"),
    ],
)
def test_what_is_no_publisher_is_refused(changes: dict[str, object], why: str) -> None:
    right = {"publisher": "X", "page": "https://x.example/", "licence": "free"}
    with pytest.raises(ValueError, match=why):
        Publisher.model_validate(right | changes)


def test_a_file_is_asked_for_by_its_name() -> None:
    publisher = read_publisher(FOLDER / "insurance_rate" / "publisher.yaml")
    assert [file.name for file in publisher.wanted()] == ["2016"]
    assert [file.name for file in publisher.wanted("2014")] == ["2014"]
    with pytest.raises(Refused, match="no file '2031'"):
        publisher.wanted("2031")
