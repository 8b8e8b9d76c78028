"""A lab at rest, and six loads, each with the figures of one, by who was sent and how fast."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

from bench import freshness, processor_time, rates
from bench.report.figures import Name, Options
from millrace.errors import Refused

pytestmark = pytest.mark.host


def test_a_lab_at_rest_is_measured_and_each_rate_for_one_feed_and_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    did: list[Any] = []

    def under_traffic(feeds: Sequence[str], per_second: int, seconds: int) -> dict[Name, float]:
        did.append((feeds, per_second, seconds))
        return {Name("p95", "s"): float(len(did)), Name("spark busy", "cores", "busy"): 0.5}

    @contextmanager
    def quiet() -> Iterator[None]:
        did.append("quiet")
        yield

    monkeypatch.setattr(rates, "load_lab", lambda: None)
    monkeypatch.setattr(rates, "simulators", lambda _lab: ["sales", "weather"])
    monkeypatch.setattr(rates, "under_traffic", under_traffic)
    monkeypatch.setattr(rates, "quiet", quiet)
    monkeypatch.setattr(rates.time, "sleep", lambda seconds: did.append(f"nothing for {seconds} s"))
    monkeypatch.setattr(processor_time, "of_machines", lambda: {"spark": float(len(did))})
    monkeypatch.setattr(processor_time.time, "monotonic", lambda: 4.0 * len(did))
    found = rates.measure(Options(seconds=9), 0)
    loads = [(feeds, rate, 9) for feeds in (["sales"], ["sales", "weather"]) for rate in (100, 1000, 5000)]
    assert did == ["quiet", "nothing for 9 s", *loads]
    assert found[Name("at rest: spark busy", "cores", "at rest: busy")] == 0.25
    assert found[Name("one feed, 100/s: p95", "s")] == 3
    assert found[Name("all feeds, 5,000/s: p95", "s")] == 8
    assert found[Name("all feeds, 5,000/s: spark busy", "cores", "all feeds, 5,000/s: busy")] == 0.5


def test_a_lab_without_a_simulator_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freshness, "quiet", nullcontext)
    with pytest.raises(Refused, match="No feed that is switched on has a simulator"):
        freshness.under_traffic([], 1_000, 60)
