"""How long dashboards take to open, and their charts to get their data, past the cache and from it, in a browser."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from playwright.sync_api import Error

from bench.report.figures import Measured, Name
from instruments.browser.asked import is_cached
from instruments.browser.assets import SLUGS
from instruments.browser.chromium import opened_site
from instruments.browser.site import Dashboard
from millrace.errors import Refused
from millrace.settings import load_lab


class Chart(NamedTuple):
    """The seconds of a chart's last request, asked once more past the cache, and then from it."""

    title: str
    uncached: float
    cached: float | Refused


def measure(_options: object, _number: int) -> Measured:
    """Every dashboard twice from the click in the list to its last chart; then its charts' requests again.

    Data are cached for some seconds, so that the first time is past the cache, unless somebody has just looked at it.
    """
    found: dict[Name, float | Refused] = {}
    try:
        with opened_site(load_lab()) as site:
            for slug in SLUGS:
                found[Name(f"{slug}, from the list", "s")] = site.seconds_from_the_list(slug)
                found[Name(f"{slug}, from the list once more", "s")] = site.seconds_from_the_list(slug)
                page = site.log_in("viewer")
                for chart in charts_of(site.open(page, slug)):
                    found[Name(f"{slug}, chart {chart.title}", "s", slug)] = chart.uncached
                    found[Name(f"{slug}, cached chart {chart.title}", "s", f"{slug}, cached")] = chart.cached
                page.close()
    except (Error, AssertionError) as failed:
        raise Refused(f"A dashboard did not open: {str(failed).splitlines()[0]}") from failed
    return found


def charts_of(dashboard: Dashboard) -> Iterator[Chart]:
    """Those of all tabs."""
    deque(dashboard.walk(), maxlen=0)
    dashboard.page.wait_for_load_state("networkidle")
    for chart in dashboard.charts:
        if asked := dashboard.asked(chart):
            _, uncached = dashboard.ask_again(asked[-1])
            answer, cached = dashboard.ask_again(asked[-1], past_cache=False)
            yield Chart(chart.title, uncached, cached if is_cached(answer) else Refused("It was not in the cache."))
