"""The metrics page on the kafka machine: what Prometheus reads there is what `make status` shows."""

from collections.abc import Callable
from typing import Any

import httpx
import orjson
from prometheus_client.parser import text_string_to_metric_families

from instruments.tools import millrace, wait_until
from lab.observe.services import MACHINES, METRICS_PORT
from millrace.settings import Lab


def page(lab: Lab) -> dict[tuple[str, ...], float]:
    """The value of each sample, by its name and its labels' values."""
    text = httpx.get(f"http://{lab.address('kafka')}:{METRICS_PORT}/metrics", timeout=30).raise_for_status().text
    families = text_string_to_metric_families(text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def feeds_now() -> dict[str, dict[str, Any]]:
    return {feed["feed"]: feed for feed in orjson.loads(millrace("status", "--json").out)["feeds"]}


def test_metrics_are_what_status_shows(lab: Lab) -> None:
    """Feeds go on meanwhile: what the page says lies between what status says before and after it."""
    of_feeds: dict[str, Callable[[dict[str, Any]], Any]] = {
        "read_records_total": lambda feed: feed["counts"]["read"],
        "loaded_records_total": lambda feed: feed["counts"]["loaded"],
        "duplicate_records_total": lambda feed: feed["counts"]["duplicates"],
        "quarantined_records_total": lambda feed: feed["quarantined"],
        "topic_records": lambda feed: feed["topic_records"],
    }

    def agrees() -> bool:
        before, shown, after = feeds_now(), page(lab), feeds_now()
        return all(
            value(before[feed]) <= shown[f"millrace_feed_{name}", feed] <= value(after[feed])
            and shown["millrace_feed_state", feed, after[feed]["state"]] == 1
            for feed in lab.feeds
            for name, value in of_feeds.items()
        )

    # What the page tells may be some seconds old, and a feed may change its state meanwhile.
    wait_until(agrees, "the metrics agree with status", 60)


def test_machines_and_the_epoch_are_told(lab: Lab) -> None:
    status, shown = orjson.loads(millrace("status", "--json").out), page(lab)
    assert shown["millrace_stream_epoch",] == status["epoch"]
    for machine in status["machines"]:
        assert shown["millrace_machine_up", machine["machine"]] == 1
        assert shown["millrace_machine_disk_size_bytes", machine["machine"]] > 0
        assert shown["millrace_machine_memory_size_bytes", machine["machine"]] == machine["facts"]["memory_size"]
    assert {name[1] for name in shown if name[0] == "millrace_machine_memory_used_bytes"} == set(MACHINES)
