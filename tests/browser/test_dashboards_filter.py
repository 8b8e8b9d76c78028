"""Native filters change the numbers, and the numbers are those of the tables."""

from functools import partial

from playwright.sync_api import Page

from tests.browser.site import Site, wait_for_number
from tests.lab.tools import Warehouse

PREMIUM = "FROM v_insurance_premium"
NETWORK = "FROM insurance_network_by_issuer"


def count(mysql: Warehouse, query: str) -> int:
    return int(mysql.one(query) or 0)


def test_year_and_state_narrow_every_tile(viewer: Page, site: Site, mysql: Warehouse) -> None:
    dashboard = site.open(viewer, "insurance")
    everything = {title: dashboard.number(title) for title in ("Rates", "Plans priced", "Insurers")}
    dashboard.choose("year", "2015")
    dashboard.choose("state", "TX")
    where = "WHERE business_year = 2015 AND state_code = 'TX'"
    queries = {
        "Rates": f"SELECT SUM(rates) {PREMIUM} {where}",
        "Plans priced": f"SELECT COUNT(DISTINCT business_year, plan_id) {PREMIUM} {where}",
        "Insurers": f"SELECT COUNT(DISTINCT issuer_id) {NETWORK} {where}",
    }
    for title, query in queries.items():
        shown = wait_for_number(partial(dashboard.number, title), partial(count, mysql, query), title)
        assert 0 < shown < everything[title]


def test_metal_level_leaves_charts_without_it_alone(viewer: Page, site: Site, mysql: Warehouse) -> None:
    dashboard = site.open(viewer, "insurance")
    insurers = count(mysql, f"SELECT COUNT(DISTINCT issuer_id) {NETWORK}")
    dashboard.choose("metal", "Gold")
    query = f"SELECT SUM(rates) {PREMIUM} WHERE metal_level = 'Gold'"
    wait_for_number(partial(dashboard.number, "Rates"), partial(count, mysql, query), "Rates of gold plans")
    assert dashboard.number("Insurers") == insurers
    mean = f"SELECT ROUND(SUM(rate_sum) / SUM(rates)) {PREMIUM} WHERE metal_level = 'Gold'"
    assert abs(dashboard.number("Mean monthly premium") - count(mysql, mean)) <= 1


def test_clearing_brings_everything_back(viewer: Page, site: Site, mysql: Warehouse) -> None:
    dashboard = site.open(viewer, "insurance")
    dashboard.choose("state", "AK")
    query = f"SELECT COUNT(DISTINCT issuer_id) {NETWORK}"
    narrowed = f"{query} WHERE state_code = 'AK'"
    wait_for_number(partial(dashboard.number, "Insurers"), partial(count, mysql, narrowed), "Insurers of Alaska")
    dashboard.clear()
    wait_for_number(partial(dashboard.number, "Insurers"), partial(count, mysql, query), "Insurers")


def test_the_feed_filter_reads_the_ledger(viewer: Page, site: Site, mysql: Warehouse) -> None:
    dashboard = site.open(viewer, "pipeline-health")
    dashboard.choose("feed", "insurance_network")
    query = "SELECT table_rows FROM v_feed_health WHERE feed = 'insurance_network'"
    shown = wait_for_number(partial(dashboard.number, "Rows committed"), partial(count, mysql, query), "Rows committed")
    assert shown > 0
    assert dashboard.number("Feeds running") == 1
