"""A real browser in front of the running lab's Superset."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from lab.host import remote
from lab.observe.access import answers, secret, settings, warehouse
from lab.observe.services import SUPERSET_PORT
from millrace.settings import Lab
from tests.browser.assets import SLUGS
from tests.browser.site import Site
from tests.browser.visit import Visit, record
from tests.lab.conftest import lab, mysql
from tests.lab.tools import Warehouse, wait_until

__all__ = ["lab", "mysql"]

JOBS_SECONDS = 600
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
    compute_weather()
    passwords = {user: secret(f"superset_{user}_password") for user in ("admin", "viewer")}
    return Site(browser, f"http://{host}:{SUPERSET_PORT}", passwords)


def compute_weather() -> None:
    """What weather's batch job computes is there for its charts: its first run may have met a lake without weather."""
    written = "SELECT COUNT(*) FROM batch_job WHERE job = 'weather' AND rows_written > 0"

    def is_there() -> bool:
        with warehouse(settings()) as connection:
            if Warehouse(connection).one(written):
                return True
        remote.run("spark", "sudo systemctl start millrace-batch-weather || true", timeout=JOBS_SECONDS)
        return False

    wait_until(is_there, "the weather's batch job has computed something", JOBS_SECONDS)


@pytest.fixture(scope="module")
def viewer(site: Site) -> Iterator[Page]:
    """A page of the user viewer."""
    page = site.log_in("viewer")
    yield page
    page.close()


@dataclass
class Visits:
    """The dashboards as they were seen, each once in a run."""

    site: Site
    made: dict[str, Visit] = field(default_factory=dict)

    def of(self, slug: str) -> Visit:
        """The recorded visit of a dashboard, which is made when it is first asked for."""
        if slug not in self.made:
            self.made[slug] = record(self.site, slug)
        return self.made[slug]


@pytest.fixture(scope="session")
def visits(site: Site) -> Visits:
    return Visits(site)


@pytest.fixture(scope="session", params=SLUGS)
def dashboard(visits: Visits, request: pytest.FixtureRequest) -> Visit:
    """Each dashboard in turn, visited once by the viewer."""
    return visits.of(request.param)
