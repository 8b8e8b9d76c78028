"""Whether the lab has something to show: the stream running, first rows of every feed, Superset with a dashboard."""

from collections.abc import Callable

import httpx

from lab.observe.access import settings
from lab.observe.ledger import FeedHealth, feed_health, stream_alive
from lab.observe.superset import as_viewer
from lab.observe.warehouse import warehouse
from lab.sentences import general as sentences
from millrace.errors import Refused
from millrace.settings import Lab, load_lab
from millrace.waiting import ask_until

POLL_SECONDS = 1.0
DEADLINE_SECONDS = 600.0
DASHBOARD = "insurance"


def wait_for_first_data(
    progress: Callable[[int, int], None] = lambda _rows, _wanted: None, *, seconds: float = DEADLINE_SECONDS
) -> None:
    """Returns when every feed has its first data; `progress` is told the records loaded and the records wanted.

    Refuses with one sentence that says what is missing when the deadline has passed.
    """
    lab = load_lab()
    missing = ask_until(
        lambda: what_is_missing(lab, progress), lambda what: what is None, seconds=seconds, pause=POLL_SECONDS
    )
    if missing is not None:
        raise Refused(sentences.READY_LATE.format(seconds=f"{seconds:.0f}", what=missing))


def what_is_missing(lab: Lab, progress: Callable[[int, int], None]) -> str | None:
    """The first thing that is not there yet, as the end of a sentence; None when everything is."""
    try:
        with warehouse(settings()) as connection:
            health, streams = feed_health(connection), stream_alive(connection)
    except Refused:
        return sentences.READY_NO_MYSQL
    wanted = {feed: first_records(lab, feed) for feed in lab.feeds}
    loaded = {feed: health[feed].read if feed in health else 0 for feed in lab.feeds}
    progress(sum(min(loaded[feed], wanted[feed]) for feed in lab.feeds), sum(wanted.values()))
    if not streams:
        return sentences.READY_NO_STREAM
    return missing_rows(wanted, health) or missing_dashboard()


def first_records(lab: Lab, feed: str) -> int:
    """How many records are sent to a feed at first, at the least."""
    return max(0 if feed in lab.begin_empty else 1, lab.simulator(feed).first)


def missing_rows(wanted: dict[str, int], health: dict[str, FeedHealth]) -> str | None:
    """The first feed whose first records are not committed yet; what has become of them since is its own affair."""
    for feed, records in wanted.items():
        read = health[feed].read if feed in health else 0
        if read < records:
            return sentences.READY_NO_ROWS.format(feed=feed, rows=read, wanted=records)
    return None


def missing_dashboard() -> str | None:
    """Whether a viewer could open the dashboard now."""
    try:
        with as_viewer(load_lab(), seconds=10) as client:
            client.get(f"/api/v1/dashboard/{DASHBOARD}").raise_for_status()
    except httpx.HTTPError:
        return sentences.READY_NO_DASHBOARD
    return None
