"""A lab that is gone comes back from its backup: rows, refusals, what counts as sent, and a person's own dashboard."""

import re
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from instruments.simulated import Simulated
from instruments.tools import Run, WarehouseAfresh, millrace, send, source_of, wait_until
from lab.location import CHECKOUT
from lab.observe.access import secret
from lab.observe.superset import superset_client
from millrace.settings import Lab
from millrace.yaml_file import read_yaml
from tests.lab.commands.test_readme import shell

UP_SECONDS = 1800
pytestmark = [pytest.mark.full, pytest.mark.timeout(3 * UP_SECONDS)]
FEED = "insurance_network"
FILE = CHECKOUT / "feeds" / FEED / "sample.csv"
LOCAL = CHECKOUT / "lab.local.yml"
SLUG, CHART = "a-test-s-own", "A test's own chart"
DASHBOARD = f"/api/v1/dashboard/{SLUG}"


class Afresh(WarehouseAfresh):
    """The server of before is not there any more: each question has a connection of its own."""

    def of_file(self) -> tuple[list[dict[str, object]], int]:
        """The file's rows, and how many of its records are refused."""
        source = source_of(FEED, FILE)
        rows = self.rows(f"SELECT * FROM {FEED} WHERE source_id = {source} ORDER BY row_no")
        refused = f"SELECT COUNT(*) FROM quarantine WHERE feed = '{FEED}' AND source_id = {source}"
        return [row | {"load_id": None} for row in rows], self.one(refused)


@pytest.fixture
def admin(lab: Lab) -> Iterator[httpx.Client]:
    """Signed in to Superset as admin; what the test makes there is gone before and after it, if there is a lab."""
    with superset_client(lab, 60) as client:
        sign_in(client)
        clean_up(client)
        yield client
        with suppress(httpx.HTTPError):
            sign_in(client)
            clean_up(client)


@pytest.fixture
def settings_of_before() -> Iterator[dict[str, object]]:
    """What lab.local.yml says; a restore writes it anew."""
    before = LOCAL.read_bytes() if LOCAL.exists() else None
    yield read_yaml(LOCAL) if before else {}
    if before is not None:
        LOCAL.write_bytes(before)


def sign_in(client: httpx.Client) -> None:
    """By the passwords and sessions of the Superset that is there now."""
    client.cookies.clear()
    login = {"username": "admin", "password": secret("superset_admin_password"), "provider": "db"}
    token = client.post("/api/v1/security/login", json=login).raise_for_status().json()["access_token"]
    client.headers.update({"Authorization": f"Bearer {token}", "Referer": str(client.base_url)})
    client.headers["X-CSRFToken"] = client.get("/api/v1/security/csrf_token/").raise_for_status().json()["result"]


def make_dashboard(client: httpx.Client) -> None:
    """One with a chart."""
    made = {"dashboard_title": "A test's own", "slug": SLUG, "published": True}
    number = client.post("/api/v1/dashboard/", json=made).raise_for_status().json()["id"]
    dataset = client.get("/api/v1/dashboard/insurance/datasets").raise_for_status().json()["result"][0]["id"]
    chart = {"slice_name": CHART, "viz_type": "table", "datasource_id": dataset, "datasource_type": "table"}
    client.post("/api/v1/chart/", json=chart | {"dashboards": [number]}).raise_for_status()


def charts(client: httpx.Client) -> dict[int, str]:
    """Those on the dashboard, by number; none where there is no such dashboard."""
    found = client.get(f"{DASHBOARD}/charts")
    return {chart["id"]: chart["slice_name"] for chart in found.json()["result"]} if found.is_success else {}


def clean_up(client: httpx.Client) -> None:
    for number in charts(client):
        client.delete(f"/api/v1/chart/{number}").raise_for_status()
    if (found := client.get(DASHBOARD)).is_success:
        client.delete(f"/api/v1/dashboard/{found.json()['result']['id']}").raise_for_status()


def done(run: Run) -> str:
    assert run.code == 0, run.out + run.err
    return run.out


def test_a_lab_that_is_gone_comes_back_from_its_backup(
    lab: Lab, admin: httpx.Client, settings_of_before: dict[str, object]
) -> None:
    mysql, simulated, sent = Afresh(), Simulated(lab), send(FEED, FILE).sent
    make_dashboard(admin)
    there, last = mysql.of_file(), simulated.last()
    (name,) = re.findall(r"^(backups/millrace-\S+\.tar) ", done(millrace("backup", timeout=UP_SECONDS)), re.MULTILINE)
    done(millrace("destroy", timeout=UP_SECONDS))
    restored = shell(f"make restore FILE={name} YES=1", timeout=UP_SECONDS)
    assert restored.returncode == 0, f"{name} is all that is left\n{restored.stdout}{restored.stderr}"
    assert (read_yaml(LOCAL) if LOCAL.exists() else {}) == settings_of_before
    assert mysql.of_file() == there
    again = send(FEED, FILE)
    assert (again.sent, again.loaded, again.duplicates) == (sent, 0, sent)
    sign_in(admin)
    assert list(charts(admin).values()) == [CHART]
    wait_until(lambda: simulated.is_whole_behind(last), "the simulator has gone on behind where it was", 600)
    done(millrace("verify", timeout=UP_SECONDS))
    (CHECKOUT / name).unlink()
