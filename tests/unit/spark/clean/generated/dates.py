"""Moments, written in a date form."""

from datetime import datetime, timedelta
from random import Random

from tests.unit.spark.clean.oracle.dates import spellings, tokens

MOMENTS = tuple(
    datetime.fromisoformat(text)
    for text in (
        *("0001-01-01T00:00", "0999-12-31T23:59:59", "1899-12-31T12:00", "1900-03-31T00:00", "1970-01-01T00:00"),
        *("2000-02-29T12:30", "2021-03-31T00:59", "2069-12-31T11:05", "2999-12-31T01:00", "9999-12-31T23:59:59"),
        *("2014-04-04T04:04:04", "2026-11-02T09:14:03.678", "2026-11-02T09:14:59.999999"),
    )
)
FIRST, SECONDS = datetime(1950, 1, 1), 150 * 365 * 86_400
ZONES = ("Z", "+00:00", "-05:30", "+01:00", "+14:00", "+18:59", "-18:00", "-19:00", "+01:60", "+0100")


def date(form: str, random: Random) -> str:
    """A moment in the form, or what would be one but for its zone."""
    moment = random.choice((random.choice(MOMENTS), FIRST + timedelta(seconds=random.randrange(SECONDS))))
    parts = tokens(form.removesuffix("XXX"))
    ways = (spellings(moment, part) if stands else [part] for part, stands in parts)
    return "".join(map(random.choice, ways)) + (random.choice(ZONES) if form.endswith("XXX") else "")
