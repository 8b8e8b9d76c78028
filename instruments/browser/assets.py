"""The dashboards as the project's files describe them: their charts and filters, and the SQL behind numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ASSETS = Path(__file__).parents[2] / "superset" / "assets"
TILE = "big_number_total"
SQL_OF = {"==": "=", "!=": "<>", ">": ">", "<": "<", ">=": ">=", "<=": "<="}

Asset = dict[str, Any]


def _load(kind: str) -> dict[str, Asset]:
    files = sorted((ASSETS / kind).rglob("*.yaml"))
    return {
        str(file.relative_to(ASSETS / kind).with_suffix("")): yaml.safe_load(file.read_text("utf-8")) for file in files
    }


DATASETS = {dataset["uuid"]: dataset for dataset in _load("datasets").values()}
DASHBOARDS = _load("dashboards")
CHARTS = _load("charts")
SLUGS = tuple(DASHBOARDS)


@dataclass(frozen=True)
class Chart:
    """A chart of a dashboard."""

    slug: str
    number: int
    """Its number in the scopes of the dashboard's filters."""
    asset: Asset
    tab: str | None = None
    """Title of the tab it stands on; None where it is always there."""

    @property
    def title(self) -> str:
        return str(self.asset["slice_name"])

    @property
    def sentence(self) -> str:
        return str(self.asset["description"])

    @property
    def dataset(self) -> Asset:
        return DATASETS[self.asset["dataset_uuid"]]

    @property
    def is_tile(self) -> bool:
        return bool(self.asset["viz_type"] == TILE)

    @property
    def time_column(self) -> str | None:
        """The column that a filter over time narrows; None where the chart knows no time."""
        conditions = self.asset["params"].get("adhoc_filters", [])
        return next((str(one["subject"]) for one in conditions if one["operator"] == "TEMPORAL_RANGE"), None)

    def query(self, where: str = "TRUE") -> str:
        """The SQL behind a tile, or over all rows of a table of one metric: it, under the chart's own conditions."""
        params = self.asset["params"]
        (name,) = params["metrics"] if "metrics" in params else [params["metric"]]
        metric = next(one for one in self.dataset["metrics"] if one["metric_name"] == name)
        conditions = [where, *map(_condition, self.asset["params"].get("adhoc_filters", []))]
        table = self.dataset["table_name"]
        return f"SELECT {metric['expression']} AS number FROM {table} WHERE {' AND '.join(conditions)}"


@dataclass(frozen=True, eq=False)
class Filter:
    """A native filter of a dashboard: over the values of a column, or over time."""

    slug: str
    asset: Asset

    @property
    def key(self) -> str:
        return str(self.asset["id"])

    @property
    def short(self) -> str:
        """The end of its id."""
        return self.key.removeprefix("NATIVE_FILTER-")

    @property
    def name(self) -> str:
        return str(self.asset["name"])

    @property
    def column(self) -> str | None:
        """None for a filter over time."""
        found = self.asset["targets"][0].get("column")
        return str(found["name"]) if found else None

    @property
    def table(self) -> str:
        return str(DATASETS[self.asset["targets"][0]["datasetUuid"]]["table_name"])

    @property
    def default(self) -> str | None:
        """The value that is chosen when the dashboard opens."""
        chosen = self.asset["defaultDataMask"].get("extraFormData", {}).get("filters", [])
        return str(chosen[0]["val"][0]) if chosen else None

    @property
    def default_period(self) -> str | None:
        """The time range that holds when the dashboard opens."""
        found = self.asset["defaultDataMask"].get("extraFormData", {}).get("time_range")
        return str(found) if found else None

    def condition(self, value: str) -> str:
        """The filter with that value as SQL."""
        return f"{self.column} = {literal(value)}"

    def acts_on(self, chart: Chart) -> bool:
        return chart.number not in self.asset["scope"]["excluded"]

    def mask(self, value: str) -> Asset:
        """The state of the filter with this value, or time range, as a link carries it."""
        if self.column is None:
            return self._mask({"time_range": value}, value)
        return self._mask({"filters": [{"col": self.column, "op": "IN", "val": [value]}]}, [value])

    def _mask(self, form: Asset, value: Any) -> Asset:
        return {self.key: {"id": self.key, "extraFormData": form, "filterState": {"value": value}, "ownState": {}}}


@cache
def charts_of(slug: str) -> tuple[Chart, ...]:
    """The charts that stand on a dashboard, in its order."""
    assets = {chart["uuid"]: chart for chart in CHARTS.values()}
    items = DASHBOARDS[slug]["position"]
    charts = [item for item in items.values() if _is(item, "CHART")]
    return tuple(
        Chart(slug, one["meta"]["chartId"], assets[one["meta"]["uuid"]], _tab(items, one["parents"])) for one in charts
    )


def tabs_of(slug: str) -> tuple[str, ...]:
    """The titles of the dashboard's tabs, the one that is open at first first; none where it has no tabs."""
    return tuple(str(one["meta"]["text"]) for one in DASHBOARDS[slug]["position"].values() if _is(one, "TAB"))


def filters_of(slug: str) -> tuple[Filter, ...]:
    return tuple(Filter(slug, one) for one in DASHBOARDS[slug]["metadata"]["native_filter_configuration"])


def select_filters(slug: str) -> tuple[Filter, ...]:
    return tuple(one for one in filters_of(slug) if one.column)


def where(chart: Chart, chosen: Mapping[str, str]) -> str:
    """What the filters let through to a chart, as SQL: the chosen values by the filters' ids, else their defaults."""
    values = {one: chosen.get(one.key, one.default) for one in select_filters(chart.slug) if one.acts_on(chart)}
    return " AND ".join(["TRUE", *(one.condition(value) for one, value in values.items() if value is not None)])


def _is(item: Any, kind: str) -> bool:
    return isinstance(item, Mapping) and item["type"] == kind


def _tab(items: Asset, parents: list[str]) -> str | None:
    return next((str(items[one]["meta"]["text"]) for one in parents if _is(items[one], "TAB")), None)


def _condition(one: Mapping[str, Any]) -> str:
    subject, operator = one["subject"], one["operator"]
    value: Any = one.get("comparator")
    if operator == "TEMPORAL_RANGE" and value == "No filter":
        return "TRUE"
    if operator in ("IS NULL", "IS NOT NULL"):
        return f"{subject} {operator}"
    if operator in ("IN", "NOT IN"):
        return f"{subject} {operator} ({', '.join(map(literal, value))})"
    return f"{subject} {SQL_OF[operator]} {literal(value)}"


def literal(value: Any) -> str:
    """A value as SQL has it; a colon would be taken for a parameter."""
    if isinstance(value, bool | int | float):
        return str(value)
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''").replace(":", "\\:") + "'"


def every_chart() -> Iterator[Chart]:
    for slug in SLUGS:
        yield from charts_of(slug)
