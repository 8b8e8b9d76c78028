"""What a chart asks for, as its page would send it: Superset keeps it with a chart that a person saves, no import does.

Without it GET /api/v1/chart/<id>/data/, reports and the warming of caches answer 400 "no query context". Made of the
chart's parameters as Superset 6.1 makes it in the browser (`buildQuery` of each kind of chart), for the kinds that the
dashboards use, with what the filters of its dashboard hold when that opens. Plain data in and out, no Superset needed.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Params = Mapping[str, Any]
Query = dict[str, Any]

UNARY = ("IS NULL", "IS NOT NULL", "IS TRUE", "IS FALSE")
METRICS = ("metric", "metrics", "x", "y", "size")


def query_context(params: Params, opened_with: Iterable[Params] = ()) -> str | None:
    """The chart's query context as JSON, without the dataset, whose number the import fills in.

    `opened_with` are the `extraFormData` of its dashboard's filters; None for a kind of chart that is not known here.
    """
    make = KINDS.get(params["viz_type"])
    if make is None:
        return None
    query = make(params)
    for state in opened_with:
        query["filters"] = [*query["filters"], *state.get("filters", [])]
        if "time_range" in state:
            query["time_range"] = state["time_range"]
    made = {"datasource": {}, "force": False, "queries": [query], "form_data": dict(params)}
    return json.dumps(made | {"result_format": "json", "result_type": "full"}, sort_keys=True)


def opened_with(chart_uuid: str, dashboards: Iterable[Params]) -> list[Params]:
    """What the filters of the first dashboard with this chart hold when it opens, of those that act on the chart."""
    for dashboard in dashboards:
        placed = [item["meta"] for item in dashboard["position"].values() if _is_chart(item)]
        for number in (meta["chartId"] for meta in placed if meta.get("uuid") == chart_uuid):
            filters = dashboard.get("metadata", {}).get("native_filter_configuration", [])
            acting = [one for one in filters if number not in one.get("scope", {}).get("excluded", [])]
            return [one.get("defaultDataMask", {}).get("extraFormData", {}) for one in acting]
    return []


def _is_chart(item: Any) -> bool:
    return isinstance(item, Mapping) and item.get("type") == "CHART"


def _query(params: Params, columns: list[Any]) -> Query:
    """What every kind of chart asks alike."""
    conditions = params.get("adhoc_filters", [])
    query = {
        "filters": [_condition(one) for one in conditions if one["expressionType"] == "SIMPLE"],
        "extras": {"having": _clauses(conditions, "HAVING"), "where": _clauses(conditions, "WHERE")},
        "columns": columns,
        "metrics": _metrics(params),
        "series_limit": int(params.get("limit") or 0),
        "order_desc": params.get("order_desc", True),
        "post_processing": [],
    }
    if "time_grain_sqla" in params:
        query["extras"]["time_grain_sqla"] = params["time_grain_sqla"]
    if "row_limit" in params:
        query["row_limit"] = int(params["row_limit"])
    if "timeseries_limit_metric" in params:
        query["series_limit_metric"] = params["timeseries_limit_metric"]
    return query


def _condition(one: Params) -> Query:
    condition = {"col": one["subject"], "op": one["operator"]}
    return condition if one["operator"] in UNARY else condition | {"val": one["comparator"]}


def _clauses(conditions: Iterable[Params], clause: str) -> str:
    own = [one for one in conditions if one["expressionType"] == "SQL" and one["clause"] == clause]
    return " AND ".join(f"({one['sqlExpression']})" for one in own)


def _metrics(params: Params) -> list[Any]:
    return _distinct(metric for key in params if key in METRICS for metric in _listed(params[key]))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _distinct(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _label(metric: Any) -> str:
    return str(metric["label"] if isinstance(metric, Mapping) else metric)


def _big_number(params: Params) -> Query:
    return _query(params, [])


def _table(params: Params) -> Query:
    """The whole table up to its limit of rows: what is downloaded, not the first page of those on the screen."""
    if params["query_mode"] == "raw":
        query = _query(params, _listed(params["all_columns"]))
        del query["metrics"]
        return query | {"orderby": [json.loads(one) for one in params.get("order_by_cols", [])]}
    query = _query(params, _listed(params.get("groupby")))
    if by := params.get("timeseries_limit_metric"):
        return query | {"orderby": [[by, not params.get("order_desc", False)]]}
    return query | {"orderby": [[metric, False] for metric in query["metrics"][:1]]}


def _bubble(params: Params) -> Query:
    query = _query(params, [*_listed(params.get("entity")), *_listed(params.get("series"))])
    by = _listed(params.get("orderby"))
    return query | {"orderby": [[by[0], not params.get("order_desc", True)]]} if by else query


def _country_map(params: Params) -> Query:
    """Its page asks in an older way, for the same rows."""
    return _query(params, [params["entity"]])


def _heatmap(params: Params) -> Query:
    metric, across = _label(params["metric"]), params.get("normalize_across")
    columns = [params["x_axis"], *_listed(params.get("groupby"))]
    query = _query(params, [_base_axis(params), *columns[1:]])
    orderby = []
    for key, column in zip(("sort_x_axis", "sort_y_axis"), columns, strict=True):
        if order := params.get(key):
            orderby.append([metric if "value" in order else column, "asc" in order])
    group_by = {"x": columns[0], "y": columns[1]}.get(str(across))
    rank = {"metric": metric} | ({"group_by": group_by} if group_by else {})
    return query | {"orderby": orderby, "post_processing": [{"operation": "rank", "options": rank}]}


def _timeseries(params: Params) -> Query:
    groups = _listed(params.get("groupby"))
    query = _query(params, [_base_axis(params), *groups])
    by = params.get("timeseries_limit_metric") or query["metrics"][0]
    steps = [
        _pivot(params, query, groups),
        _resample(params),
        _rename(params, query, groups),
        _sort(params, query, groups),
    ]
    return query | {
        "series_columns": groups,
        "orderby": [[by, not query["order_desc"]]],
        "post_processing": [*(step for step in steps if step), {"operation": "flatten"}],
    }


def _base_axis(params: Params) -> Query:
    column = params["x_axis"]
    axis = {"columnType": "BASE_AXIS", "sqlExpression": column, "label": column, "expressionType": "SQL"}
    grain = {"timeGrain": params["time_grain_sqla"]} if "time_grain_sqla" in params else {}
    return axis | {"isColumnReference": True} | grain


def _pivot(params: Params, query: Query, groups: list[Any]) -> Query:
    means = {_label(metric): {"operator": "mean"} for metric in query["metrics"]}
    kept = not params.get("show_empty_columns", True)
    options = {"index": [params["x_axis"]], "columns": groups, "aggregates": means, "drop_missing_columns": kept}
    return {"operation": "pivot", "options": options}


def _resample(params: Params) -> Query | None:
    method, rule = params.get("resample_method"), params.get("resample_rule")
    if not method or not rule:
        return None
    is_zero = method == "zerofill"
    options = {"method": "asfreq" if is_zero else method, "rule": rule, "fill_value": 0 if is_zero else None}
    return {"operation": "resample", "options": options}


def _rename(params: Params, query: Query, groups: list[Any]) -> Query | None:
    """One metric's name is left out of the names of its series."""
    if not groups or len(query["metrics"]) != 1 or not params.get("truncate_metric", True):
        return None
    options = {"columns": {_label(query["metrics"][0]): None}, "level": 0, "inplace": True}
    return {"operation": "rename", "options": options}


def _sort(params: Params, query: Query, groups: list[Any]) -> Query | None:
    by, ascending = params.get("x_axis_sort"), params.get("x_axis_sort_asc")
    if ascending is None or groups or by not in [params["x_axis"], *map(_label, query["metrics"])]:
        return None
    what = {"is_sort_index": True} if by == params["x_axis"] else {"by": by}
    return {"operation": "sort", "options": what | {"ascending": ascending}}


KINDS: dict[str, Callable[[Params], Query]] = {
    "big_number_total": _big_number,
    "bubble_v2": _bubble,
    "country_map": _country_map,
    "echarts_area": _timeseries,
    "echarts_timeseries_bar": _timeseries,
    "echarts_timeseries_line": _timeseries,
    "heatmap_v2": _heatmap,
    "table": _table,
}
