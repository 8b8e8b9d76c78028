"""Dashboards move by themselves while records trickle in."""

from decimal import Decimal

import pytest

from instruments.browser.asked import Body
from instruments.browser.site import Site, eventually
from instruments.tools import Warehouse, as_root, wait_until
from lab.location import CHECKOUT
from millrace.contract.contract import load_contract
from millrace.settings import load_lab
from tests.browser.conftest import Visits
from tests.browser.shown import says

# A chart that counts rows, so that each load of new ones raises it; elsewhere it is the table of a feed's origins.
COUNTING = {"insurance": "Rates", "overview": "Rows", "pipeline-health": "Rows committed"}
ORIGINS = "v_feed_origin"
RECORDS_OF_VISITS = "SELECT COUNT(*) FROM superset.logs"
# A source that is live is asked every ten minutes, and may have nothing new then.
POLLED_SECONDS = 2_000


def trickling() -> dict[str, list[str]]:
    """The dashboards of the feeds that get new records all the time, with those feeds.

    A feed that lab.yml does not name may be one that a test beside this one has just switched on, and soon off.
    """
    lab, named = load_lab(), load_lab(CHECKOUT / "lab.yml").feeds
    feeds = [feed for feed in lab.feeds if feed in named and lab.simulator(feed).per_second > 0]
    families: dict[str, list[str]] = {}
    for feed in feeds:
        families.setdefault(load_contract(feed).family, []).append(feed)
    return families | {"overview": feeds, "pipeline-health": feeds}


def cases() -> list[object]:
    """A polled feed's dashboard only where there is time: nobody but its publisher says when the next records come."""
    pollers = set(load_lab().pollers)
    marks = [pytest.mark.full, pytest.mark.timeout(POLLED_SECONDS + 300)]
    return [
        pytest.param(slug, feeds, marks=marks if set(feeds) <= pollers else [], id=slug)
        for slug, feeds in trickling().items()
    ]


@pytest.mark.parametrize(("slug", "feeds"), cases())
def test_what_is_shown_grows_with_a_load(visits: Visits, mysql: Warehouse, slug: str, feeds: list[str]) -> None:
    visit = visits.of(slug)
    (chart,) = [one for one in visit.charts if one.title == COUNTING.get(slug) or is_by_origin(slug, one.dataset)]
    before = total(visit.shown[chart.title].rows)
    seconds = POLLED_SECONDS if set(feeds) <= set(load_lab().pollers) else 240
    wait_until(lambda: mysql.one(chart.query()) > before, f"a load of {' or '.join(feeds)}", seconds)
    least = mysql.one(chart.query())
    assert total(visit.rows_again(chart)) >= least


def is_by_origin(slug: str, dataset: Body) -> bool:
    return slug not in COUNTING and dataset["table_name"] == ORIGINS


def total(rows: list[Body]) -> float:
    """The sum of all numbers in a chart's rows."""
    return float(sum(value for row in rows for value in row.values() if isinstance(value, int | float | Decimal)))


def test_an_open_dashboard_refreshes_itself_and_leaves_nothing_behind(site: Site) -> None:
    kept = as_root(RECORDS_OF_VISITS)
    page = site.log_in("viewer")
    dashboard = site.open(page, "insurance")
    (tile,) = [chart for chart in dashboard.charts if chart.title == COUNTING["insurance"]]
    before, asked = dashboard.text(tile.title), len(dashboard.asked(tile))

    def has_moved() -> bool:
        newer, text = dashboard.asked(tile)[asked:], dashboard.text(tile.title)
        return text != before and any(says(text, value) for one in newer for value in one.rows()[0].values())

    eventually(page, has_moved, f"{tile.title} asks by itself and moves from {before}", 240)
    assert as_root(RECORDS_OF_VISITS) == kept
    page.close()
