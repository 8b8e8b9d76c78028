"""The metrics page: read over HTTP by Prometheus' own parser, and equal to the status it was made from."""

from typing import Any

import httpx
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.parser import text_string_to_metric_families

from lab.observe.ledger import Counts
from lab.observe.machines import Facts, MachineStatus
from lab.observe.metrics import KEPT_SECONDS, LabCollector
from lab.observe.services import ServiceStatus
from lab.observe.status import FeedStatus, LabStatus

COUNTS = Counts(read=10, loaded=5, updated=1, duplicates=3, quarantined=1)
STATUS = LabStatus(
    machines=[
        MachineStatus("kafka", "192.168.33.13", True, Facts(1, 4, 2, 8, -0.25, ["a.service"], [])),
        MachineStatus("spark", "192.168.33.12", False),
    ],
    services=[ServiceStatus("mysql", "mysql", "a:3306", True), ServiceStatus("kafka", "kafka", "a:9092", False)],
    feeds=[
        FeedStatus("sales", "waiting", "", 12, 2, 6, 1, 16.5, 40.0, "file", COUNTS),
        FeedStatus("weather", "unknown", ""),
    ],
    jobs=[],
    notices=[],
    dashboards={},
    problems=["kafka is down", "spark is down"],
    warnings=["it fills"],
    epoch=7,
)


def page(collector: LabCollector) -> dict[tuple[str, ...], float]:
    """The value of each sample, by its name and its labels' values, as Prometheus reads them."""
    registry = CollectorRegistry()
    registry.register(collector)
    server, thread = start_http_server(0, "127.0.0.1", registry)
    try:
        answer = httpx.get(f"http://127.0.0.1:{server.server_port}/metrics")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_the_page_says_what_status_says() -> None:
    found = page(LabCollector(lambda: STATUS))
    states = {name: value for name, value in found.items() if name[0] == "millrace_feed_state" and value}
    assert states == {("millrace_feed_state", "sales", "waiting"): 1, ("millrace_feed_state", "weather", "unknown"): 1}
    rest = {name: value for name, value in found.items() if name[0] != "millrace_feed_state"}
    assert rest == {
        ("millrace_feed_lag_records", "sales"): 2,
        ("millrace_feed_topic_records", "sales"): 12,
        ("millrace_feed_rows", "sales"): 6,
        ("millrace_feed_behind_seconds", "sales"): 16.5,
        ("millrace_feed_last_load_seconds", "sales"): 40,
        ("millrace_feed_read_records_total", "sales"): 10,
        ("millrace_feed_loaded_records_total", "sales"): 5,
        ("millrace_feed_updated_records_total", "sales"): 1,
        ("millrace_feed_duplicate_records_total", "sales"): 3,
        ("millrace_feed_quarantined_records_total", "sales"): 1,
        ("millrace_machine_up", "kafka"): 1,
        ("millrace_machine_up", "spark"): 0,
        ("millrace_machine_disk_used_bytes", "kafka"): 1,
        ("millrace_machine_disk_size_bytes", "kafka"): 4,
        ("millrace_machine_memory_used_bytes", "kafka"): 2,
        ("millrace_machine_memory_size_bytes", "kafka"): 8,
        ("millrace_machine_clock_ahead_seconds", "kafka"): -0.25,
        ("millrace_machine_failed_units", "kafka"): 1,
        ("millrace_service_up", "mysql", "mysql"): 1,
        ("millrace_service_up", "kafka", "kafka"): 0,
        ("millrace_stream_epoch",): 7,
        ("millrace_problems",): 2,
        ("millrace_warnings",): 1,
    }


def test_who_asks_often_is_told_the_same() -> None:
    asked: list[Any] = []
    times = iter([0.0, 0.0, KEPT_SECONDS, KEPT_SECONDS + 1, KEPT_SECONDS + 1])
    collector = LabCollector(lambda: asked.append(1) or STATUS, lambda: next(times))  # type: ignore[func-returns-value]
    counts = []
    for _ in range(4):
        assert list(collector.collect())
        counts.append(len(asked))
    assert counts == [1, 1, 1, 2]
