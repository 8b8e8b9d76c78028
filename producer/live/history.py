"""The past of an API that answers by place and hour: one month of all places as one file of JSON lines.

The month is named, not "the last thirty days", so that fetching it again gives the same file, and nothing counts twice.
"""

import re
import time
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx

from millrace.errors import Refused
from millrace.whole_file import whole_file, write_whole
from producer.live import open_meteo
from producer.live.errors import Trouble
from producer.live.http_client import ask, patiently, rebased
from producer.live.publishers import Api, Place

ATTEMPTS = 5
LONGEST_WAIT = 120.0
MOST_BYTES = 4 << 20
COMPLETE_AFTER = timedelta(days=7)
"""The publisher completes a day's history within a week."""


@dataclass
class History:
    """Fetches a month into `folder`; places that are there already, from an interrupted fetch, are not asked again."""

    client: httpx.Client
    api: Api
    page: str
    places: tuple[Place, ...]
    folder: Path
    base: str = ""
    progress: Callable[[int, int], None] = lambda _done, _all: None
    on_wait: Callable[[Trouble, float], None] = lambda _trouble, _seconds: None
    sleep: Callable[[float], None] = time.sleep

    def month(self, month: str) -> Path:
        """The month (yyyy-MM) as a file. Trouble, with nothing written, where a place has no answer."""
        first, last = days_of(month)
        parts = [self._part(number, place, first, last) for number, place in enumerate(self.places, start=1)]
        target = self.folder / f"{self.client_name}-history-{month}.jsonl"
        with whole_file(target) as partial, partial.open("wb") as file:
            for part in parts:
                file.write(part.read_bytes())
        for part in parts:
            part.unlink()
        return target

    @property
    def client_name(self) -> str:
        return httpx.URL(self.api.endpoint).host.split(".")[-2]

    def _part(self, number: int, place: Place, first: str, last: str) -> Path:
        part = self.folder / f".{first}-{re.sub(r'[^A-Za-z]+', '-', place.label)}.part"
        if not part.is_file():
            lines = patiently(
                lambda: self._lines(place, first, last),
                attempts=ATTEMPTS,
                longest_wait=LONGEST_WAIT,
                sleep=self.sleep,
                on_wait=self.on_wait,
            )
            write_whole(part, lines)
            self.sleep(self.api.pause)
        self.progress(number, len(self.places))
        return part

    def _lines(self, place: Place, first: str, last: str) -> str:
        url = rebased(self.api.history or "", self.base)
        params = open_meteo.history_question(self.api, place, first, last)
        answer = ask(self.client, url, page=self.page, params=params, most_bytes=MOST_BYTES)
        return "".join(f"{hour.message}\n" for hour in open_meteo.hours(self.api, place, answer.body or b""))


def days_of(month: str) -> tuple[str, str]:
    """The first and the last day of a month; refuses what is no month."""
    if not re.fullmatch(r"(19[4-9]\d|20\d\d)-(0[1-9]|1[0-2])", month):
        raise Refused(f"{month!r} is no month; write it as 2026-10.")
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-01", f"{month}-{monthrange(year, number)[1]:02d}"


def last_complete_month(today: date) -> str:
    """The newest month that the publisher has all of."""
    return f"{(today - COMPLETE_AFTER).replace(day=1) - timedelta(days=1):%Y-%m}"
