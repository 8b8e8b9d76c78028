"""Where a feed's real data come from: feeds/<feed>/publisher.yaml, and the places that an API is asked for."""

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from millrace.errors import Refused
from millrace.feed_names import FOLDER, known_feeds, nearest
from millrace.strict_model import Strict, validated
from millrace.yaml_file import read_yaml

Address = Annotated[str, StringConstraints(pattern=r"^https://[^\s/]+/\S*$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class Place(Strict):
    """A city that an API is asked for."""

    city: str = Field(min_length=1)
    country: str = Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1, two letters")
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)

    @property
    def label(self) -> str:
        """What tells it from every other place: `Paris, FR`."""
        return f"{self.city}, {self.country}"


class Places(Strict):
    """A list of places, each once."""

    places: tuple[Place, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _are_all_different(self) -> "Places":
        labels = [place.label for place in self.places]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice")
        return self


class RemoteFile(Strict):
    """A file at its publisher's address. `name` is what ONLY=… calls it."""

    name: Word
    what: str = Field(min_length=1, description="what it holds, for people")
    url: Address
    format: Literal["csv", "json", "jsonl"]
    member: str = Field(default="", description="in a zip: the file wanted, as a pattern such as *.csv")
    saved_as: str = Field(default="", description="its name here; without it the publisher's counts")
    most_mb: int = Field(default=500, ge=1, description="more than this, unpacked, is refused")
    if_asked: bool = Field(default=False, description="fetched with ONLY=… alone")


class Api(Strict):
    """An API that answers with one place's present state (now and, from `history`, hour by hour)."""

    endpoint: Address
    history: Address | None = None
    variables: dict[str, str] = Field(min_length=1, description="asked for, each with the unit it must come in")
    not_in_history: tuple[str, ...] = ()
    farthest_degrees: float = Field(default=0.5, gt=0, description="an answer for a place farther off is refused")
    pause: float = Field(default=0.25, ge=0, description="seconds between two questions at least")
    calls_a_day: int = Field(ge=1, description="what the publisher allows")
    call_weight: float = Field(default=1, gt=0, description="how many calls the publisher counts one question as")

    @property
    def history_variables(self) -> tuple[str, ...]:
        return tuple(name for name in self.variables if name not in self.not_in_history)

    def shortest_interval(self, places: int) -> float:
        """Seconds between two rounds that keep within what the publisher allows."""
        return places * self.call_weight * 86_400 / self.calls_a_day


class Publisher(Strict):
    """A feed's publisher: who it is, under which licence, files, and an API where there is one."""

    publisher: str = Field(min_length=1)
    page: Address = Field(description="where a person reads about it, and finds a moved file")
    licence: str = Field(min_length=1)
    files: tuple[RemoteFile, ...] = ()
    api: Api | None = None

    @model_validator(mode="after")
    def _has_something(self) -> "Publisher":
        if not (self.files or self.api):
            raise ValueError("it names neither files nor an api")
        names = [file.name for file in self.files]
        if len(set(names)) < len(names):
            raise ValueError(f"two files have one name: {', '.join(names)}")
        return self

    def wanted(self, only: str = "") -> tuple[RemoteFile, ...]:
        """The file of that name; without one those that are fetched by themselves."""
        if not only:
            return tuple(file for file in self.files if not file.if_asked)
        names = [file.name for file in self.files]
        if only not in names:
            raise Refused(f"The publisher has no file {only!r}; {nearest(only, names)}")
        return tuple(file for file in self.files if file.name == only)


def published_feeds() -> Iterator[str]:
    """The feeds whose real data can be fetched."""
    return (feed for feed in known_feeds() if (FOLDER / feed / "publisher.yaml").is_file())


@cache
def load_publisher(feed: str) -> Publisher:
    """A feed's publisher; refuses a feed that has none."""
    if feed not in (known := tuple(published_feeds())):
        raise Refused(f"No publisher of {feed} is known; real data can be fetched for {', '.join(known)}.")
    return read_publisher(FOLDER / feed / "publisher.yaml")


def read_publisher(path: Path) -> Publisher:
    """The publisher in that file."""
    return validated(Publisher, read_yaml(path), f"{path.parent.name}/{path.name}")


@cache
def load_places(feed: str) -> tuple[Place, ...]:
    """The places of a feed's API, in the order they are asked for: feeds/<feed>/cities.csv."""
    path = FOLDER / feed / "cities.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [{name: row.get(name) for name in Place.model_fields} for row in csv.DictReader(file)]
    except OSError as error:
        raise Refused(f"The cities of {feed} cannot be read from {path}: {error.strerror}.") from None
    return validated(Places, {"places": rows}, f"{feed}/{path.name}").places
