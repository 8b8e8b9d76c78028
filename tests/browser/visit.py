"""One visit to a dashboard, recorded: what each chart asked for and showed, and what stood on the page."""

import time
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

from instruments.browser.asked import Asked, repeat, rows_in
from instruments.browser.assets import Chart, charts_of
from instruments.browser.site import DRAWN, EMPTY, PAINTED, Dashboard, Site
from tests.browser.shown import says

PAINTED_PIXELS = 1_000
DRAWN_SECONDS = 60
WINDOWS = {1440: 900, 1920: 1080}
TROUBLE = (
    ".toast--danger, [data-test=toast-container] .alert-danger, "
    "[data-test=chart-container] [role=alert], .missing-chart-container"
)


@dataclass(frozen=True)
class Shown:
    """What a chart showed, and the rows it was given for it."""

    rows: list[dict[str, Any]]
    text: str
    is_empty: bool
    pixels: int | None
    """Painted pixels of its canvas; None where it has none."""
    places: tuple[int, int] | None
    """Coloured places of its map, and all; None where it is no map."""
    has_sentence: bool
    """Whether its sentence stands below it."""

    @property
    def value(self) -> Any:
        """A tile's number."""
        ((value,),) = (row.values() for row in self.rows)
        return value

    def lacks(self) -> str | None:
        """What it should show and does not; None when it is drawn."""
        if self.is_empty or not self.rows:
            return "is empty"
        if self.pixels is not None:
            return None if self.pixels > PAINTED_PIXELS else f"painted {self.pixels} pixels"
        if self.places:
            coloured, places = self.places
            return None if coloured * 2 >= min(places, len(self.rows)) else f"coloured {coloured} places"
        return None if self.text not in ("", "N/A", "null", "NaN", "No data") else f"shows {self.text!r}"

    def is_settled(self, chart: Chart) -> bool:
        """Whether no more is to come: all is drawn, and a tile says what it was given."""
        return self.is_empty or (not self.lacks() and (not chart.is_tile or says(self.text, self.value)))


@dataclass(frozen=True)
class Visit:
    """A dashboard as its viewer saw it, tab after tab, in a window that is closed since."""

    dashboard: Dashboard
    shown: dict[str, Shown]
    """By the charts' titles."""
    asked: dict[str, Asked]
    """Each chart's newest request."""
    trouble: list[str]
    """Messages of something that went wrong."""
    first_sentence: str
    edit_buttons: int
    links: set[str]
    widths: dict[int, int]
    """Of the page, by the window's."""

    @property
    def slug(self) -> str:
        return self.dashboard.slug

    @property
    def charts(self) -> tuple[Chart, ...]:
        return charts_of(self.slug)

    @property
    def tiles(self) -> list[Chart]:
        return [chart for chart in self.charts if chart.is_tile]

    def ask_again(self, chart: Chart, body: str | None = None) -> dict[str, Any]:
        """The answer to the chart's request now, past the cache; with another body where one is given."""
        return repeat(self.dashboard.page.request, self.asked[chart.title], body)[0]

    def rows_again(self, chart: Chart, body: str | None = None) -> list[dict[str, Any]]:
        """The rows of that answer."""
        return rows_in(self.ask_again(chart, body))


def record(site: Site, slug: str) -> Visit:
    """Opens a dashboard once, looks at all of it, and closes the window; its session can still ask."""
    page = site.log_in("viewer")
    dashboard = site.open(page, slug)
    shown = {chart.title: observe(dashboard, chart) for chart in dashboard.walk()}
    visit = Visit(
        dashboard,
        shown,
        {chart.title: dashboard.asked(chart)[-1] for chart in dashboard.charts},
        page.locator(TROUBLE).all_inner_texts(),
        page.locator(".dashboard-markdown").first.inner_text(),
        page.get_by_role("button", name="Edit dashboard").count(),
        set(page.locator("a:visible").evaluate_all("links => links.map(link => link.getAttribute('href'))")),
        {width: width_of(page, width, height) for width, height in WINDOWS.items()},
    )
    page.close()
    return visit


def observe(dashboard: Dashboard, chart: Chart) -> Shown:
    """The chart once it is drawn and, if it is a tile, says what it was given; as it stands where that never comes."""
    deadline = time.monotonic() + DRAWN_SECONDS
    while True:
        seen = _seen(dashboard, chart)
        if seen.is_settled(chart) or time.monotonic() > deadline:
            return seen
        dashboard.page.wait_for_timeout(200)


def _seen(dashboard: Dashboard, chart: Chart) -> Shown:
    holder = dashboard.chart(chart.title)
    canvas, regions, drawn = holder.locator("canvas"), holder.locator("path.region"), holder.locator(DRAWN)
    is_map = regions.count() > 0
    return Shown(
        rows=dashboard.asked(chart)[-1].rows(),
        text="" if is_map or not drawn.count() else (drawn.first.text_content() or "").strip(),
        is_empty=holder.locator(EMPTY).count() > 0,
        pixels=int(canvas.first.evaluate(PAINTED)) if canvas.count() else None,
        places=(holder.locator("path.region[style*='rgb']").count(), regions.count()) if is_map else None,
        has_sentence=_is_below(dashboard.page.locator(".dashboard-markdown", has_text=chart.sentence).first, holder),
    )


def _is_below(sentence: Locator, holder: Locator) -> bool:
    box, above = sentence.bounding_box(), holder.bounding_box()
    return bool(box and above and box["y"] >= above["y"])


def width_of(page: Page, width: int, height: int) -> int:
    """How wide the page is in a window of that size."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("width => window.innerWidth === width", arg=width)
    return int(page.evaluate("document.documentElement.scrollWidth"))
