"""A real browser in front of the running lab's Superset."""

import base64
import hashlib
import os
import shutil
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from playwright.sync_api import Browser, Page, sync_playwright

from lab.host import remote
from lab.observe.access import answers, authority, secret, settings
from lab.observe.services import SUPERSET_PORT, superset_url
from lab.observe.warehouse import warehouse
from millrace.errors import Refused
from millrace.settings import Lab
from tests.browser.assets import SLUGS
from tests.browser.site import Site
from tests.browser.visit import Visit, record
from tests.lab.batch_jobs import started_by_me
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
def site(lab: Lab) -> Iterator[Site]:
    """The lab's Superset, in the browser that its tests share."""
    try:
        compute_weather()
        with opened_site(lab) as site:
            yield site
    except Refused as refused:
        pytest.fail(str(refused))


@contextmanager
def opened_site(lab: Lab) -> Iterator[Site]:
    """Superset with its generated passwords, in a browser of its own; Refused where one of the two is not there."""
    host = lab.address("superset")
    if shutil.which(CHROMIUM) is None:
        raise Refused(f"{CHROMIUM} is missing: apt-get install chromium.")
    if not answers(host, SUPERSET_PORT):
        raise Refused(f"Superset does not answer at {host}:{SUPERSET_PORT}: make status.")
    passwords = {user: secret(f"superset_{user}_password") for user in ("admin", "viewer")}
    with opened_browser(lab) as browser:
        yield Site(browser, superset_url(lab), passwords)


@contextmanager
def opened_browser(lab: Lab) -> Iterator[Browser]:
    """Chromium, which where lab.yml encrypts knows Superset by its certificate, as a person's does by the authority."""
    trusted = [f"--ignore-certificate-errors-spki-list={key_of_superset(lab)}"] if lab.encrypts else []
    if lab.encrypts:
        # What a page's tests ask beside the page goes through Node, which reads this at its start.
        os.environ["NODE_EXTRA_CA_CERTS"] = str(authority())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *trusted])
        try:
            yield browser
        finally:
            browser.close()


def key_of_superset(lab: Lab) -> str:
    """The SHA-256 of its public key, in base64; raises ssl.SSLError where this lab's authority has not signed it."""
    pem = ssl.get_server_certificate((lab.address("superset"), SUPERSET_PORT), ca_certs=str(authority()))
    key = load_pem_x509_certificate(pem.encode()).public_key()
    whole = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(whole).digest()).decode()


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
