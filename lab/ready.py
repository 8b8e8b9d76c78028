"""Whether the lab has something to show: rows committed, Superset answering, the insurance dashboard in place."""

import time
from collections.abc import Callable

import httpx

from feeds.errors import Refused
from feeds.settings import Demo, load_lab
from lab import words
from lab.access import secret, settings, warehouse
from lab.services import SUPERSET_PORT
from lab.warehouse import FeedHealth, feed_health

POLL_SECONDS = 1.0
DEADLINE_SECONDS = 600.0
DASHBOARD = "insurance"


def wait_for_first_data(
    progress: Callable[[int, int], None] = lambda _rows, _wanted: None, *, seconds: float = DEADLINE_SECONDS
) -> None:
    """Returns when the first dashboard has its data; `progress` is told the rate rows there and the rows wanted.

    Refuses with one sentence that says what is missing when the deadline has passed.
    """
    deadline = time.monotonic() + seconds
    demo = load_lab().demo
    while (missing := what_is_missing(demo, progress)) is not None:
        if time.monotonic() > deadline:
            raise Refused(words.READY_LATE.format(seconds=f"{seconds:.0f}", what=missing))
        time.sleep(POLL_SECONDS)


def what_is_missing(demo: Demo, progress: Callable[[int, int], None]) -> str | None:
    """The first thing that is not there yet, as the end of a sentence; None when everything is."""
    try:
        with warehouse(settings()) as connection:
            health = feed_health(connection)
    except Refused:
        return words.READY_NO_MYSQL
    rates = health["insurance_rate"].rows if "insurance_rate" in health else 0
    progress(min(rates, demo.rates), demo.rates)
    return missing_rows(load_lab().feeds, health, demo) or missing_dashboard()


def missing_rows(feeds: tuple[str, ...], health: dict[str, FeedHealth], demo: Demo) -> str | None:
    """The first feed whose first rows are not committed yet."""
    for feed in feeds:
        wanted = demo.rates if feed == "insurance_rate" else 1
        rows = health[feed].rows if feed in health else 0
        if rows < wanted:
            return words.READY_NO_ROWS.format(feed=feed, rows=rows, wanted=wanted)
    return None


def missing_dashboard() -> str | None:
    """Whether a viewer could open the dashboard now."""
    base = f"http://{load_lab().address('superset')}:{SUPERSET_PORT}"
    login = {"username": "viewer", "password": secret("superset_viewer_password"), "provider": "db"}
    try:
        with httpx.Client(base_url=base, timeout=10) as client:
            token = client.post("/api/v1/security/login", json=login).raise_for_status().json()["access_token"]
            client.get(
                f"/api/v1/dashboard/{DASHBOARD}", headers={"Authorization": f"Bearer {token}"}
            ).raise_for_status()
    except httpx.HTTPError:
        return words.READY_NO_DASHBOARD
    return None
