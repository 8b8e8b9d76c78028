"""Admin may change what is there, viewer may only look, and who is not logged in sees nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page, expect

from instruments.browser.assets import SLUGS
from instruments.browser.site import PAGE_MS, Site
from tests.lab.journals import machine_time, wait_until_superset_says

FOREIGN = "pipeline_app"


def dashboard_number(page: Page, slug: str = "insurance") -> int:
    return int(page.request.get(f"/api/v1/dashboard/{slug}").json()["result"]["id"])


def own_dataset(page: Page) -> int:
    """The number of a dataset that the viewer's dashboards show."""
    return int(page.request.get("/api/v1/dashboard/insurance/datasets").json()["result"][0]["id"])


def send(page: Page, method: str, path: str, data: Any) -> int:
    """The status of a request that carries the page's session and a fresh CSRF token."""
    return fetch(page, method, path, data).status


def fetch(page: Page, method: str, path: str, data: Any) -> APIResponse:
    answer = page.request.get("/api/v1/security/csrf_token/")
    # By HTTPS the token counts only from where it was given; a page that is still empty has no address to tell.
    headers = {"X-CSRFToken": answer.json()["result"], "Referer": answer.url}
    return page.request.fetch(path, method=method, data=data, headers=headers)


def refused(page: Page, method: str, path: str, data: Any = None) -> APIResponse:
    """What the viewer is answered, who is refused it and of whom the journal says so."""
    began = machine_time("superset")
    answer = fetch(page, method, path, data)
    assert not answer.ok, f"{method} {path} is answered {answer.status}"
    said = f"refused ({answer.status}): '{method} {path.partition('?')[0]}' by viewer from "
    wait_until_superset_says(said, began)
    return answer


def rows_of(dataset: int, **query: Any) -> dict[str, Any]:
    """What asks for a dataset's first row."""
    count = {"expressionType": "SQL", "sqlExpression": "COUNT(*)", "label": "rows"}
    return {"datasource": {"id": dataset, "type": "table"}, "queries": [{"metrics": [count], "row_limit": 1, **query}]}


@pytest.fixture
def foreign_dataset(site: Site) -> Iterator[int]:
    """A dataset of admin's over a table that no dashboard of the lab shows."""
    page = site.log_in("admin")
    page.goto("/superset/dashboard/insurance/")
    database = page.request.get("/api/v1/database/").json()["result"][0]["id"]
    made = fetch(page, "POST", "/api/v1/dataset/", {"database": database, "table_name": FOREIGN})
    assert made.ok, made.text()
    number = int(made.json()["id"])
    try:
        assert send(page, "POST", "/api/v1/chart/data", rows_of(number)) == 200
        yield number
    finally:
        assert send(page, "DELETE", f"/api/v1/dataset/{number}", None) == 200
        page.close()


def test_viewer_asks_no_other_table(viewer: Page, foreign_dataset: int) -> None:
    assert refused(viewer, "POST", "/api/v1/chart/data", rows_of(foreign_dataset)).status == 403
    assert refused(viewer, "GET", f"/api/v1/dataset/{foreign_dataset}").status == 404


def test_viewer_is_told_no_other_table_s_columns_with_its_dataset(viewer: Page, foreign_dataset: int) -> None:
    address = "/datasource/get/table/{}/"
    assert send(viewer, "GET", address.format(own_dataset(viewer)), None) == 200
    assert refused(viewer, "GET", address.format(foreign_dataset)).status == 403


def test_viewer_reads_no_other_table_within_a_question(viewer: Page) -> None:
    own = own_dataset(viewer)
    assert send(viewer, "POST", "/api/v1/chart/data", rows_of(own)) == 200
    inner = {"expressionType": "SQL", "sqlExpression": f"(SELECT COUNT(*) FROM {FOREIGN})", "label": "foreign"}
    answer = refused(viewer, "POST", "/api/v1/chart/data", rows_of(own, metrics=[inner]))
    assert "sub-quer" in answer.text()


def test_admin_gets_a_list_of_columns_and_viewer_none(site: Site, viewer: Page) -> None:
    table = f"database_name:Millrace,datasource_type:table,schema_name:millrace,table_name:{FOREIGN}"
    address = f"/datasource/external_metadata_by_name/?q=({table},normalize_columns:!f,always_filter_main_dttm:!f)"
    admin = site.log_in("admin")
    assert send(admin, "GET", address, None) == 200
    admin.close()
    assert refused(viewer, "GET", address).status == 403


def test_admin_sees_the_button_to_edit(site: Site) -> None:
    page = site.log_in("admin")
    page.goto("/superset/dashboard/insurance/")
    expect(page.get_by_role("button", name="Edit dashboard")).to_be_visible(timeout=PAGE_MS)
    page.close()


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("PUT", "/api/v1/dashboard/{number}", {"dashboard_title": "changed"}),
        ("DELETE", "/api/v1/dashboard/{number}", None),
        ("POST", "/api/v1/dashboard/", {"dashboard_title": "made"}),
        ("POST", "/api/v1/chart/", {"slice_name": "made"}),
        ("GET", "/api/v1/database/", None),
        ("GET", "/api/v1/security/users/", None),
        ("POST", "/api/v1/sqllab/execute/", {"database_id": 1, "sql": "SELECT 1"}),
    ],
)
def test_viewer_is_refused(viewer: Page, method: str, path: str, data: Any) -> None:
    number = dashboard_number(viewer)
    assert refused(viewer, method, path.format(number=number), data).status in (403, 404)
    assert viewer.request.get(f"/api/v1/dashboard/{number}").json()["result"]["dashboard_title"] == "Health insurance"


@pytest.mark.parametrize("slug", SLUGS)
def test_viewer_changes_no_dashboard(viewer: Page, slug: str) -> None:
    number, address = dashboard_number(viewer, slug), f"/api/v1/dashboard/{slug}"
    before = viewer.request.get(address).json()["result"]
    assert send(viewer, "PUT", f"/api/v1/dashboard/{number}", {"dashboard_title": "changed"}) in (403, 404)
    assert send(viewer, "DELETE", f"/api/v1/dashboard/{number}", None) in (403, 404)
    chart = viewer.request.get(f"{address}/charts").json()["result"][0]["id"]
    assert send(viewer, "PUT", f"/api/v1/chart/{chart}", {"slice_name": "changed"}) in (403, 404)
    after = viewer.request.get(address).json()["result"]
    assert after["dashboard_title"] == before["dashboard_title"]
    assert after["position_json"] == before["position_json"]


def test_a_wrong_password_is_refused(site: Site) -> None:
    page = site.browser.new_context(base_url=site.url).new_page()
    page.goto("/login/")
    page.fill("#username", "viewer")
    page.fill("#password", "not the password")
    # The form comes again; to go elsewhere before it is there would be to run into it.
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#password")).to_be_visible()
    page.goto("/superset/dashboard/insurance/")
    expect(page.locator("#password")).to_be_visible()
    page.context.close()


def test_without_login_there_is_no_data(site: Site) -> None:
    page, began = site.browser.new_context(base_url=site.url).new_page(), machine_time("superset")
    assert page.request.get("/api/v1/dashboard/insurance").status == 401
    assert page.request.post("/api/v1/chart/data", data={}).status == 401
    page.context.close()
    wait_until_superset_says("refused (401): 'GET /api/v1/dashboard/insurance' by nobody from ", began)
    wait_until_superset_says("refused (401): 'POST /api/v1/chart/data' by nobody from ", began)
