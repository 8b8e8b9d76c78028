"""Tiles show what MySQL says, and filters change them to what MySQL says under the filter.

Each chart's recorded request is repeated with the filter put in, as Superset's page does it, which the tests with a
mouse hold against the page's own requests.
"""

import json
from datetime import UTC, datetime
from functools import partial

import pytest

from instruments.browser.asked import Body, columns_applied, rows_in, with_filter
from instruments.browser.assets import SLUGS, Filter, filters_of, select_filters
from instruments.tools import Warehouse
from tests.browser.numbers import differs, period, value_for
from tests.browser.shown import says
from tests.browser.visit import Visit


def test_a_tile_shows_what_its_query_gave(dashboard: Visit) -> None:
    tiles = {chart.title: dashboard.shown[chart.title] for chart in dashboard.tiles}
    assert tiles
    assert {title: (tile.text, tile.value) for title, tile in tiles.items() if not says(tile.text, tile.value)} == {}


def test_the_filters_that_hold_at_first_reach_exactly_their_charts(dashboard: Visit) -> None:
    for one in filters_of(dashboard.slug):
        for chart in dashboard.charts:
            asked = dashboard.asked[chart.title]
            if one.column:
                assert asked.has(one, one.default if one.acts_on(chart) else None), (one.name, chart.title)
            elif one.default_period and one.acts_on(chart):
                assert period(asked.form) == one.default_period, (one.name, chart.title)


def test_numbers_are_those_of_the_tables(dashboard: Visit, mysql: Warehouse) -> None:
    wrong = [
        differs(chart, mysql, {}, dashboard.asked[chart.title].form, partial(dashboard.rows_again, chart))
        for chart in dashboard.tiles
    ]
    assert [what for what in wrong if what] == []


def test_every_filter_narrows_its_charts(dashboard: Visit, mysql: Warehouse) -> None:
    for one in filters_of(dashboard.slug):
        value = value_for(mysql, one)
        answers = {
            chart.title: dashboard.ask_again(chart, dashboard.asked[chart.title].narrowed(one, value))
            for chart in dashboard.charts
            if one.acts_on(chart)
        }
        assert [title for title, answer in answers.items() if not is_applied(answer, one, value)] == []
        changed = [title for title, answer in answers.items() if rows_in(answer) != dashboard.shown[title].rows]
        assert changed, f"{one.name} = {value} changed no chart"
        assert narrowed_wrongly(dashboard, mysql, one, value) == []


def is_applied(answer: Body, one: Filter, value: str) -> bool:
    """Whether Superset says that it asked under the filter."""
    if one.column:
        return one.column in columns_applied(answer)
    first = datetime.fromisoformat(value.split(" : ", maxsplit=1)[0]).replace(tzinfo=UTC)
    found = answer["result"][0] if "result" in answer else answer
    return bool(found["from_dttm"] == first.timestamp() * 1000)


def narrowed_wrongly(dashboard: Visit, mysql: Warehouse, one: Filter, value: str) -> list[str]:
    """The filter's tiles that answer other than MySQL under it."""
    wrong = []
    for chart in dashboard.tiles:
        if one.acts_on(chart):
            asked = dashboard.asked[chart.title]
            form, body = with_filter(asked.form, one, value), asked.narrowed(one, value)
            chosen = {one.key: value} if one.column else {}
            wrong.append(differs(chart, mysql, chosen, form, partial(dashboard.rows_again, chart, body)))
    return [what for what in wrong if what]


def test_the_lab_s_filters_leave_out_exactly_the_other_charts(dashboard: Visit) -> None:
    """Superset numbers the charts anew when it takes the files in: what it made of the scopes counts."""
    page, ids = dashboard.dashboard.page, dashboard.dashboard.ids
    metadata = json.loads(page.request.get(f"/api/v1/dashboard/{dashboard.slug}").json()["result"]["json_metadata"])
    found = {one["id"]: one["scope"] for one in metadata.get("native_filter_configuration", [])}
    assert set(found) == {one.key for one in filters_of(dashboard.slug)}
    for one in filters_of(dashboard.slug):
        others = {ids[chart.title] for chart in dashboard.charts if not one.acts_on(chart)}
        assert set(found[one.key]["excluded"]) == others, one.name
        assert found[one.key]["rootPath"] == ["ROOT_ID"]


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug not in ("overview",)])
def test_a_dashboard_has_a_filter(slug: str) -> None:
    assert select_filters(slug)
