"""The charts of a starter dashboard."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lab.new_feed.dashboard.datasets import Asset, fixed_uuid
from lab.new_feed.infer.column_roles import Roles, is_averaged
from lab.new_feed.infer.type_inference import Proposal
from lab.new_feed.proposed_contract import day_name
from millrace.contract.contract import Contract

COLUMNS_SHOWN = 12
ROWS_SHOWN = 100
# Few rows have ticks between whole numbers, which ",d" would write as the same number twice.
COUNT_AXIS = ",.12~g"
LOOK: Asset = {"color_scheme": "millrace", "legendOrientation": "top", "legendType": "plain", "show_legend": False}
LOOK |= {"rich_tooltip": True, "row_limit": 10000}


@dataclass(frozen=True)
class Chart:
    """A chart, and where it stands: its row, its share of twelve columns, its height."""

    slug: str
    title: str
    caption: str
    dataset: Asset
    kind: str
    row: str
    height: int = 48
    params: Asset = field(default_factory=dict)

    def uuid(self, feed: str) -> str:
        return fixed_uuid(feed, f"charts/{self.slug}")

    def asset(self, feed: str) -> Asset:
        """The chart as Superset imports it."""
        return {
            "slice_name": self.title,
            "description": self.caption,
            "viz_type": self.kind,
            "dataset_uuid": self.dataset["uuid"],
            "params": {"viz_type": self.kind, **self.params},
            "uuid": self.uuid(feed),
            "version": "1.0.0",
        }


@dataclass(frozen=True)
class Datasets:
    """What the charts read: the feed's own rollup and view, and what the lab knows of every feed."""

    rollup: Asset
    view: Asset
    loads: Asset
    origins: Asset


def charts_of(contract: Contract, roles: Roles, of: Datasets) -> list[Chart]:
    """What the file's columns allow: rows, their course, their categories, a number, and the newest rows."""
    rollup = of.rollup
    day = day_name(roles)
    charts = [*_tiles(roles, rollup, day)]
    charts += _courses(roles, rollup, day) if roles.time else [_arrivals(contract, of.loads)]
    charts += [_categories(roles, rollup, day)] if roles.category else []
    return [*charts, _newest(contract, roles, of.view), _where_from(contract, of.origins)]


def _tiles(roles: Roles, rollup: Asset, day: str) -> Iterator[Chart]:
    params = {"header_font_size": 0.6, "subheader_font_size": 0.125, **_range(day)}
    counted = f" that have {roles.time.title}" if roles.time and not roles.time.required else ""
    rows = {"metric": "rows_counted", "y_axis_format": ",d"}
    yield Chart("rows", "Rows", f"Rows in the table{counted}.", rollup, "big_number_total", "tiles", 16, rows | params)
    if roles.number:
        how = _how(roles.number)
        number = {"metric": how.metric, "y_axis_format": ",.2~f"}
        caption = f"{how.title} over all these rows."
        yield Chart("number", how.title, caption, rollup, "big_number_total", "tiles", 16, number | params)


@dataclass(frozen=True)
class _How:
    metric: str
    title: str


def _how(number: Proposal) -> _How:
    """By its mean or its sum."""
    if is_averaged(number):
        return _How(f"mean_{number.name}", f"Mean {number.title}")
    return _How(f"sum_{number.name}", f"Sum of {number.title}")


def _courses(roles: Roles, rollup: Asset, day: str) -> list[Chart]:
    found = [("rows-over-time", "Rows over time", "Rows per day", "rows_counted", COUNT_AXIS)]
    if roles.number:
        how = _how(roles.number)
        found.append(("number-over-time", f"{how.title} over time", f"{how.title} per day", how.metric, ",.2~f"))
    title = roles.time.title if roles.time else ""
    return [
        Chart(
            slug, title_, f"{what}, by {title}.", rollup, "echarts_timeseries_line", "time", params=_course(day, *shown)
        )
        for slug, title_, what, *shown in found
    ]


def _course(day: str, metric: str, shown: str) -> Asset:
    axis = {"x_axis": day, "time_grain_sqla": "P1D", "metrics": [metric], "groupby": [], "y_axis_format": shown}
    return axis | {"x_axis_time_format": "smart_date", **_range(day), **LOOK}


def _arrivals(contract: Contract, loads: Asset) -> Chart:
    """Where no column tells the time, the ledger does: when rows came into MySQL."""
    axis = {"x_axis": "finished_at", "time_grain_sqla": "PT1M", "metrics": ["records_read"], "groupby": []}
    filters = [_only(contract), *_range("finished_at")["adhoc_filters"]]
    params = axis | {"y_axis_format": COUNT_AXIS, "adhoc_filters": filters, "x_axis_time_format": "smart_date", **LOOK}
    caption = "Records that came into MySQL, minute by minute."
    return Chart("rows-over-time", "Rows over time", caption, loads, "echarts_timeseries_line", "time", params=params)


def _categories(roles: Roles, rollup: Asset, day: str) -> Chart:
    category = roles.category
    name, title = (category.name, category.title) if category else ("", "")
    params: Asset = {"x_axis": name, "metrics": ["rows_counted"], "groupby": [], "y_axis_format": COUNT_AXIS}
    params |= {
        "x_axis_sort": "rows_counted",
        "x_axis_sort_asc": False,
        "xAxisLabelInterval": "0",
        "xAxisLabelRotation": 45,
    }
    caption = f"How the rows are shared among the values of {title}."
    params |= {**_range(day), **LOOK}
    return Chart(
        "by-category", f"Rows by {title}", caption, rollup, "echarts_timeseries_bar", "category", params=params
    )


def _newest(contract: Contract, roles: Roles, view: Asset) -> Chart:
    params = {
        "query_mode": "raw",
        "all_columns": [*contract.names[:COLUMNS_SHOWN], "sent_at"],
        "order_by_cols": ['["load_id", false]'],
        "row_limit": ROWS_SHOWN,
        "page_length": 10,
        "show_cell_bars": False,
        "table_timestamp_format": "%Y-%m-%d %H:%M:%S",
        **_range(roles.time.name if roles.time else ""),
    }
    caption = f"The {ROWS_SHOWN} rows that came last; sent_at is when they were sent, UTC."
    return Chart("newest-rows", "Newest rows", caption, view, "table", "newest", 62, params)


def _where_from(contract: Contract, origins: Asset) -> Chart:
    params = {
        "query_mode": "aggregate",
        "groupby": ["origin"],
        "metrics": ["origin_records"],
        "timeseries_limit_metric": "origin_records",
        "order_desc": True,
        "row_limit": 100,
        "page_length": 10,
        "show_cell_bars": True,
        "color_pn": False,
        "adhoc_filters": [_only(contract)],
    }
    title, caption = "Where these rows come from", "Records of this feed by origin: simulator means made up."
    return Chart("where-from", title, caption, origins, "table", "origin", 30, params)


def _only(contract: Contract) -> Asset:
    """Of a dataset with a row per feed, this feed's."""
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": "feed",
        "operator": "==",
        "comparator": contract.feed,
    }


def _range(time: str) -> Asset:
    """Lets the time filter act on the chart."""
    one = {"clause": "WHERE", "expressionType": "SIMPLE", "subject": time, "operator": "TEMPORAL_RANGE"}
    return {"adhoc_filters": [one | {"comparator": "No filter"}]} if time else {}
