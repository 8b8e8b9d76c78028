"""A link carries a dashboard with its filters; its picture can be kept."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, TimeoutError

from tests.browser.assets import SLUGS, Chart, Filter, charts_of, filters_of
from tests.browser.site import Dashboard, Site, eventually
from tests.browser.test_dashboards_filter import most_common
from tests.lab.tools import Warehouse

PICTURES = ("insurance", "pipeline-health")
JPEG = b"\xff\xd8\xff"
STEP_MS = 4_000


@pytest.mark.parametrize("slug", SLUGS)
def test_a_link_keeps_the_filters(site: Site, mysql: Warehouse, slug: str) -> None:
    page = site.log_in("viewer", height=3000)
    page.goto("/dashboard/list/")
    number = page.request.get(f"/api/v1/dashboard/{slug}").json()["result"]["id"]
    values = {one.key: value_for(mysql, one) for one in filters_of(slug)}
    masks = {key: mask for one in filters_of(slug) for key, mask in one.mask(values[one.key]).items()}
    token = page.request.get("/api/v1/security/csrf_token/").json()["result"]
    made = page.request.post(
        f"/api/v1/dashboard/{number}/permalink",
        data={"dataMask": masks, "activeTabs": [], "urlParams": []},
        headers={"X-CSRFToken": token, "Referer": page.url},
    )
    assert made.status == 201
    dashboard = site.open(page, slug, f"/superset/dashboard/p/{made.json()['key']}/")
    for one in filters_of(slug):
        concerned = [chart for chart in dashboard.shown() if one.acts_on(chart)]
        assert concerned
        assert [chart.title for chart in concerned if not carries(dashboard, chart, one, values[one.key])] == []
    assert dashboard.watch.failed == []
    page.context.close()


def carries(dashboard: Dashboard, chart: Chart, one: Filter, value: str) -> bool:
    """Whether the chart asked under that filter."""
    form = dashboard.asked(chart)[-1].form.get("extra_form_data", {})
    if one.column is None:
        return bool(form.get("time_range") == value)
    return any(each["col"] == one.column and str(each["val"][0]) == value for each in form.get("filters", []))


def value_for(mysql: Warehouse, one: Filter) -> str:
    """A value that most rows have; of time, the last two years that have rows."""
    if one.column:
        return most_common(mysql, one)
    newest = max(day_of(mysql.one(f"SELECT MAX({time}) FROM {table}")) for time, table in times(one))
    return f"{newest - timedelta(days=730)} : {newest + timedelta(days=1)}"


def times(one: Filter) -> set[tuple[str, str]]:
    """The time columns, with their tables, that a filter over time acts on."""
    return {
        (chart.time_column, chart.dataset["table_name"])
        for chart in charts_of(one.slug)
        if one.acts_on(chart) and chart.time_column
    }


def day_of(value: date | datetime | None) -> date:
    return date.min if value is None else value.date() if isinstance(value, datetime) else value


@pytest.mark.parametrize("slug", PICTURES)
def test_a_dashboard_can_be_kept_as_a_picture(site: Site, tmp_path: Path, slug: str) -> None:
    page = site.log_in("viewer")
    site.open(page, slug)
    with page.expect_download() as download:
        pick(page, "Download", "Download as Image")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.read_bytes().startswith(JPEG)
    assert file.stat().st_size > 50_000
    page.context.close()


def test_the_menu_copies_a_link(site: Site) -> None:
    page = site.log_in("viewer")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    site.open(page, "insurance")
    with page.expect_response(lambda response: "/permalink" in response.url) as made:
        pick(page, "Share", "Copy permalink to clipboard")
    assert made.value.status == 201
    site.open(page, "insurance", f"/superset/dashboard/p/{made.value.json()['key']}/")
    page.context.close()


def pick(page: Page, part: str, entry: str) -> None:
    """Picks an entry of a part of the dashboard's menu, which can be used while nothing loads.

    A part opens when the mouse comes to it; while the page still draws it may not, and the menu may close again. The
    last click is done once: that of a picture keeps the browser busy for so long that its answer comes late.
    """
    menu = page.locator("[data-test=header-actions-menu], [aria-label='Menu actions trigger']").first
    parent = page.get_by_role("menuitem", name=part).first
    chosen = page.get_by_role("menuitem", name=entry)

    def is_open() -> bool:
        if not parent.is_visible():
            menu.click()
        page.mouse.move(0, 0)
        try:
            parent.hover(timeout=STEP_MS)
            chosen.click(trial=True, timeout=STEP_MS)
        except TimeoutError:
            return False
        return True

    eventually(page, is_open, f"{part}, {entry} can be picked")
    chosen.click()
