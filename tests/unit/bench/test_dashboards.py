"""Dashboards and charts: each is measured past the cache and from it, and a chart that was not in it has no figure."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("playwright", reason="there is no browser here")

from bench import dashboards
from bench.report.figures import Name
from instruments.browser.asked import Asked, repeat
from millrace.errors import Refused

pytestmark = pytest.mark.host


class Superset:
    """Answers past the cache with `false`, and from it with `true`; one of its charts is never cached."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes]] = []

    def post(self, url: str, data: bytes, headers: dict[str, str]) -> Any:
        assert headers == {"x-csrftoken": "1"}
        self.asked.append((url, data))
        cached = b'"force":false' in data and b"Rates" in data
        return SimpleNamespace(ok=True, json=lambda: {"result": [{"is_cached": cached}]})


def request(title: str) -> Any:
    body = f'{{"title":"{title}","force":false}}'.encode()
    headers = {"x-csrftoken": "1", "content-length": "9"}
    return SimpleNamespace(url="/api/v1/chart/data?dashboard_id=1", post_data_buffer=body, headers=headers)


@pytest.fixture
def superset(monkeypatch: pytest.MonkeyPatch) -> Superset:
    superset: Any = Superset()
    charts = [SimpleNamespace(title=title) for title in ("Rates", "Plans", "Never asked")]

    def ask_again(asked: Asked, *, past_cache: bool = True) -> tuple[dict[str, Any], float]:
        return repeat(superset, asked, past_cache=past_cache)[0], 2.0 if past_cache else 0.5

    dashboard = SimpleNamespace(
        walk=list,
        page=SimpleNamespace(wait_for_load_state=lambda _state: None),
        charts=charts,
        asked=lambda chart: [] if "Never" in chart.title else [SimpleNamespace(request=request(chart.title))],
        ask_again=ask_again,
    )
    openings = iter([3.0, 1.0])
    site = SimpleNamespace(
        seconds_from_the_list=lambda _slug: next(openings),
        log_in=lambda _user: SimpleNamespace(close=lambda: None),
        open=lambda _page, _slug: dashboard,
    )

    @contextmanager
    def opened_site(_lab: object) -> Iterator[Any]:
        yield site

    monkeypatch.setattr(dashboards, "opened_site", opened_site)
    monkeypatch.setattr(dashboards, "SLUGS", ("insurance",))
    found: Superset = superset
    return found


def test_each_is_measured_past_the_cache_and_from_it(superset: Superset) -> None:
    found = dict(dashboards.measure(None, 0))
    why = found.pop(Name("insurance, cached chart Plans", "s", "insurance, cached"))
    assert isinstance(why, Refused)
    assert found == {
        Name("insurance, from the list", "s"): 3,
        Name("insurance, from the list once more", "s"): 1,
        Name("insurance, chart Rates", "s", "insurance"): 2,
        Name("insurance, chart Plans", "s", "insurance"): 2,
        Name("insurance, cached chart Rates", "s", "insurance, cached"): 0.5,
    }
    url = "/api/v1/chart/data?dashboard_id=1"
    assert superset.asked[:2] == [
        (f"{url}&force=true", b'{"title":"Rates","force":true}'),
        (url, b'{"title":"Rates","force":false}'),
    ]
