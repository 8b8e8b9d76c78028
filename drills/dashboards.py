"""Whether the dashboards of the lab show something: each of their datasets gives rows to a viewer, past the cache."""

from collections.abc import Iterator

import httpx
import orjson

from lab.host.readiness import missing_dashboard
from lab.location import CHECKOUT
from lab.observe.superset import as_viewer
from millrace.settings import Lab

SLUGS = tuple(sorted(file.stem for file in (CHECKOUT / "superset" / "assets" / "dashboards").glob("*.yaml")))
"""All that the checkout brings: one that Superset no longer has is missed."""
EMPTY, MAY_BE_EMPTY = "it is empty", "v_quarantine_reason"
"""A lab that has refused nothing yet is well, and has no reasons to show."""


def has_figures(lab: Lab) -> bool:
    """Whether the dashboards show something already: batch jobs run some minutes after the lab has come up."""
    return missing_dashboard() is None and not any(empty_datasets(lab))


def empty_datasets(lab: Lab) -> Iterator[str]:
    """A sentence for each dataset that gives a viewer no rows; one of several dashboards is asked once."""
    asked: set[int] = set()
    with as_viewer(lab, seconds=60) as client:
        for slug in SLUGS:
            for dataset in client.get(f"/api/v1/dashboard/{slug}/datasets").raise_for_status().json()["result"]:
                if dataset["id"] in asked:
                    continue
                asked.add(dataset["id"])
                name, why = dataset["table_name"], _no_rows(client, dataset["id"])
                if why and (name, why) != (MAY_BE_EMPTY, EMPTY):
                    yield f"dashboard {slug}: the dataset {name} gives no rows ({why})"


def _no_rows(client: httpx.Client, dataset: int) -> str:
    count = {"expressionType": "SQL", "sqlExpression": "COUNT(*)", "label": "rows"}
    query = {"metrics": [count], "columns": [], "row_limit": 1}
    asked = {"datasource": {"id": dataset, "type": "table"}, "queries": [query], "force": True}
    answer = client.post("/api/v1/chart/data", json=asked)
    if answer.is_error:
        return f"{answer.status_code}: {answer.text[:200]}"
    rows = orjson.loads(answer.content)["result"][0]["data"]
    return "" if rows and rows[0]["rows"] else EMPTY
