"""Superset as a person in front of a browser sees it: log in, open a dashboard, read its charts, move its filters."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from playwright.sync_api import Browser, Locator, Page, Request, Response, expect

ASSETS = Path(__file__).parents[2] / "superset" / "assets"
PAGE_MS = 60_000
# The canvas or svg of a chart, the number of a tile, the rows of a table: what it draws when it has data.
DRAWN = "canvas, svg.marks, .superset-legacy-chart-country-map path.region, .header-line, tbody tr"
# What Superset shows in place of a chart without a single row.
EMPTY = ".ant-empty"
# Painted pixels of the canvas, 0 for one that was never drawn on.
PAINTED = """canvas => {
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let painted = 0;
    for (let at = 3; at < pixels.length; at += 4) painted += pixels[at] > 0;
    return painted;
}"""


def charts_of(slug: str) -> dict[str, dict[str, Any]]:
    """The charts of a dashboard by title, as the project's files describe them."""
    files = sorted((ASSETS / "charts" / slug).glob("*.yaml"))
    charts = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    return {chart["slice_name"]: chart for chart in charts}


@dataclass
class Watch:
    """What a page asked the network for, and what went wrong."""

    host: str
    outside: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def attach(self, page: Page) -> None:
        page.on("requestfinished", self._finished)
        page.on("requestfailed", self._not_finished)
        page.on("response", self._response)

    def _is_outside(self, url: str) -> bool:
        return urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).netloc != self.host

    def _finished(self, request: Request) -> None:
        if self._is_outside(request.url):
            self.outside.append(request.url)
        elif "chart/data" in request.url or "explore_json" in request.url:
            timing = request.timing
            self.seconds[request.url] = (timing["responseEnd"] - timing["requestStart"]) / 1000

    def _not_finished(self, request: Request) -> None:
        # Superset's build always asks for a counting pixel; the content security policy stops it in the browser.
        if self._is_outside(request.url) and request.failure != "csp":
            self.outside.append(f"{request.url} ({request.failure})")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and not self._is_outside(response.url):
            self.failed.append(f"{response.status} {response.url}")


@dataclass(frozen=True)
class Dashboard:
    """An open dashboard."""

    page: Page
    slug: str
    watch: Watch

    def chart(self, title: str) -> Locator:
        return self.page.locator(f"[data-test-chart-name={title!r}]")

    def wait_until_drawn(self) -> None:
        """Every chart has drawn something and nothing loads any more."""
        for title in charts_of(self.slug):
            drawn = self.chart(title).locator(f"{DRAWN}, {EMPTY}").first
            expect(drawn, f"{title} draws something").to_be_attached(timeout=PAGE_MS)
        expect(self.page.locator("[data-test=loading-indicator]")).to_have_count(0, timeout=PAGE_MS)

    def number(self, title: str) -> int:
        """The number on a tile, without its signs."""
        text = self.chart(title).locator(".header-line").inner_text()
        return int(re.sub(r"[^\d-]", "", text) or "0")

    def choose(self, name: str, *values: str) -> None:
        """Pick values in a native filter, named by the end of its id, and apply them."""
        box = self.page.get_by_role("combobox", name=f"NATIVE_FILTER-{name}", exact=True)
        expect(box, f"filter {name}").to_be_visible(timeout=PAGE_MS)
        box.click()
        for value in values:
            box.fill(value)
            self.page.locator(f".ant-select-item-option[title={value!r}]:visible").click()
        self.page.keyboard.press("Escape")
        self.page.locator("[data-test=filter-bar__apply-button]").click()

    def clear(self) -> None:
        """Take every native filter back; Superset applies that by itself."""
        self.page.locator("[data-test=filter-bar__clear-button]").click()


@dataclass(frozen=True)
class Site:
    """Superset at an address, with the passwords of its two users."""

    browser: Browser
    url: str
    passwords: dict[str, str]

    def log_in(self, user: str, width: int = 1440, height: int = 900) -> Page:
        """A new browser window in which the user has logged in through the form."""
        context = self.browser.new_context(base_url=self.url, viewport={"width": width, "height": height})
        page = context.new_page()
        page.set_default_timeout(PAGE_MS)
        page.goto("/login/")
        page.fill("#username", user)
        page.fill("#password", self.passwords[user])
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    def open(self, page: Page, slug: str) -> Dashboard:
        watch = Watch(urlsplit(self.url).netloc)
        watch.attach(page)
        page.goto(f"/superset/dashboard/{slug}/")
        dashboard = Dashboard(page, slug, watch)
        dashboard.wait_until_drawn()
        return dashboard


def wait_for_number(read: Callable[[], int], low: Callable[[], int], what: str, seconds: float = 90) -> int:
    """The number on the screen once it agrees with the table, which may grow while both are read.

    `low` asks the table, before and after the screen is read. Dashboards answer from a cache of 20 seconds and refresh
    every 30, so that an older number is right for a while.
    """
    deadline = time.monotonic() + seconds
    while True:
        before, shown, after = low(), read(), low()
        if before <= shown <= after:
            return shown
        assert time.monotonic() < deadline, f"{what}: the dashboard shows {shown}, the table holds {before} to {after}"
        time.sleep(1)
