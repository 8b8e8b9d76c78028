"""A real browser in front of the running lab's Superset."""

import shutil
from collections import deque
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from feeds.settings import Lab
from lab.access import answers, secret
from lab.services import SUPERSET_PORT
from tests.browser.assets import SLUGS
from tests.browser.site import Dashboard, Site
from tests.lab.conftest import lab, mysql

__all__ = ["lab", "mysql"]

FIGURES: pytest.StashKey[list[str]] = pytest.StashKey()
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if shutil.which(CHROMIUM) is None:
        pytest.fail(f"{CHROMIUM} is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(lab: Lab, browser: Browser) -> Site:
    """The lab's Superset with its generated passwords."""
    host = lab.address("superset")
    if not answers(host, SUPERSET_PORT):
        pytest.fail(f"Superset does not answer at {host}:{SUPERSET_PORT}: make status")
    passwords = {user: secret(f"superset_{user}_password") for user in ("admin", "viewer")}
    return Site(browser, f"http://{host}:{SUPERSET_PORT}", passwords)


@pytest.fixture(scope="module")
def viewer(site: Site) -> Iterator[Page]:
    """A window of the user viewer."""
    page = site.log_in("viewer")
    yield page
    page.context.close()


@pytest.fixture(scope="session", params=SLUGS)
def dashboard(site: Site, request: pytest.FixtureRequest) -> Iterator[Dashboard]:
    """Each dashboard in turn, open before the viewer, who has seen every tab: all tests of one are done before the next
    opens."""
    page = site.log_in("viewer", height=3000)
    dashboard = site.open(page, request.param)
    deque(dashboard.walk(), maxlen=0)
    yield dashboard
    page.context.close()


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> list[str]:
    """Lines that the run shows at its end: what was measured."""
    return request.config.stash.setdefault(FIGURES, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What was measured, whether it passed or not."""
    lines = config.stash.get(FIGURES, [])
    if lines:
        terminalreporter.section("dashboards: seconds")
        terminalreporter.write_line("\n".join(lines))
