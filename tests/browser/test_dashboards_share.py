"""A link carries a dashboard with its filters; its picture can be kept."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, TimeoutError

from instruments.browser.asked import Body
from instruments.browser.assets import SLUGS, Chart, Filter, filters_of
from instruments.browser.site import Dashboard, Site, eventually
from instruments.tools import Warehouse
from tests.browser.numbers import value_for

JPEG = b"\xff\xd8\xff"
STEP_MS = 4_000
# Drawing a picture keeps a browser without a graphics card busy for a while.
PICTURE_MS = 300_000
# Its filters are of each kind: over time, over a column, over one with many values.
LINKED = "sales"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_link_holds_the_filters(viewer: Page, mysql: Warehouse, slug: str) -> None:
    masks = masks_of(slug, values_of(slug, mysql))
    kept = viewer.request.get(f"/api/v1/dashboard/permalink/{make_link(viewer, slug, masks)}")
    assert kept.ok
    assert kept.json()["state"]["dataMask"] == masks


@pytest.mark.parametrize(
    "slug", [slug if slug == LINKED else pytest.param(slug, marks=pytest.mark.full) for slug in SLUGS]
)
def test_a_link_opens_with_its_filters(site: Site, mysql: Warehouse, slug: str) -> None:
    page = site.log_in("viewer", height=3000)
    values = values_of(slug, mysql)
    key = make_link(page, slug, masks_of(slug, values))
    dashboard = site.open(page, slug, f"/superset/dashboard/p/{key}/")
    for one in filters_of(slug):
        concerned = [chart for chart in dashboard.shown() if one.acts_on(chart)]
        assert concerned
        assert [chart.title for chart in concerned if not carries(dashboard, chart, one, values[one.key])] == []
    assert dashboard.watch.failed == []
    page.close()


def values_of(slug: str, mysql: Warehouse) -> dict[str, str]:
    """A value for each filter of a dashboard, by its id."""
    return {one.key: value_for(mysql, one) for one in filters_of(slug)}


def masks_of(slug: str, values: dict[str, str]) -> Body:
    """The state of the filters with these values."""
    return {key: mask for one in filters_of(slug) for key, mask in one.mask(values[one.key]).items()}


def make_link(page: Page, slug: str, masks: Body) -> str:
    """The key of a new link to a dashboard with its filters in that state."""
    number = page.request.get(f"/api/v1/dashboard/{slug}").json()["result"]["id"]
    token = page.request.get("/api/v1/security/csrf_token/").json()["result"]
    made = page.request.post(
        f"/api/v1/dashboard/{number}/permalink",
        data={"dataMask": masks, "activeTabs": [], "urlParams": []},
        headers={"X-CSRFToken": token, "Referer": page.url},
    )
    assert made.status == 201
    return str(made.json()["key"])


def carries(dashboard: Dashboard, chart: Chart, one: Filter, value: str) -> bool:
    """Whether the chart asked under that filter."""
    asked = dashboard.asked(chart)[-1]
    if one.column is None:
        ranges = [asked.form.get("extra_form_data", {}), *asked.queries]
        return {each.get("time_range") for each in ranges} == {value}
    return asked.has(one, value)


@pytest.mark.parametrize("slug", ["insurance", pytest.param("pipeline-health", marks=pytest.mark.full)])
def test_a_dashboard_can_be_kept_as_a_picture(site: Site, tmp_path: Path, slug: str) -> None:
    page = site.log_in("viewer")
    site.open(page, slug)
    with page.expect_download(timeout=PICTURE_MS) as download:
        pick(page, "Download", "Download as Image")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.read_bytes().startswith(JPEG)
    assert file.stat().st_size > 50_000
    page.close()


@pytest.mark.full
def test_the_menu_copies_a_link(site: Site) -> None:
    page = site.log_in("viewer")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    site.open(page, "insurance")
    with page.expect_response(lambda response: "/permalink" in response.url) as made:
        pick(page, "Share", "Copy permalink to clipboard")
    assert made.value.status == 201
    site.open(page, "insurance", f"/superset/dashboard/p/{made.value.json()['key']}/")
    page.close()


def pick(page: Page, part: str, entry: str) -> None:
    """Picks an entry of a part of the dashboard's menu, which can be used while nothing loads.

    A part opens when the mouse comes to it; while the page still draws it may not, and the menu may close again: a
    click on its way then waits for an entry that does not come back. So the mouse only finds out that it could, and the
    click itself is the page's own, once: that of a picture keeps the browser busy for so long that its answer is late.
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
    chosen.evaluate("entry => { setTimeout(() => entry.click()) }")
