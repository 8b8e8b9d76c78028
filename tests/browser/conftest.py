"""A real browser in front of the running lab's Superset."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page

from instruments.browser.assets import SLUGS
from instruments.browser.chromium import opened_site
from instruments.browser.site import Site
from instruments.tools import Warehouse, wait_until
from lab.host import remote
from lab.observe.access import settings
from lab.observe.warehouse import warehouse
from millrace.errors import Refused
from millrace.settings import Lab
from tests.browser.visit import Visit, record
from tests.lab.batch_jobs import started_by_me
from tests.lab.conftest import lab, mysql

__all__ = ["lab", "mysql"]

JOBS_SECONDS = 600


@pytest.fixture(scope="session")
def site(lab: Lab) -> Iterator[Site]:
    """The lab's Superset, in the browser that its tests share."""
    try:
        compute_weather()
        with opened_site(lab) as site:
            yield site
    except Refused as refused:
        pytest.fail(str(refused))


def compute_weather() -> None:
    """What weather's batch job computes is there for its charts: its first run may have met a lake without weather."""
    written = "SELECT COUNT(*) FROM batch_job WHERE job = 'weather' AND rows_written > 0"

    def is_there() -> bool:
        with warehouse(settings()) as connection:
            if Warehouse(connection).one(written):
                return True
        with started_by_me():
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
