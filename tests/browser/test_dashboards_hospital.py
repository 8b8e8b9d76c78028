"""Hospital: sexes are never added up."""

from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.lab.tools import Warehouse


def test_one_sex_is_always_chosen(viewer: Page, site: Site) -> None:
    dashboard = site.open(viewer, "hospital")
    dashboard.clear()
    bar = dashboard.page.locator("[data-test=filter-bar]")
    expect(bar.locator("[data-test=filter-bar__apply-button]")).to_be_disabled()


def test_a_sum_over_the_sexes_has_no_value(mysql: Warehouse) -> None:
    guarded = "CASE WHEN MIN(sex) = MAX(sex) THEN SUM(hospitalised) END"
    assert mysql.one(f"SELECT {guarded} FROM v_hospital_newest") is None
    assert mysql.one(f"SELECT {guarded} FROM v_hospital_newest WHERE sex = 0") is not None
