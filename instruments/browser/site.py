"""Superset as a person in front of a browser sees it: log in, open a dashboard, read its charts, move its filters."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    expect,
)

from instruments.browser.asked import Asked, Watch, repeat, rows_in
from instruments.browser.assets import Chart, charts_of, tabs_of

PAGE_MS = 60_000
WIDTH = 1440
LOG_INS = 3
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


@dataclass(frozen=True)
class Dashboard:
    """An open dashboard, and how long it took from the address to the last chart of its first tab."""

    page: Page
    slug: str
    watch: Watch
    ids: dict[str, int]
    """Superset's number of each chart, by title."""
    seconds: float

    @property
    def charts(self) -> tuple[Chart, ...]:
        return charts_of(self.slug)

    def show(self, tab: str) -> None:
        """Opens a tab and waits until all on it is drawn."""
        self.page.get_by_role("tab").filter(has=self.page.get_by_text(tab, exact=True)).click()
        wait_until_drawn(self.page, self.slug, tab)

    def walk(self) -> Iterator[Chart]:
        """Every chart, each while it is shown: tab after tab, those beside the tabs first."""
        yield from (chart for chart in self.charts if chart.tab is None)
        for tab in tabs_of(self.slug):
            self.show(tab)
            yield from (chart for chart in self.charts if chart.tab == tab)

    def shown(self) -> list[Chart]:
        """The charts on the screen: those beside the tabs and those on the open one."""
        tabs = self.page.get_by_role("tab", selected=True).all_inner_texts()
        return [chart for chart in self.charts if chart.tab is None or chart.tab in tabs]

    def chart(self, title: str) -> Locator:
        return self.page.locator(f"[data-test-chart-name={title!r}]")

    def asked(self, chart: Chart) -> list[Asked]:
        return self.watch.of(self.ids[chart.title])

    def text(self, title: str) -> str:
        """What stands on a tile."""
        return self.chart(title).locator(".header-line").inner_text().strip()

    def number(self, title: str) -> int:
        """The number on a tile, without its signs."""
        return int(re.sub(r"[^\d-]", "", self.text(title)) or "0")

    def ask_again(self, asked: Asked, *, past_cache: bool = True) -> tuple[dict[str, Any], float]:
        """The same request, but past the cache, where not told otherwise; the answer, and the seconds it took."""
        return repeat(self.page.request, asked, past_cache=past_cache)

    def rows_again(self, asked: Asked) -> list[dict[str, Any]]:
        """The rows in the answer to the same request now."""
        return rows_in(self.ask_again(asked)[0])

    def choose(self, name: str, *values: str) -> None:
        """Pick values in a native filter, named by the end of its id, and apply them."""
        box = self.page.get_by_role("combobox", name=f"NATIVE_FILTER-{name}", exact=True)
        expect(box, f"filter {name}").to_be_visible(timeout=PAGE_MS)
        box.click(force=True)  # the chosen value of a single choice lies over the box
        for value in values:
            box.fill(value)
            self.page.locator(f".ant-select-item-option[title={value!r}]:visible").click()
        self.page.keyboard.press("Escape")
        self.page.locator("[data-test=filter-bar__apply-button]").click()

    def clear(self) -> None:
        """Take every native filter back; Superset applies that by itself."""
        self.page.locator("[data-test=filter-bar__clear-button]").click()


def wait_until_drawn(page: Page, slug: str, tab: str | None) -> None:
    """Every chart beside the tabs and on this one has drawn something, and nothing loads any more."""
    for chart in charts_of(slug):
        if chart.tab not in (None, tab):
            continue
        drawn = page.locator(f"[data-test-chart-name={chart.title!r}]").locator(f"{DRAWN}, {EMPTY}").first
        expect(drawn, f"{chart.title} draws something").to_be_attached(timeout=PAGE_MS)
    expect(page.locator("[data-test=loading-indicator]")).to_have_count(0, timeout=PAGE_MS)


def wait_until_open(page: Page, slug: str) -> None:
    """All that a dashboard shows at first is drawn."""
    wait_until_drawn(page, slug, next(iter(tabs_of(slug)), None))


@dataclass
class Site:
    """Superset at an address, with the passwords of its two users."""

    browser: Browser
    url: str
    passwords: dict[str, str]
    windows: dict[str, BrowserContext] = field(default_factory=dict)

    def log_in(self, user: str, height: int = 900, afresh: bool = False) -> Page:
        """A new page of a user, who logs in through the form the first time.

        Pages of a user share a window, so that the browser reads Superset's scripts once; `afresh` opens a window of
        its own, with nothing kept but the session.
        """
        if user not in self.windows:
            self.windows[user] = self._logged_in(user)
        window = self.windows[user]
        page = (self._window(window.storage_state()) if afresh else window).new_page()
        page.set_viewport_size({"width": WIDTH, "height": height})
        return page

    def _logged_in(self, user: str) -> BrowserContext:
        """A window in which the user has logged in.

        Requests of the page itself carry a session of nobody. An answer to one that comes late, as to what a page sends
        when it is left, is put over the user's: then a person logs in again.
        """
        window = self._window()
        page = window.new_page()
        for _ in range(LOG_INS):
            page.goto("/login/", wait_until="networkidle")
            page.fill("#username", user)
            page.fill("#password", self.passwords[user])
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "/login" not in url)
            me = page.request.get("/api/v1/me/")
            if me.ok:
                break
        assert me.ok, f"{user} is not logged in: {me.text()}"
        page.close()
        return window

    def _window(self, session: Any = None) -> BrowserContext:
        window = self.browser.new_context(base_url=self.url, storage_state=session, accept_downloads=True)
        window.set_default_timeout(PAGE_MS)
        return window

    def seconds_from_the_list(self, slug: str) -> float:
        """From a person's click in the list of dashboards to the last chart, in a new browser window of the viewer."""
        page = self.log_in("viewer", afresh=True)
        page.goto("/dashboard/list/")
        link = page.locator(f"a[href='/superset/dashboard/{slug}/']").first
        expect(link).to_be_visible(timeout=PAGE_MS)
        page.wait_for_load_state("networkidle")
        began = time.perf_counter()
        link.click()
        wait_until_open(page, slug)
        seconds = time.perf_counter() - began
        page.context.close()
        return seconds

    def open(self, page: Page, slug: str, address: str | None = None) -> Dashboard:
        """The dashboard, by its own address or by a link to it, once all of it is drawn."""
        listed = page.request.get(f"/api/v1/dashboard/{slug}/charts").json()
        ids = {chart["slice_name"]: chart["id"] for chart in listed["result"]}
        watch = Watch(urlsplit(self.url).netloc)
        watch.attach(page)
        began = time.perf_counter()
        page.goto(address or f"/superset/dashboard/{slug}/")
        wait_until_open(page, slug)
        return Dashboard(page, slug, watch, ids, time.perf_counter() - began)


def eventually(page: Page, holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Returns once it holds; fails with `what` after the deadline. The page's events come in meanwhile."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what}, not after {seconds:.0f} s"
        page.wait_for_timeout(200)


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
