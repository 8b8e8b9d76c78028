"""From sent to seen: how long a record takes until a number on an open dashboard counts it, untouched by anybody."""

from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import Error

from bench.report.figures import Measured, Name, Options
from bench.send import asked, quiet, rates_file, sent
from instruments.browser.chromium import opened_site
from instruments.browser.site import eventually
from millrace.errors import Refused
from millrace.settings import load_lab

ROWS = 1_000
DASHBOARD, TILE = "insurance", "Rates"
PATIENCE_SECONDS = 240
LATER_RUNS, LATER_MS = 3, 10_000
"""A dashboard refreshes itself every 30 s: three runs meet it at three moments."""
SINCE_SENT = (
    "SELECT TIMESTAMPDIFF(MICROSECOND, MIN(sent_at), UTC_TIMESTAMP(6)) / 1e6 FROM insurance_rate"
    " WHERE source_id = :source"
)


def measure(options: Options, number: int) -> Measured:
    """A small file, while nobody else sends and the dashboard is open: each run at another time since it was opened."""
    try:
        with rates_file(min(options.rows, ROWS)) as file, quiet(), opened_site(load_lab()) as site:
            page = site.log_in("viewer")
            dashboard = site.open(page, DASHBOARD)
            page.wait_for_timeout(number % LATER_RUNS * LATER_MS)
            before = dashboard.text(TILE)
            with ThreadPoolExecutor() as beside:
                sending = beside.submit(sent, file)
                moved = f"{TILE} moves from {before}"
                eventually(page, lambda: dashboard.text(TILE) != before, moved, PATIENCE_SECONDS)
                seen = asked(SINCE_SENT, file)
                sending.result()
            return {Name("from sent to seen", "s"): seen}
    except (Error, AssertionError) as failed:
        raise Refused(f"Nothing was seen: {str(failed).splitlines()[0]}") from failed
