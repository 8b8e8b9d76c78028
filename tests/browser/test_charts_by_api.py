"""A script of the viewer gets every chart's data from Superset's API: what its page asks for, as JSON and as CSV."""

import csv
import json
import re
from collections import Counter
from io import StringIO
from typing import Any

from instruments.browser.asked import Body, rows_in
from instruments.browser.assets import Chart
from tests.browser.test_dashboards_draw import MAY_BE_EMPTY
from tests.browser.visit import Visit

LIMIT = re.compile(r"\bLIMIT\s+\d+(,\s*\d+)?(\s+OFFSET\s+\d+)?")
TRIES = 20
"""A map's rows and the last hour's end change between both questions; they are the same in one of so many tries."""


def ask(visit: Visit, chart: Chart, **parameters: str) -> Any:
    """The answer of the chart's own address, past the cache unless told otherwise."""
    number = visit.dashboard.ids[chart.title]
    answer = visit.dashboard.page.request.get(f"/api/v1/chart/{number}/data/", params={"force": "true", **parameters})
    assert answer.ok, f"{chart.title}: {answer.status} {answer.text()[:300]}"
    return answer


def test_every_chart_gives_its_rows_as_json_and_csv_in_the_columns_its_page_gets(dashboard: Visit) -> None:
    empty = []
    for chart in dashboard.charts:
        (result,) = ask(dashboard, chart).json()["result"]
        if dashboard.asked[chart.title].is_query:
            page = dashboard.ask_again(chart)["result"][0]["colnames"]
            assert set(result["colnames"]) == set(page), chart.title
        header, *records = csv.reader(StringIO(ask(dashboard, chart, format="csv", force="false").text()))
        assert len(header) >= len(result["colnames"]) > 0, chart.title
        if (dashboard.slug, chart.title) not in MAY_BE_EMPTY and not (result["data"] and records):
            empty.append(chart.title)
    assert empty == []


def test_every_chart_asks_what_its_page_asks(dashboard: Visit) -> None:
    """MySQL is asked the same words: columns, metrics, conditions, period, order and limit. A table gives all pages."""
    for chart in dashboard.charts:
        if dashboard.asked[chart.title].is_query:
            tries = (by_words(dashboard, chart) for _ in range(TRIES))
            assert any(own == page for own, page in tries), (chart.title, *by_words(dashboard, chart))


def test_every_map_gives_the_rows_its_page_gets(dashboard: Visit) -> None:
    for chart in dashboard.charts:
        if not dashboard.asked[chart.title].is_query:
            tries = (by_place(dashboard, chart) for _ in range(TRIES))
            assert any(own == page for own, page in tries), chart.title


def by_words(visit: Visit, chart: Chart) -> tuple[Counter[str], Counter[str]]:
    """What MySQL is asked by the chart's own address, and by its page."""
    body = json.loads(visit.asked[chart.title].request.post_data or "")
    body |= {"result_type": "query", "queries": body["queries"][:1]}
    (own,) = ask(visit, chart, type="query").json()["result"]
    (page,) = visit.ask_again(chart, json.dumps(body, separators=(",", ":")))["result"]
    is_paged = bool(chart.asset["params"].get("server_pagination"))
    return words(own["query"], is_paged=is_paged), words(page["query"], is_paged=is_paged)


def by_place(visit: Visit, chart: Chart) -> tuple[Body, Body]:
    """A map's values by place: by its own address, and as its page gets them."""
    params = chart.asset["params"]
    own = {row[params["entity"]]: row[params["metric"]] for row in ask(visit, chart).json()["result"][0]["data"]}
    page = {row["country_id"]: row["metric"] for row in rows_in(visit.ask_again(chart))}
    return own, page


def words(sql: str, *, is_paged: bool) -> Counter[str]:
    """What a query is made of, in whichever order it names columns."""
    return Counter(re.split(r"[\s,]+", LIMIT.sub("", sql) if is_paged else sql))
