"""Two filters of sales together narrow its numbers to those of the tables; the overview leads everywhere."""

from functools import partial

from playwright.sync_api import Page, expect

from tests.browser.assets import SLUGS
from tests.browser.site import Site, wait_for_number
from tests.lab.tools import Warehouse

BASKETS = "SELECT COUNT(*) FROM sales_by_basket WHERE is_cancelled = 0"
REVENUE = "SELECT ROUND(SUM(amount_sum)) FROM v_sales_by_product"


def count(mysql: Warehouse, query: str) -> int:
    return int(mysql.one(query) or 0)


def test_region_narrows_the_shop_and_product_its_revenue_alone(viewer: Page, site: Site, mysql: Warehouse) -> None:
    dashboard = site.open(viewer, "sales")
    everything = dashboard.number("Baskets")
    dashboard.choose("region", "France")
    of_france = f"{BASKETS} AND region = 'France'"
    shown = wait_for_number(partial(dashboard.number, "Baskets"), partial(count, mysql, of_france), "Baskets of France")
    assert 0 < shown < everything
    product = mysql.one("SELECT MIN(product) FROM v_sales_by_product WHERE region = 'France' AND kind = 'articles'")
    dashboard.choose("product", product)
    revenue = f"{REVENUE} WHERE region = 'France' AND product = '{product}'"
    wait_for_number(partial(dashboard.number, "Revenue"), partial(count, mysql, revenue), "Revenue of one product")
    wait_for_number(partial(dashboard.number, "Baskets"), partial(count, mysql, of_france), "Baskets of France")


def test_the_overview_leads_to_every_other_dashboard(viewer: Page, site: Site) -> None:
    dashboard = site.open(viewer, "overview")
    for slug in set(SLUGS) - {"overview"}:
        expect(dashboard.page.locator(f"a[href='/superset/dashboard/{slug}/']").first, slug).to_be_visible()
