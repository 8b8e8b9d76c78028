"""Filters moved by mouse: every one of every dashboard where all is tested, else sales and hospital."""

import json
from collections import deque
from functools import partial

import pytest

from instruments.browser.asked import Asked, Body
from instruments.browser.assets import SLUGS, Chart, Filter, select_filters
from instruments.browser.site import Dashboard, Site, eventually, wait_for_number, wait_until_drawn
from instruments.tools import Warehouse
from tests.browser.numbers import differs, most_common
from tests.browser.shown import says

BASKETS = "SELECT COUNT(*) FROM sales_by_basket WHERE is_cancelled = 0"
REVENUE = "SELECT ROUND(SUM(amount_sum)) FROM v_sales_by_product"


def count(mysql: Warehouse, query: str) -> int:
    return int(mysql.one(query) or 0)


@pytest.mark.full
def test_region_narrows_the_shop_and_product_its_revenue_alone(site: Site, mysql: Warehouse) -> None:
    page = site.log_in("viewer")
    dashboard = site.open(page, "sales")
    region = next(one for one in select_filters("sales") if one.short == "region")
    before = {chart.title: latest(dashboard, chart) for chart in dashboard.shown()}
    everything = dashboard.number("Baskets")
    dashboard.choose("region", "France")
    of_france = f"{BASKETS} AND region = 'France'"
    shown = wait_for_number(partial(dashboard.number, "Baskets"), partial(count, mysql, of_france), "Baskets of France")
    assert 0 < shown < everything
    for chart in dashboard.shown():
        if region.acts_on(chart):
            wait_until_narrowed(dashboard, chart, region, "France")
            assert comparable(latest(dashboard, chart).request.post_data) == comparable(
                before[chart.title].narrowed(region, "France")
            )
    product = mysql.one("SELECT MIN(product) FROM v_sales_by_product WHERE region = 'France' AND kind = 'articles'")
    dashboard.choose("product", product)
    revenue = f"{REVENUE} WHERE region = 'France' AND product = '{product}'"
    wait_for_number(partial(dashboard.number, "Revenue"), partial(count, mysql, revenue), "Revenue of one product")
    wait_for_number(partial(dashboard.number, "Baskets"), partial(count, mysql, of_france), "Baskets of France")
    page.close()


def comparable(body: str | None) -> Body:
    """A request's body, without the order of its conditions, the colours, and whether the cache may answer."""
    sent = dict(json.loads(body or ""))
    for query in sent["queries"]:
        query["filters"].sort(key=str)
    form = sent["form_data"] | {"force": None, "shared_label_colors": None}
    return sent | {"force": None, "form_data": form}


def test_cleared_filters_add_no_sexes_up(site: Site) -> None:
    page = site.log_in("viewer")
    dashboard = site.open(page, "hospital")
    region, sex = (one for one in select_filters("hospital") if one.short in {"region", "sex"})
    (tile,) = (chart for chart in dashboard.charts if chart.title == "In hospital")
    dashboard.choose("region", "Bretagne")
    wait_until_narrowed(dashboard, tile, region, "Bretagne")
    dashboard.clear()
    wait_until_narrowed(dashboard, tile, region, None)
    asked = latest(dashboard, tile)
    (row,) = asked.rows()
    (value,) = row.values()
    assert (value is not None) == asked.has(sex, sex.default), asked.form
    page.close()


@pytest.mark.full
@pytest.mark.parametrize("slug", [slug for slug in SLUGS if select_filters(slug)])
def test_every_filter_narrows_exactly_its_charts(site: Site, mysql: Warehouse, slug: str) -> None:
    page = site.log_in("viewer", height=3000)
    dashboard = site.open(page, slug)
    deque(dashboard.walk(), maxlen=0)
    for one in select_filters(slug):
        narrow_and_widen(dashboard, mysql, one)
    for chart in dashboard.walk():
        for one in select_filters(slug):
            if one.acts_on(chart):
                wait_until_narrowed(dashboard, chart, one, one.default)
    page.close()


def narrow_and_widen(dashboard: Dashboard, mysql: Warehouse, one: Filter) -> None:
    """Chooses a filter's value by mouse, holds every chart against it, and takes the value back."""
    value = most_common(mysql, one)
    before = [(chart, latest(dashboard, chart).rows()) for chart in dashboard.shown() if one.acts_on(chart)]
    dashboard.choose(one.short, value)
    for chart in dashboard.walk():
        if one.acts_on(chart):
            wait_until_narrowed(dashboard, chart, one, value)
    narrowed = [chart for chart in dashboard.charts if chart.is_tile and one.acts_on(chart)]
    assert [w for chart in narrowed if (w := differs_from_tables(dashboard, chart, mysql, {one.key: value}))] == []
    eventually(dashboard.page, lambda: all(agrees(dashboard, chart) for chart in narrowed), "tiles show their answers")
    changed = [chart.title for chart, rows in before if latest(dashboard, chart).rows() != rows]
    assert changed, f"{one.name} = {value} changed no chart"
    others = [chart for chart in dashboard.charts if not one.acts_on(chart)]
    assert [chart.title for chart in others if latest(dashboard, chart).has(one, value)] == []
    if one.default is None:
        dashboard.clear()
    else:
        dashboard.choose(one.short, one.default)
    for chart in dashboard.shown():
        if one.acts_on(chart):
            wait_until_narrowed(dashboard, chart, one, one.default)


def latest(dashboard: Dashboard, chart: Chart) -> Asked:
    return dashboard.asked(chart)[-1]


def wait_until_narrowed(dashboard: Dashboard, chart: Chart, one: Filter, value: str | None) -> None:
    """The chart, which is on the screen, has asked with that value of the filter, or without one, and is drawn."""
    is_narrowed = f"{one.name} = {value} reaches {chart.title}"
    eventually(dashboard.page, lambda: latest(dashboard, chart).has(one, value), is_narrowed)
    wait_until_drawn(dashboard.page, dashboard.slug, chart.tab)


def agrees(dashboard: Dashboard, chart: Chart) -> bool:
    """Whether the tile says what its newest answer holds."""
    (row,) = latest(dashboard, chart).rows()
    (value,) = row.values()
    return says(dashboard.text(chart.title), value)


def differs_from_tables(dashboard: Dashboard, chart: Chart, mysql: Warehouse, chosen: dict[str, str]) -> str | None:
    asked = latest(dashboard, chart)
    return differs(chart, mysql, chosen, asked.form, lambda: dashboard.rows_again(asked))
