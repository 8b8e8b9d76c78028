"""What MySQL says about a tile, under the filters that act on it, beside what Superset answers."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from instruments.browser.asked import Body
from instruments.browser.assets import Chart, Filter, charts_of, literal, where
from instruments.tools import Warehouse


def differs(
    chart: Chart, mysql: Warehouse, chosen: dict[str, str], form: Body, ask: Callable[[], list[Body]]
) -> str | None:
    """How a fresh answer to a tile differs from MySQL's, which is asked before and after, since rows may arrive.

    `chosen` holds the filters' values by their ids, `form` the time range that the chart is asked with.
    """
    query = chart.query(f"{where(chart, chosen)} AND {within(chart, form)}")
    for _ in range(3):
        before = plain(mysql.one(query))
        (row,) = ask()
        (shown,) = map(plain, row.values())
        after = plain(mysql.one(query))
        if shown in (before, after) or is_between(before, shown, after):
            return None
    return f"{chart.title} shows {shown}, MySQL says {before} to {after}"


def period(form: Body) -> str | None:
    """The time range that a chart's form carries from a filter."""
    found = form.get("extra_form_data", {}).get("time_range")
    return None if found in (None, "No filter") else str(found)


def within(chart: Chart, form: Body) -> str:
    """That time range as SQL."""
    if (found := period(form)) is None:
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


def value_for(mysql: Warehouse, one: Filter) -> str:
    """A value that most rows have; of time, the later half of what has rows, two years at most."""
    if one.column:
        return most_common(mysql, one)
    rows = [
        mysql.rows(f"SELECT MIN({time}) AS first, MAX({time}) AS last FROM {table}")[0] for time, table in times(one)
    ]
    oldest, newest = min(day_of(row["first"]) for row in rows), max(day_of(row["last"]) for row in rows)
    begin = max(newest - timedelta(days=730), oldest + (newest - oldest) // 2)
    return f"{begin} : {newest + timedelta(days=1)}"


def most_common(mysql: Warehouse, one: Filter) -> str:
    """The filter's value that most rows have, so that hardly a chart is left empty; not the one it has already."""
    other = f" AND {one.column} <> {literal(one.default)}" if one.default else ""
    return str(
        mysql.one(
            f"SELECT {one.column} FROM {one.table} WHERE {one.column} IS NOT NULL AND {one.column} <> ''{other}"
            f" GROUP BY {one.column} ORDER BY COUNT(*) DESC, {one.column} LIMIT 1"
        )
    )


def times(one: Filter) -> set[tuple[str, str]]:
    """The time columns, with their tables, that a filter over time acts on."""
    return {
        (chart.time_column, chart.dataset["table_name"])
        for chart in charts_of(one.slug)
        if one.acts_on(chart) and chart.time_column
    }


def day_of(value: date | datetime | None) -> date:
    return date.min if value is None else value.date() if isinstance(value, datetime) else value
