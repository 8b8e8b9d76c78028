"""The starter dashboard: filters on the left, rows of charts with a sentence under each."""

from collections.abc import Sequence

from lab.new_feed.dashboard.charts import Chart
from lab.new_feed.dashboard.datasets import Asset, fixed_uuid
from lab.new_feed.infer.column_roles import Roles
from millrace.contract.contract import Contract

WIDE = 12
CAPTION_HEIGHT = 6
TRANSPARENT, WHITE = {"background": "BACKGROUND_TRANSPARENT"}, {"background": "BACKGROUND_WHITE"}


def dashboard(contract: Contract, roles: Roles, charts: Sequence[Chart], css: str) -> Asset:
    """The dashboard as Superset imports it."""
    return {
        "dashboard_title": contract.title,
        "description": f"{contract.description}.",
        "slug": slug_of(contract.feed),
        "published": True,
        "css": css,
        "metadata": {
            "refresh_frequency": 30,
            "timed_refresh_immune_slices": [],
            "cross_filters_enabled": True,
            "native_filter_configuration": _filters(roles, charts),
        },
        "position": _position(contract, charts),
        "uuid": fixed_uuid(contract.feed, "dashboard"),
        "version": "1.0.0",
    }


def slug_of(feed: str) -> str:
    """The dashboard's place in its address, and the name of its folder of charts."""
    return feed.replace("_", "-")


def _filters(roles: Roles, charts: Sequence[Chart]) -> list[Asset]:
    found = []
    if roles.category:
        name = roles.category.name
        dataset = next(chart.dataset for chart in charts if chart.slug == "by-category")
        controls = {"multiSelect": True, "enableEmptyFilter": False, "defaultToFirstItem": False}
        controls |= {"inverseSelection": False, "searchAllOptions": False, "sortAscending": True}
        target = {"datasetUuid": dataset["uuid"], "column": {"name": name}}
        has_column = [any(column["column_name"] == name for column in chart.dataset["columns"]) for chart in charts]
        found.append(_filter("category", roles.category.title, "filter_select", target, controls, has_column))
    if roles.time:
        has_range = [any(map(_is_range, chart.params.get("adhoc_filters", []))) for chart in charts]
        found.append(_filter("time", "Time range", "filter_time", {}, {"enableEmptyFilter": False}, has_range))
    return found


def _is_range(condition: Asset) -> bool:
    return bool(condition["operator"] == "TEMPORAL_RANGE")


def _filter(  # noqa: PLR0913, PLR0917 - what a filter has
    key: str, title: str, kind: str, target: Asset, controls: Asset, acts_on: Sequence[bool]
) -> Asset:
    return {
        "id": f"NATIVE_FILTER-{key}",
        "type": "NATIVE_FILTER",
        "name": title,
        "description": "",
        "filterType": kind,
        "targets": [target],
        "controlValues": controls,
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": [n for n, acts in enumerate(acts_on, 1) if not acts]},
    }


def _position(contract: Contract, charts: Sequence[Chart]) -> Asset:
    rows = list(dict.fromkeys(chart.row for chart in charts))
    items = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": contract.title}},
    }
    names = ["ROW-intro", *(f"ROW-{row}" for row in rows)]
    items["GRID_ID"] = {"type": "GRID", "id": "GRID_ID", "children": names, "parents": ["ROOT_ID"]}
    items |= _row("intro", ["MARKDOWN-intro"])
    items |= _item("MARKDOWN", "intro", ["ROOT_ID", "GRID_ID", "ROW-intro"], [], _intro(contract))
    for row in rows:
        beside = [(number, chart) for number, chart in enumerate(charts, 1) if chart.row == row]
        items |= _row(row, [f"COLUMN-{chart.slug}" for _, chart in beside])
        for number, chart in beside:
            items |= _column(contract.feed, row, number, chart, WIDE // len(beside))
    return items


def _intro(contract: Contract) -> Asset:
    code = (
        f"Whoever keeps {contract.title} decides with this page; say here who that is and what for. "
        f"It shows the feed {contract.feed} while its records arrive; numbers refresh every 30 seconds."
    )
    return {"width": WIDE, "height": 12, "code": code}


def _row(row: str, children: list[str]) -> Asset:
    return _item("ROW", row, ["ROOT_ID", "GRID_ID"], children, TRANSPARENT)


def _column(feed: str, row: str, number: int, chart: Chart, width: int) -> Asset:
    above = ["ROOT_ID", "GRID_ID", f"ROW-{row}"]
    inside = [*above, f"COLUMN-{chart.slug}"]
    children = [f"CHART-{chart.slug}", f"MARKDOWN-{chart.slug}"]
    shown = {"chartId": number, "width": width, "height": chart.height, "sliceName": chart.title}
    caption = {"width": width, "height": CAPTION_HEIGHT, "code": chart.caption}
    return {
        **_item("COLUMN", chart.slug, above, children, {"width": width, **WHITE}),
        **_item("CHART", chart.slug, inside, [], {**shown, "uuid": chart.uuid(feed)}),
        **_item("MARKDOWN", chart.slug, inside, [], caption),
    }


def _item(kind: str, name: str, parents: list[str], children: list[str], meta: Asset) -> Asset:
    key = f"{kind}-{name}"
    return {key: {"type": kind, "id": key, "children": children, "parents": parents, "meta": dict(meta)}}
