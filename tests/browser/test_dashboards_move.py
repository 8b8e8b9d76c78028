"""Dashboards move by themselves while records trickle in."""

from feeds.contract import load_contract
from feeds.settings import Lab
from tests.browser.assets import charts_of
from tests.browser.site import Dashboard, Site, eventually, rows_in
from tests.lab.tools import as_root

ALWAYS = ("pipeline-health", "overview")
RECORDS_OF_VISITS = "SELECT COUNT(*) FROM superset.logs"


def trickling(lab: Lab) -> list[str]:
    """The dashboards of the feeds that get new records all the time."""
    feeds = [feed for feed in lab.feeds if lab.simulator(feed).per_second > 0]
    return sorted({load_contract(feed).family for feed in feeds} | set(ALWAYS))


def test_what_is_shown_grows_while_records_come(dashboard: Dashboard, lab: Lab) -> None:
    if dashboard.slug not in trickling(lab):
        return
    before = {chart.title: dashboard.asked(chart)[-1].rows() for chart in dashboard.charts}

    def has_moved() -> bool:
        asked = ((chart.title, dashboard.asked(chart)[-1]) for chart in dashboard.charts)
        return any(rows_in(dashboard.ask_again(one)[0]) != before[title] for title, one in asked)

    eventually(dashboard.page, has_moved, f"{dashboard.slug} shows something new")


def test_an_open_dashboard_refreshes_itself_and_leaves_nothing_behind(site: Site) -> None:
    kept = as_root(RECORDS_OF_VISITS)
    page = site.log_in("viewer")
    dashboard = site.open(page, "insurance")
    title = "Rates"
    assert title in {chart.title for chart in charts_of("insurance") if chart.is_tile}
    before = dashboard.text(title)
    eventually(page, lambda: dashboard.text(title) != before, f"{title} moves by itself from {before}", 75)
    assert as_root(RECORDS_OF_VISITS) == kept
    page.context.close()
