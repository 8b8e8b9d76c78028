"""Each dashboard opens without an error, draws every chart, says what it shows, and asks nobody outside."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import ASSETS, DRAWN, EMPTY, PAINTED, Dashboard, Site, charts_of
from tests.lab.tools import Warehouse

SLUGS = tuple(sorted(file.stem for file in (ASSETS / "dashboards").glob("*.yaml")))
CHARTS = [(slug, title) for slug in SLUGS for title in charts_of(slug)]
# The answer to one chart's query while the machine tests everything else: a guard against scans, not the target of 1 s.
CHART_SECONDS = 10
PAINTED_PIXELS = 2_000


@pytest.fixture(scope="module")
def opened(site: Site) -> Iterator[dict[str, Dashboard]]:
    """Every dashboard, each in a window of its own."""
    pages = {slug: site.log_in("viewer", height=3000) for slug in SLUGS}
    yield {slug: site.open(page, slug) for slug, page in pages.items()}
    for page in pages.values():
        page.context.close()


@pytest.mark.parametrize(("slug", "title"), CHARTS)
def test_a_chart_is_drawn(opened: dict[str, Dashboard], mysql: Warehouse, slug: str, title: str) -> None:
    chart = opened[slug].chart(title)
    if title == "Quarantine by reason" and chart.locator(EMPTY).count():
        assert mysql.one("SELECT COUNT(*) FROM v_quarantine") == 0
        return
    canvas = chart.locator("canvas")
    if canvas.count():
        assert canvas.first.evaluate(PAINTED) > PAINTED_PIXELS
    elif chart.locator("path.region").count():
        coloured, outlines = (chart.locator(f"path.region{only}").count() for only in ("[style*='rgb']", ""))
        assert coloured >= outlines / 2, "places with a colour of their own"
    else:
        assert chart.locator(DRAWN).first.inner_text().strip()


@pytest.mark.parametrize(("slug", "title"), CHARTS)
def test_a_chart_has_its_sentence_below(opened: dict[str, Dashboard], slug: str, title: str) -> None:
    sentence = opened[slug].page.locator(".dashboard-markdown", has_text=charts_of(slug)[title]["description"])
    expect(sentence).to_be_visible()
    box, chart_box = sentence.bounding_box(), opened[slug].chart(title).bounding_box()
    assert box is not None
    assert chart_box is not None
    assert box["y"] >= chart_box["y"]


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_went_wrong(opened: dict[str, Dashboard], slug: str) -> None:
    page = opened[slug].page
    assert page.locator(".toast--danger, [data-test=toast-container] .alert-danger").count() == 0
    assert page.locator("[data-test=chart-container] [role=alert], .missing-chart-container").count() == 0
    assert opened[slug].watch.failed == []


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_is_asked_from_outside(opened: dict[str, Dashboard], slug: str) -> None:
    assert opened[slug].watch.outside == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_chart_answers_in_time(opened: dict[str, Dashboard], slug: str) -> None:
    seconds = opened[slug].watch.seconds
    assert len(seconds) >= len(charts_of(slug))
    assert {url: took for url, took in seconds.items() if took > CHART_SECONDS} == {}


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1920, 1080)])
def test_the_page_is_not_wider_than_the_window(site: Site, slug: str, width: int, height: int) -> None:
    page = site.log_in("viewer", width, height)
    site.open(page, slug)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


def test_the_first_sentence_names_who_decides(viewer: Page, site: Site) -> None:
    dashboard = site.open(viewer, "insurance")
    expect(dashboard.page.locator(".dashboard-markdown").first).to_contain_text("State regulators")
    expect(dashboard.page.locator(".dashboard-markdown").first).to_contain_text("decide")
