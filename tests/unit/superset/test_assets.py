"""The dashboards: objects linked by uuid, columns that exist in dataset and schema, captions that are shown."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from millrace.contract.contract import all_contracts
from sql.evolve.change import view
from sql.schema.feed_tables import build_metadata

ROOT = Path(__file__).parents[3]
ASSETS = ROOT / "superset" / "assets"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CREATE_VIEW = re.compile(r"\bVIEW\s+(\w+)\s+AS\b(.*?);", re.IGNORECASE | re.DOTALL)

Asset = dict[str, Any]


def load(kind: str) -> dict[str, Asset]:
    """The objects of a kind by their path below its folder, without the ending."""
    folder = ASSETS / kind
    return {
        str(path.relative_to(folder).with_suffix("")): yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.yaml"))
    }


DATABASES, DATASETS, CHARTS, DASHBOARDS = map(load, ("databases", "datasets", "charts", "dashboards"))
DATASET_BY_UUID = {dataset["uuid"]: dataset for dataset in DATASETS.values()}
CHART_BY_UUID = {chart["uuid"]: chart for chart in CHARTS.values()}


def views() -> dict[str, str]:
    """Name and body of every view: those of migrations, of contracts, and those beside a feed."""
    files = [*sorted((ROOT / "sql" / "migrations").glob("*.sql")), *(ROOT / "feeds").glob("*/views.sql")]
    texts = [path.read_text(encoding="utf-8") for path in files]
    texts += [f"{view(contract)};" for contract in all_contracts().values()]
    return dict(found for text in texts for found in CREATE_VIEW.findall(text))


def column_names(dataset: Asset) -> set[str]:
    return {column["column_name"] for column in dataset["columns"]}


def metric_names(dataset: Asset) -> set[str]:
    return {metric["metric_name"] for metric in dataset["metrics"]}


def columns_used(params: Asset) -> set[str]:
    """The dataset's columns a chart names: axes, groups, table columns, filters."""
    single = {params[key] for key in ("x_axis", "entity") if key in params}
    lists = {name for key in ("groupby", "all_columns") for name in as_list(params.get(key, []))}
    return single | lists | {one["subject"] for one in params.get("adhoc_filters", [])}


def as_list(names: str | list[str]) -> list[str]:
    """A heat map groups by one column, every other chart by a list."""
    return [names] if isinstance(names, str) else names


def metrics_used(params: Asset) -> set[str]:
    single = {params[key] for key in ("metric", "timeseries_limit_metric") if key in params}
    return single | set(params.get("metrics", []))


def placed(dashboard: Asset) -> dict[int, Asset]:
    """The charts of a dashboard by the number that its filters' scopes use."""
    metas = [item["meta"] for item in dashboard["position"].values() if item_type(item) == "CHART"]
    return {meta["chartId"]: CHART_BY_UUID[meta["uuid"]] for meta in metas}


def item_type(item: Any) -> str | None:
    return item["type"] if isinstance(item, dict) else None


def test_uuids_are_well_formed_and_unique() -> None:
    uuids = [asset["uuid"] for kind in (DATABASES, DATASETS, CHARTS, DASHBOARDS) for asset in kind.values()]
    assert all(UUID.fullmatch(uuid) for uuid in uuids)
    assert len(set(uuids)) == len(uuids)


def test_the_connection_is_a_placeholder() -> None:
    (database,) = DATABASES.values()
    assert database["sqlalchemy_uri"] == "mysql+mysqldb://reader:XXXXXXXXXX@mysql:3306/millrace?charset=utf8mb4"
    assert {dataset["database_uuid"] for dataset in DATASETS.values()} == {database["uuid"]}


@pytest.mark.parametrize("name", DATASETS)
def test_every_column_of_a_dataset_is_in_the_schema(name: str) -> None:
    dataset = DATASETS[name]
    table = dataset["table_name"]
    stored = {column["column_name"] for column in dataset["columns"] if "expression" not in column}
    tables = build_metadata().tables
    if table in tables:
        assert stored <= set(tables[table].columns.keys())
    else:
        body = views()[table]
        assert {column for column in stored if not re.search(rf"\b{column}\b", body)} == set()


@pytest.mark.parametrize("name", DATASETS)
def test_a_dataset_is_described_and_used(name: str) -> None:
    dataset = DATASETS[name]
    assert name == f"millrace/{dataset['table_name']}"
    assert dataset["description"].endswith(".")
    assert dataset["uuid"] in {chart["dataset_uuid"] for chart in CHARTS.values()}
    assert dataset.get("main_dttm_col") in {None, *column_names(dataset)}


@pytest.mark.parametrize("name", DATASETS)
def test_metrics_read_columns_of_their_dataset(name: str) -> None:
    dataset = DATASETS[name]
    words = set(
        re.findall(r"\b[a-z_]+\b", re.sub(r"'[^']*'", "", " ".join(m["expression"] for m in dataset["metrics"])))
    )
    assert words <= column_names(dataset)


@pytest.mark.parametrize("name", CHARTS)
def test_every_column_and_metric_of_a_chart_is_in_its_dataset(name: str) -> None:
    chart = CHARTS[name]
    dataset, params = DATASET_BY_UUID[chart["dataset_uuid"]], chart["params"]
    assert columns_used(params) <= column_names(dataset)
    assert metrics_used(params) <= metric_names(dataset)
    assert params.get("x_axis_sort", params.get("x_axis")) in {params.get("x_axis"), *metric_names(dataset)}
    assert params["viz_type"] == chart["viz_type"]


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_has_a_title_and_one_sentence_that_its_dashboard_shows(name: str) -> None:
    chart = CHARTS[name]
    folder, slug = name.split("/")
    shown = DASHBOARDS[folder]["position"]
    assert chart["slice_name"]
    assert re.fullmatch(r"[A-Z].*\.", chart["description"])
    assert shown[f"CHART-{slug}"]["meta"]["uuid"] == chart["uuid"]
    assert shown[f"CHART-{slug}"]["meta"]["sliceName"] == chart["slice_name"]
    below = shown[f"MARKDOWN-{slug}"]["meta"]
    assert below["code"] == chart["description"]
    # Two lines below a tile; of a third one only the upper half is seen.
    assert below["width"] > 3 or len(below["code"]) <= 70


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_a_layout_is_a_tree_of_rows_that_are_twelve_wide(slug: str) -> None:
    dashboard = DASHBOARDS[slug]
    items = {key: item for key, item in dashboard["position"].items() if item_type(item)}
    assert dashboard["slug"] == slug
    for key, item in items.items():
        assert item["id"] == key
        for child in item.get("children", []):
            assert items[child]["parents"] == [*item.get("parents", []), key]
    children = {child for item in items.values() for child in item.get("children", [])}
    assert set(items) - children == {"ROOT_ID", "HEADER_ID"}
    rows = [item for item in items.values() if item["type"] == "ROW"]
    assert [sum(items[child]["meta"]["width"] for child in row["children"]) for row in rows] == [12] * len(rows)


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_a_dashboard_refreshes_and_leaves_colours_to_its_charts(slug: str) -> None:
    metadata = DASHBOARDS[slug]["metadata"]
    assert metadata["refresh_frequency"] == 30
    assert "color_scheme" not in metadata, "it would paint the map by category"


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_a_filter_acts_on_exactly_the_charts_that_have_its_column(slug: str) -> None:
    dashboard = DASHBOARDS[slug]
    charts = placed(dashboard)
    for one in dashboard["metadata"]["native_filter_configuration"]:
        (target,) = one["targets"]
        if one["filterType"] == "filter_time":
            without = {number for number, chart in charts.items() if not has_time_range(chart)}
            without |= {number for number, chart in charts.items() if is_of_another_time(slug, chart)}
        else:
            column = target["column"]["name"]
            assert column in column_names(DATASET_BY_UUID[target["datasetUuid"]])
            datasets = {number: DATASET_BY_UUID[chart["dataset_uuid"]] for number, chart in charts.items()}
            without = {number for number, dataset in datasets.items() if column not in column_names(dataset)}
        assert set(one["scope"]["excluded"]) == without, one["name"]


def has_time_range(chart: Asset) -> bool:
    return any(one["operator"] == "TEMPORAL_RANGE" for one in chart["params"].get("adhoc_filters", []))


def is_of_another_time(slug: str, chart: Asset) -> bool:
    """Beside charts of a feed's records: loads are of today, and in a period of the records there is none."""
    return slug != "pipeline-health" and DATASET_BY_UUID[chart["dataset_uuid"]]["table_name"] == "v_load"


def test_the_insurance_dashboard_asks_for_year_state_and_metal_level() -> None:
    dashboard = DASHBOARDS["insurance"]
    assert [one["name"] for one in dashboard["metadata"]["native_filter_configuration"]] == [
        "Year",
        "State",
        "Metal level",
    ]
    assert len(placed(dashboard)) >= 8


def test_names_stay_readable() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name.rpartition("/")[2]) for name in CHARTS)
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) for name in DASHBOARDS)


def test_the_overview_links_every_other_documented_dashboard() -> None:
    """A feed of one's own brings a dashboard too, which the pages of the project know nothing of."""
    text = DASHBOARDS["overview"]["position"]["MARKDOWN-intro"]["meta"]["code"]
    linked = set(re.findall(r"\]\(/superset/dashboard/([a-z-]+)/\)", text))
    page = (ASSETS.parents[1] / "docs" / "dashboards.md").read_text(encoding="utf-8")
    titles = set(re.findall(r"^## (.+)$", page, re.M))
    documented = {slug for slug, content in DASHBOARDS.items() if content["dashboard_title"] in titles}
    assert linked == documented - {"overview"}


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_a_dashboard_begins_with_the_person_who_decides_by_it(slug: str) -> None:
    first = DASHBOARDS[slug]["position"]["MARKDOWN-intro"]["meta"]["code"].partition(".")[0]
    assert "with this page" in first
    assert re.search(r"\bdecides?\b", first)
