"""What each chart asks for by itself is what its page asks for: columns, metrics, order, limits, conditions, period."""

import json
from typing import Any

import pytest

from instruments.browser.assets import CHARTS, DASHBOARDS, DATASETS
from superset.query_contexts import KINDS, opened_with, query_context

Asked = dict[str, Any]


def context_of(name: str) -> Asked:
    chart = CHARTS[name]
    made = query_context(chart["params"], opened_with(chart["uuid"], DASHBOARDS.values()))
    assert made is not None, (
        f"{name} is of the kind {chart['viz_type']}, which superset/query_contexts.py does not know"
    )
    return dict(json.loads(made))


def asked(name: str) -> Asked:
    (query,) = context_of(name)["queries"]
    return dict(query)


def axis(column: str, grain: str | None = None) -> Asked:
    plain = {"columnType": "BASE_AXIS", "expressionType": "SQL", "isColumnReference": True}
    return plain | {"sqlExpression": column, "label": column} | ({"timeGrain": grain} if grain else {})


def any_time(column: str) -> Asked:
    return {"col": column, "op": "TEMPORAL_RANGE", "val": "No filter"}


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_asks_for_what_its_dataset_has(name: str) -> None:
    context, chart = context_of(name), CHARTS[name]
    (query,) = context["queries"]
    dataset = DATASETS[chart["dataset_uuid"]]
    columns = {one["column_name"] for one in dataset["columns"]}
    metrics = {one["metric_name"] for one in dataset["metrics"]}
    named = [one if isinstance(one, str) else one["sqlExpression"] for one in query["columns"]]
    assert set(named) | {one["col"] for one in query["filters"]} <= columns
    assert set(query.get("metrics", [])) <= metrics
    assert query.get("metrics") or query["columns"]
    assert query.get("row_limit") == chart["params"].get("row_limit")
    assert context["form_data"] == chart["params"]
    assert chart["viz_type"] in KINDS


def test_a_tile_asks_for_its_metric_with_the_filter_its_dashboard_opens_with() -> None:
    query = asked("hospital/hospitalised-now")
    all_sexes = {"col": "sex_name", "op": "IN", "val": ["All"]}
    assert (query["columns"], query["metrics"], query["filters"][-1]) == ([], ["hospitalised_now"], all_sexes)


def test_a_filter_that_spares_a_chart_is_none_of_its_own() -> None:
    assert all_sexes_of("hospital/men-and-women") == []
    assert len(all_sexes_of("hospital/epidemic-curve")) == 1


def all_sexes_of(name: str) -> list[Asked]:
    return [one for one in asked(name)["filters"] if one["col"] == "sex_name"]


def test_the_period_that_a_dashboard_opens_with_is_the_charts() -> None:
    assert asked("pipeline-health/rows-per-second")["time_range"] == "Last day"
    assert "time_range" not in asked("pipeline-health/feeds-running")
    assert "time_range" not in asked("sales/revenue-by-day")


def test_a_line_over_time_is_pivoted_and_resampled() -> None:
    query = asked("hospital/epidemic-curve")
    assert query["columns"] == [axis("day", "P1D")]
    assert query["metrics"] == ["hospitalised", "intensive_care"]
    assert query["orderby"] == [["hospitalised", False]]
    assert query["filters"][0] == any_time("day")
    assert query["extras"] == {"having": "", "where": "", "time_grain_sqla": "P1D"}
    means = {"hospitalised": {"operator": "mean"}, "intensive_care": {"operator": "mean"}}
    assert query["post_processing"] == [
        {
            "operation": "pivot",
            "options": {"index": ["day"], "columns": [], "aggregates": means, "drop_missing_columns": False},
        },
        {"operation": "resample", "options": {"method": "asfreq", "rule": "1D", "fill_value": None}},
        {"operation": "flatten"},
    ]


def test_the_series_of_one_metric_carry_their_own_names() -> None:
    query = asked("insurance/premium-by-age")
    assert query["columns"] == [axis("age_from"), "metal_level"]
    assert query["series_columns"] == ["metal_level"]
    rename = {"operation": "rename", "options": {"columns": {"mean_premium": None}, "level": 0, "inplace": True}}
    assert [one["operation"] for one in query["post_processing"]] == ["pivot", "rename", "flatten"]
    assert query["post_processing"][1] == rename


def test_bars_are_sorted_as_they_stand() -> None:
    sort = {
        "operation": "sort",
        "options": {"by": "networks", "ascending": CHARTS[NETWORKS]["params"]["x_axis_sort_asc"]},
    }
    assert asked(NETWORKS)["post_processing"][1] == sort
    steps = asked("procurement/contracts-by-distance")["post_processing"]
    assert all(one["options"]["is_sort_index"] for one in steps if one["operation"] == "sort")


NETWORKS = "insurance/networks-by-state"


def test_a_table_asks_for_all_its_rows_in_order() -> None:
    query = asked("procurement/flagged-records")
    assert query["columns"] == ["id_as_published", "buyer_name", "flag"]
    assert query["metrics"] == ["published_total", "lost_total"]
    assert (query["orderby"], query["row_limit"]) == ([["published_total", False]], 10_000)


def test_a_table_of_records_names_columns_and_no_metric() -> None:
    query = asked("pipeline-health/recent-loads")
    assert query["columns"][0] == "load_id"
    assert query["orderby"] == [["load_id", False]]
    assert "metrics" not in query


def test_a_bubble_has_its_place_its_layer_and_three_metrics() -> None:
    query = asked("procurement/buyers-map")
    assert query["columns"] == ["place", "layer"]
    assert query["metrics"] == ["longitude_of", "latitude_of", "contract_count"]
    newest = asked("weather/pressure-clouds")["orderby"]
    assert [(one["sqlExpression"], is_ascending) for one, is_ascending in newest] == [("MAX(observed_day)", False)]


def test_a_heat_map_is_ordered_by_both_axes() -> None:
    query = asked("sales/busy-hours")
    assert query["columns"] == [axis("hour_of_day"), "weekday"]
    assert query["orderby"] == [["hour_of_day", True], ["weekday", False]]
    assert query["post_processing"] == [{"operation": "rank", "options": {"metric": "lines_sold"}}]


def test_a_map_asks_for_its_places() -> None:
    query = asked("insurance/premium-by-state")
    assert (query["columns"], query["metrics"]) == (["state_iso"], ["mean_premium"])


def test_conditions_are_kept_as_they_were_written() -> None:
    conditions = [
        {"clause": "WHERE", "expressionType": "SIMPLE", "subject": "feed", "operator": "==", "comparator": "sales"},
        {"clause": "WHERE", "expressionType": "SIMPLE", "subject": "city", "operator": "IS NOT NULL"},
        {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": "a > 1"},
        {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": "b < 1"},
        {"clause": "HAVING", "expressionType": "SQL", "sqlExpression": "SUM(a) > 1"},
    ]
    made = query_context({"viz_type": "big_number_total", "metric": "n", "adhoc_filters": conditions})
    (query,) = json.loads(made or "")["queries"]
    assert query["filters"] == [{"col": "feed", "op": "==", "val": "sales"}, {"col": "city", "op": "IS NOT NULL"}]
    assert query["extras"] == {"where": "(a > 1) AND (b < 1)", "having": "(SUM(a) > 1)"}


def test_a_kind_of_chart_that_is_not_known_is_left_to_its_page() -> None:
    assert query_context({"viz_type": "sunburst_v2"}) is None
