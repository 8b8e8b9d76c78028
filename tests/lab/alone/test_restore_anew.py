"""A lab that is gone comes back from its backup: rows, refusals, what counts as sent, and a person's own dashboard."""

import re
from collections.abc import Iterator

import httpx
import pytest

from instruments.tools import Run, WarehouseAfresh, millrace, send, source_of, wait_until
from lab.location import CHECKOUT
from lab.observe.access import secret
from lab.observe.superset import superset_client
from millrace.settings import Lab
from tests.lab.commands.test_readme import shell

UP_SECONDS = 1800
pytestmark = [pytest.mark.full, pytest.mark.timeout(3 * UP_SECONDS)]
FEED, SIMULATED = "insurance_network", "sales"
FILE = CHECKOUT / "feeds" / FEED / "sample.csv"
LOCAL = CHECKOUT / "lab.local.yml"
SLUG, CHART = "test-of-my-own", "A chart of my own"


class Afresh(WarehouseAfresh):
    """Asks by a connection of its own each time: the server of before is not there any more."""

    def of_file(self) -> tuple[list[dict[str, object]], int]:
        """The file's rows, and how many of its records are refused."""
        source = source_of(FEED, FILE)
        rows = self.rows(f"SELECT * FROM {FEED} WHERE source_id = {source} ORDER BY row_no")
        refused = f"SELECT COUNT(*) FROM quarantine WHERE feed = '{FEED}' AND source_id = {source}"
        return [row | {"load_id": None} for row in rows], self.one(refused)

    def simulated(self) -> tuple[int, int]:
        """How many records of the simulator's newest source are loaded or refused, and the number of the last one."""
        source = self.one(
            f"SELECT source_id FROM pipeline_source WHERE feed = '{SIMULATED}' AND origin = 'simulator'"
            " ORDER BY newest_sent_at DESC LIMIT 1"
        )
        numbers = (
            f"SELECT row_no FROM {SIMULATED} WHERE source_id = {source} UNION SELECT row_no FROM quarantine"
            f" WHERE feed = '{SIMULATED}' AND source_id = {source}"
        )
        (found,) = self.rows(f"SELECT COUNT(*) AS there, MAX(row_no) AS last FROM ({numbers}) AS numbers")
        return found["there"], found["last"]


@pytest.fixture
def admin(lab: Lab) -> Iterator[httpx.Client]:
    """Signed in to Superset as admin, and allowed to change something."""
    with superset_client(lab, 60) as client:
        sign_in(client)
        yield client
        sign_in(client)
        client.delete(f"/api/v1/dashboard/{client.get(f'/api/v1/dashboard/{SLUG}').json()['result']['id']}")


def sign_in(client: httpx.Client) -> None:
    """By the passwords and sessions of the Superset that is there now."""
    client.cookies.clear()
    login = {"username": "admin", "password": secret("superset_admin_password"), "provider": "db"}
    token = client.post("/api/v1/security/login", json=login).raise_for_status().json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    client.headers["X-CSRFToken"] = client.get("/api/v1/security/csrf_token/").raise_for_status().json()["result"]


def make_dashboard(client: httpx.Client) -> None:
    """One of a person's own, with a chart of their own."""
    made = {"dashboard_title": "Of my own", "slug": SLUG, "published": True}
    number = client.post("/api/v1/dashboard/", json=made).raise_for_status().json()["id"]
    dataset = client.get("/api/v1/dashboard/insurance/datasets").raise_for_status().json()["result"][0]["id"]
    chart = {"slice_name": CHART, "viz_type": "table", "datasource_id": dataset, "datasource_type": "table"}
    client.post("/api/v1/chart/", json=chart | {"dashboards": [number]}).raise_for_status()


def charts(client: httpx.Client) -> list[str]:
    """The titles of the charts on it."""
    shown = client.get(f"/api/v1/dashboard/{SLUG}/charts").raise_for_status().json()["result"]
    return [chart["slice_name"] for chart in shown]


def done(run: Run) -> str:
    assert run.code == 0, run.out + run.err
    return run.out


def test_a_lab_that_is_gone_comes_back_from_its_backup(lab: Lab, admin: httpx.Client) -> None:
    mysql, sent = Afresh(), send(FEED, FILE).sent
    make_dashboard(admin)
    there, settings = mysql.of_file(), LOCAL.read_bytes() if LOCAL.exists() else None
    (name,) = re.findall(r"^(backups/millrace-\S+\.tar) ", done(millrace("backup", timeout=UP_SECONDS)), re.MULTILINE)
    archive = CHECKOUT / name
    try:
        before = mysql.simulated()
        done(millrace("destroy", timeout=UP_SECONDS))
        restored = shell(f"make restore FILE={name} YES=1", timeout=UP_SECONDS)
        assert restored.returncode == 0, restored.stdout + restored.stderr
    finally:
        archive.unlink()
    assert (LOCAL.read_bytes() if LOCAL.exists() else None) == settings
    assert mysql.of_file() == there
    again = send(FEED, FILE)
    assert (again.sent, again.loaded, again.duplicates + again.quarantined) == (sent, 0, sent)
    sign_in(admin)
    assert charts(admin) == [CHART]
    wait_until(lambda: mysql.simulated()[1] > before[1], "the simulator has gone on behind where it was", 300)
    wait_until(lambda: len(set(mysql.simulated())) == 1, "no record of it is missing", 60)
    done(millrace("verify", timeout=UP_SECONDS))
