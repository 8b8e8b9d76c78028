"""Every dataset of every dashboard is asked, each once, and one without rows is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson
import pytest

from drills import dashboards
from instruments.browser.assets import SLUGS

OF_ALL = {"id": 1, "table_name": "v_feed_origin"}
OWN = {
    "sales": [{"id": 5, "table_name": "v_sales"}],
    "weather": [{"id": 6, "table_name": "v_weather"}],
    "overview": [{"id": 7, "table_name": "v_quarantine_reason"}],
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Superset was asked for. Dataset 5 is empty, 6 cannot be had, the reasons of refusals are empty too."""
    seen: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            slug = request.url.path.split("/")[-2]
            seen.append(slug)
            return httpx.Response(200, json={"result": [OF_ALL, *OWN.get(slug, [])]})
        number = int(orjson.loads(request.content)["datasource"]["id"])
        seen.append(number)
        if number == 6:
            return httpx.Response(500, text="no such column")
        return httpx.Response(200, json={"result": [{"data": [{"rows": 0 if number in {5, 7} else 3}]}]})

    @contextmanager
    def as_viewer(_lab: Any, seconds: float) -> Iterator[httpx.Client]:
        with httpx.Client(base_url="http://superset", transport=httpx.MockTransport(answer), timeout=seconds) as client:
            yield client

    monkeypatch.setattr(dashboards, "as_viewer", as_viewer)
    return seen


def test_every_dataset_is_asked_once(asked: list[Any]) -> None:
    lab: Any = None
    assert list(dashboards.empty_datasets(lab)) == [
        "dashboard sales: the dataset v_sales gives no rows (it is empty)",
        "dashboard weather: the dataset v_weather gives no rows (500: no such column)",
    ]
    assert [one for one in asked if isinstance(one, str)] == sorted(SLUGS)
    assert sorted(one for one in asked if isinstance(one, int)) == [1, 5, 6, 7]
