"""Six loads, each with the figures of one, by who was sent and how fast."""

from collections.abc import Sequence

import pytest

from bench import rates
from bench.report.figures import Name, Options

pytestmark = pytest.mark.host


def test_each_rate_is_measured_for_one_feed_and_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[tuple[Sequence[str], int, int]] = []

    def under_traffic(feeds: Sequence[str], per_second: int, seconds: int) -> dict[Name, float]:
        loads.append((feeds, per_second, seconds))
        return {Name("p95", "s"): float(len(loads))}

    monkeypatch.setattr(rates, "load_lab", lambda: None)
    monkeypatch.setattr(rates, "simulators", lambda _lab: ["sales", "weather"])
    monkeypatch.setattr(rates, "under_traffic", under_traffic)
    found = {name.figure: value for name, value in rates.measure(Options(seconds=9), 0).items()}
    assert loads == [(feeds, rate, 9) for feeds in (["sales"], ["sales", "weather"]) for rate in (100, 1000, 5000)]
    assert found["one feed, 100/s: p95"] == 1
    assert found["all feeds, 5,000/s: p95"] == 6
