"""Weather: the period begins with the simulation, a country narrows the numbers, and the numbers are the tables'."""

from functools import partial

from playwright.sync_api import Page, expect

from tests.browser.site import Site, wait_for_number
from tests.lab.tools import Warehouse

CITIES = "SELECT COUNT(DISTINCT city, country) FROM v_weather_day WHERE observed_day >= '2025-11-01'"
OBSERVATIONS = "SELECT SUM(observations) FROM v_weather_day WHERE observed_day >= '2025-11-01'"


def count(mysql: Warehouse, query: str) -> int:
    return int(mysql.one(query) or 0)


def test_a_country_narrows_cities_and_observations(viewer: Page, site: Site, mysql: Warehouse) -> None:
    dashboard = site.open(viewer, "weather")
    cities, observations = (partial(dashboard.number, title) for title in ("Cities", "Observations"))
    everywhere = wait_for_number(cities, partial(count, mysql, CITIES), "cities")
    wait_for_number(observations, partial(count, mysql, OBSERVATIONS), "observations")
    dashboard.choose("country", "NO")
    in_norway = partial(count, mysql, f"{CITIES} AND country = 'NO'")
    assert 0 < wait_for_number(cities, in_norway, "cities in Norway") < everywhere
    seen_in_norway = partial(count, mysql, f"{OBSERVATIONS} AND country = 'NO'")
    wait_for_number(observations, seen_in_norway, "observations in Norway")


def test_the_first_sentence_names_who_decides(viewer: Page, site: Site) -> None:
    first = site.open(viewer, "weather").page.locator(".dashboard-markdown").first
    expect(first).to_contain_text("The operations planner of a power grid decides")
