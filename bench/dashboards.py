"""How long dashboards take to open, and their charts to get their data past the cache, in a browser on this host."""

from collections import deque

from playwright.sync_api import Error

from bench.report.figures import Measured, Name
from instruments.browser.assets import SLUGS
from instruments.browser.chromium import opened_site
from instruments.browser.site import Dashboard
from millrace.errors import Refused
from millrace.settings import load_lab


def measure(_options: object, _number: int) -> Measured:
    """Every dashboard once: from the click in the list to its last chart; then its charts' requests again."""
    found: dict[Name, float] = {}
    try:
        with opened_site(load_lab()) as site:
            for slug in SLUGS:
                found[Name(f"{slug}, from the list", "s")] = site.seconds_from_the_list(slug)
                page = site.log_in("viewer")
                found |= charts_of(site.open(page, slug))
                page.close()
    except (Error, AssertionError) as failed:
        raise Refused(f"A dashboard did not open: {str(failed).splitlines()[0]}") from failed
    return found


def charts_of(dashboard: Dashboard) -> dict[Name, float]:
    """The seconds of each chart's last request, asked once more and past the cache."""
    deque(dashboard.walk(), maxlen=0)
    dashboard.page.wait_for_load_state("networkidle")
    requests = {chart.title: asked[-1] for chart in dashboard.charts if (asked := dashboard.asked(chart))}
    return {
        Name(f"{dashboard.slug}, chart {title}", "s", dashboard.slug): dashboard.ask_again(request)[1]
        for title, request in requests.items()
    }
