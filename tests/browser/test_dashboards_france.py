"""Hospital and employment: filters change the numbers, the numbers are the tables', and sexes are never added up."""

from collections.abc import Callable
from functools import partial

from playwright.sync_api import Page, expect

from tests.browser.site import Site, wait_for_number
from tests.lab.tools import Warehouse

PATIENTS = "SELECT SUM(hospitalised) FROM v_hospital_newest"
JOBS = "SELECT SUM(jobs) FROM v_employment_region WHERE is_newest"


def count(mysql: Warehouse, query: str) -> int:
    return int(mysql.one(query) or 0)


def shows(number: Callable[[], int], mysql: Warehouse, query: str, what: str) -> int:
    """The number on the screen, once it is what the query says; simulated days are minutes apart."""
    return wait_for_number(number, partial(count, mysql, query), what)


def test_a_region_narrows_the_patients(viewer: Page, site: Site, mysql: Warehouse) -> None:
    dashboard = site.open(viewer, "hospital")
    number = partial(dashboard.number, "In hospital")
    everybody = shows(number, mysql, f"{PATIENTS} WHERE sex = 0", "patients")
    dashboard.choose("region", "Bretagne")
    bretagne = shows(number, mysql, f"{PATIENTS} WHERE sex = 0 AND region_name = 'Bretagne'", "patients of Bretagne")
    assert 0 < bretagne < everybody


def test_one_sex_is_always_chosen(viewer: Page, site: Site) -> None:
    dashboard = site.open(viewer, "hospital")
    dashboard.clear()
    bar = dashboard.page.locator("[data-test=filter-bar]")
    expect(bar.locator("[data-test=filter-bar__apply-button]")).to_be_disabled()


def test_a_sum_over_the_sexes_has_no_value(mysql: Warehouse) -> None:
    guarded = "CASE WHEN MIN(sex) = MAX(sex) THEN SUM(hospitalised) END"
    assert mysql.one(f"SELECT {guarded} FROM v_hospital_newest") is None
    assert mysql.one(f"SELECT {guarded} FROM v_hospital_newest WHERE sex = 0") is not None


def test_a_region_narrows_the_jobs(viewer: Page, site: Site, mysql: Warehouse) -> None:
    dashboard = site.open(viewer, "employment")
    number = partial(dashboard.number, "Jobs")
    everywhere = shows(number, mysql, JOBS, "jobs")
    dashboard.choose("region", "Corse")
    corse = shows(number, mysql, f"{JOBS} AND region_name = 'Corse'", "jobs of Corse")
    assert 0 < corse < everywhere


def test_the_first_sentences_name_who_decides(viewer: Page, site: Site) -> None:
    for slug, person in (("hospital", "Planners of a health agency"), ("employment", "Regional economists")):
        first = site.open(viewer, slug).page.locator(".dashboard-markdown").first
        expect(first).to_contain_text(f"{person} decide")
