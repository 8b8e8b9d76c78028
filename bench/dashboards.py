"""How long dashboards take to open, and their charts to get their data past the cache, in a browser on this host."""

import shutil
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Error, sync_playwright

from bench.figures import Measured, Name
from lab.observe.access import answers, secret
from lab.observe.services import SUPERSET_PORT
from millrace.errors import Refused
from millrace.settings import load_lab
from tests.browser.assets import SLUGS
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.site import Dashboard, Site


def measure(_options: object, _number: int) -> Measured:
    """Every dashboard once: from the click in the list to its last chart; then its charts' requests again."""
    found: dict[Name, float] = {}
    try:
        with opened_site() as site:
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


@contextmanager
def opened_site() -> Iterator[Site]:
    """The lab's Superset in a browser of its own."""
    host = load_lab().address("superset")
    if shutil.which(CHROMIUM) is None:
        raise Refused(f"{CHROMIUM} is missing: apt-get install chromium.")
    if not answers(host, SUPERSET_PORT):
        raise Refused(f"Superset does not answer at {host}:{SUPERSET_PORT}: make status.")
    passwords = {user: secret(f"superset_{user}_password") for user in ("admin", "viewer")}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield Site(browser, f"http://{host}:{SUPERSET_PORT}", passwords)
        finally:
            browser.close()
