"""Tiles show what MySQL says, and native filters change them to what MySQL says under the filter."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.browser.assets import SLUGS, Chart, Filter, filters_of, literal, select_filters, where
from tests.browser.shown import says
from tests.browser.site import Asked, Dashboard, eventually, rows_in, wait_until_drawn
from tests.lab.tools import Warehouse


def test_a_tile_shows_what_its_query_gave(dashboard: Dashboard) -> None:
    wait_until_tiles_agree(dashboard, tiles(dashboard))


def test_a_period_that_holds_at_first_reaches_its_charts(dashboard: Dashboard) -> None:
    for one in filters_of(dashboard.slug):
        concerned = [chart for chart in dashboard.charts if one.acts_on(chart) and chart.time_column]
        if one.default_period:
            assert {period(latest(dashboard, chart)) for chart in concerned} == {one.default_period}


def test_numbers_are_those_of_the_tables(dashboard: Dashboard, mysql: Warehouse) -> None:
    assert tiles(dashboard)
    assert [what for chart in tiles(dashboard) if (what := differs(dashboard, chart, mysql, {}))] == []


def test_every_filter_narrows_exactly_its_charts(dashboard: Dashboard, mysql: Warehouse) -> None:
    for one in select_filters(dashboard.slug):
        value = most_common(mysql, one)
        before = [(chart, latest(dashboard, chart).rows()) for chart in dashboard.shown() if one.acts_on(chart)]
        dashboard.choose(one.short, value)
        for chart in dashboard.walk():
            if one.acts_on(chart):
                wait_until_narrowed(dashboard, chart, one, value)
        narrowed = [chart for chart in tiles(dashboard) if one.acts_on(chart)]
        assert [w for chart in narrowed if (w := differs(dashboard, chart, mysql, {one.key: value}))] == []
        wait_until_tiles_agree(dashboard, narrowed)
        changed = [chart.title for chart, rows in before if latest(dashboard, chart).rows() != rows]
        assert changed, f"{one.name} = {value} changed no chart"
        others = [chart for chart in dashboard.charts if not one.acts_on(chart)]
        assert [chart.title for chart in others if has_value(latest(dashboard, chart), one, value)] == []
        if one.default is None:
            dashboard.clear()
        else:
            dashboard.choose(one.short, one.default)
        for chart in dashboard.shown():
            if one.acts_on(chart):
                wait_until_narrowed(dashboard, chart, one, one.default)
    for chart in dashboard.walk():
        for one in select_filters(dashboard.slug):
            if one.acts_on(chart):
                wait_until_narrowed(dashboard, chart, one, one.default)


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug not in ("overview",)])
def test_a_dashboard_has_a_filter(slug: str) -> None:
    assert select_filters(slug)


def tiles(dashboard: Dashboard) -> list[Chart]:
    return [chart for chart in dashboard.charts if chart.is_tile]


def latest(dashboard: Dashboard, chart: Chart) -> Asked:
    return dashboard.asked(chart)[-1]


def wait_until_tiles_agree(dashboard: Dashboard, charts: list[Chart]) -> None:
    def agree() -> bool:
        return all(agrees(dashboard, chart) for chart in charts)

    eventually(dashboard.page, agree, f"tiles of {dashboard.slug} show their answers", 20)


def wait_until_narrowed(dashboard: Dashboard, chart: Chart, one: Filter, value: str | None) -> None:
    """The chart, which is on the screen, has asked with that value of the filter, or without one, and is drawn."""

    def is_narrowed() -> bool:
        return has_value(latest(dashboard, chart), one, value)

    eventually(dashboard.page, is_narrowed, f"{one.name} = {value} reaches {chart.title}")
    wait_until_drawn(dashboard.page, dashboard.slug, chart.tab)


def has_value(asked: Asked, one: Filter, value: str | None) -> bool:
    """Whether the chart's request carries the filter with that value, or none at all."""
    filters = asked.form.get("extra_form_data", {}).get("filters", [])
    values = [str(condition["val"][0]) for condition in filters if condition["col"] == one.column]
    return values == ([] if value is None else [value])


def agrees(dashboard: Dashboard, chart: Chart) -> bool:
    """Whether the tile says what its newest answer holds."""
    (row,) = latest(dashboard, chart).rows()
    (value,) = row.values()
    return says(dashboard.text(chart.title), value)


def differs(dashboard: Dashboard, chart: Chart, mysql: Warehouse, chosen: dict[str, str]) -> str | None:
    """How the chart's fresh answer differs from MySQL's, which is asked before and after, since rows may arrive."""
    query = chart.query(f"{where(chart, chosen)} AND {within(chart, latest(dashboard, chart))}")
    for _ in range(3):
        before = plain(mysql.one(query))
        (row,) = rows_in(dashboard.ask_again(latest(dashboard, chart))[0])
        (shown,) = map(plain, row.values())
        after = plain(mysql.one(query))
        if shown in (before, after) or is_between(before, shown, after):
            return None
    return f"{chart.title} shows {shown}, MySQL says {before} to {after}"


def period(asked: Asked) -> str | None:
    """The time range that a chart's request carries from a filter."""
    found = asked.form.get("extra_form_data", {}).get("time_range")
    return None if found in (None, "No filter") else str(found)


def within(chart: Chart, asked: Asked) -> str:
    """That time range as SQL."""
    if (found := period(asked)) is None:
        return "TRUE"
    first, last = found.split(" : ")
    return f"{chart.time_column} >= {literal(first)} AND {chart.time_column} < {literal(last)}"


def is_between(one: Any, shown: Any, other: Any) -> bool:
    if not all(isinstance(value, float) for value in (one, shown, other)):
        return False
    room = 1e-9 * max(abs(one), abs(other))
    return bool(min(one, other) - room <= shown <= max(one, other) + room)


def plain(value: Any) -> Any:
    """A number as a float, a day as Superset sends it: milliseconds since 1970."""
    if isinstance(value, datetime | date):
        return (datetime(value.year, value.month, value.day) - datetime(1970, 1, 1)).total_seconds() * 1000
    return float(value) if isinstance(value, int | float | Decimal) else value


def most_common(mysql: Warehouse, one: Filter) -> str:
    """The filter's value that most rows have, so that hardly a chart is left empty; not the one it has already."""
    other = f" AND {one.column} <> {literal(one.default)}" if one.default else ""
    return str(
        mysql.one(
            f"SELECT {one.column} FROM {one.table} WHERE {one.column} IS NOT NULL AND {one.column} <> ''{other}"
            f" GROUP BY {one.column} ORDER BY COUNT(*) DESC, {one.column} LIMIT 1"
        )
    )
