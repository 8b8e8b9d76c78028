"""Each dashboard opens without an error, draws every chart, says what it shows, and asks nobody outside."""

import pytest
from playwright.sync_api import expect

from tests.browser.assets import SLUGS, Chart
from tests.browser.site import DRAWN, EMPTY, PAINTED, Dashboard
from tests.lab.tools import Warehouse

# Charts with nothing to show while this query finds nothing.
MAY_BE_EMPTY = {("pipeline-health", "Quarantine by reason"): "SELECT COUNT(*) FROM v_quarantine"}
PAINTED_PIXELS = 1_000
WHO_DECIDES = {
    "overview": "Whoever opens the lab",
    "pipeline-health": "Whoever runs the lab",
    "insurance": "State regulators and benefit managers",
    "hospital": "Planners of a health agency",
    "employment": "Regional economists",
    "procurement": "Public buyers",
    "weather": "The operations planner of a power grid",
    "sales": "Shop managers",
}


def test_every_chart_is_drawn_with_its_sentence_below(dashboard: Dashboard, mysql: Warehouse) -> None:
    found = [
        what for chart in dashboard.walk() for what in (lacks(dashboard, chart, mysql), unexplained(dashboard, chart))
    ]
    assert [what for what in found if what] == []


def lacks(dashboard: Dashboard, chart: Chart, mysql: Warehouse) -> str | None:
    """What the chart should show and does not; None when it is drawn."""
    shown = dashboard.chart(chart.title)
    if shown.locator(EMPTY).count():
        query = MAY_BE_EMPTY.get((chart.slug, chart.title), "SELECT 1")
        return f"{chart.title} is empty" if mysql.one(query) else None
    rows = dashboard.asked(chart)[-1].rows()
    if not rows:
        return f"{chart.title} got no row"
    canvas, regions = shown.locator("canvas"), shown.locator("path.region")
    if canvas.count():
        painted = canvas.first.evaluate(PAINTED)
        return None if painted > PAINTED_PIXELS else f"{chart.title} painted {painted} pixels"
    if regions.count():
        coloured = shown.locator("path.region[style*='rgb']").count()
        return None if coloured * 2 >= min(regions.count(), len(rows)) else f"{chart.title} coloured {coloured} places"
    text = shown.locator(DRAWN).first.inner_text().strip()
    return None if text and text not in ("N/A", "null", "NaN", "No data") else f"{chart.title} shows {text!r}"


def unexplained(dashboard: Dashboard, chart: Chart) -> str | None:
    """What is wrong with the chart's sentence; None where it stands below the chart."""
    sentence = dashboard.page.locator(".dashboard-markdown", has_text=chart.sentence).first
    box, chart_box = sentence.bounding_box(), dashboard.chart(chart.title).bounding_box()
    if box is None or chart_box is None:
        return f"{chart.title} has no sentence in sight"
    return None if box["y"] >= chart_box["y"] else f"{chart.title} has its sentence above it"


def test_nothing_went_wrong(dashboard: Dashboard) -> None:
    page = dashboard.page
    assert page.locator(".toast--danger, [data-test=toast-container] .alert-danger").all_inner_texts() == []
    assert page.locator("[data-test=chart-container] [role=alert], .missing-chart-container").all_inner_texts() == []
    assert dashboard.watch.failed == []


def test_nothing_is_asked_from_outside(dashboard: Dashboard) -> None:
    assert dashboard.watch.outside == []


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1920, 1080)])
def test_the_page_is_not_wider_than_the_window(dashboard: Dashboard, width: int, height: int) -> None:
    page = dashboard.page
    page.set_viewport_size({"width": width, "height": height})
    try:
        page.wait_for_function("width => window.innerWidth === width", arg=width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        page.set_viewport_size({"width": 1440, "height": 3000})


def test_the_first_sentence_names_who_decides(dashboard: Dashboard) -> None:
    assert set(WHO_DECIDES) == set(SLUGS)
    expect(dashboard.page.locator(".dashboard-markdown").first).to_contain_text(f"{WHO_DECIDES[dashboard.slug]} decide")


def test_the_viewer_finds_no_button_to_edit(dashboard: Dashboard) -> None:
    expect(dashboard.page.get_by_role("button", name="Edit dashboard")).to_have_count(0)
