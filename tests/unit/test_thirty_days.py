"""A lab that is left on for thirty days, and for a year: what grows ends under four fifths of each machine's disk.

The rates, sizes and bounds are those that rule the lab; how many bytes something takes was measured.
"""

from functools import cache
from itertools import islice

import pytest

from lab.observe.machines import FULL_SHARE, WARN_SHARE
from lab.operate.landing_folder import KEPT_SHARE
from millrace.contract.contract import load_contract
from millrace.kafka.topic_retention import SHARE as TOPICS_SHARE
from millrace.kafka.topic_retention import known_contracts, retention_bytes, segment_bytes
from millrace.record.event import EventWriter
from millrace.settings import load_lab
from producer.kafka.backpressure import RECORD_OVERHEAD, SAFE_SHARE
from producer.live.publishers import load_places
from producer.simulate.pace import Pace
from producer.simulate.run import records_of
from producer.simulate.simulated_feed import SLOW_TICK
from spark.app.lag_sampler import INTERVAL_SECONDS
from spark.jobs.lake import SHARE as LAKE_SHARE
from sql.upkeep.folding import KEPT_DAYS, KEPT_LOADS
from sql.upkeep.refusals import SHARE as REFUSALS_SHARE

LAB = load_lab()
PARTITIONS = {contract.feed: contract.topic.partitions for contract in known_contracts()}
MOST = WARN_SHARE
GB = 10**9
DAY, HOUR = 86_400, 3_600
ROW_BYTES = {
    "insurance_rate": 420,
    "hospital": 420,
    "employment": 620,
    "procurement": 500,
    "sales": 400,
    "shares": 350,
    "weather": 3_050,
}
"""Of a made-up row in MySQL, with its indexes."""
ROLLUPS = 1.2
"""Of the facts and their rollups together, for one of the facts."""
LOAD_BYTES, SAMPLE_BYTES = 1_400, 80
"""Of a load with its partitions and sources in the ledger; of a sample."""
SOURCE_BYTES, LOAD_SOURCE_BYTES, JOURNAL_BYTES = 184, 168, 372
"""Of a source in pipeline_source, of one in a load, of a sent file in the producers' journal; with their indexes."""
PUBLISHED_SECONDS = 900
"""How often Open-Meteo has other weather of a place: docs/live.md."""
SYSTEM = 2 * GB
"""Debian with what the roles install (0.8 to 1.6 GB), and journals of 200 MB."""
LOGS = 2 * GB
"""MySQL's redo log, undo log and temporary tables."""


def rows_after(feed: str, days: int) -> int:
    """Records that its simulator has sent, hour by hour."""
    configured = LAB.simulator(feed)
    pace, row = Pace(configured.per_second, configured.first, configured.halves_every), float(configured.first)
    for _hour in range(days * 24):
        row += pace.at(int(row)) * HOUR
    return int(row)


@cache
def event_bytes(feed: str) -> float:
    """Mean of the simulator's events."""
    writer = EventWriter(feed, 1, (), origin="simulator")
    events = [writer.encode_texts(row, record) for row, record in enumerate(islice(records_of(feed, 1), 200), start=1)]
    return sum(map(len, events)) / len(events)


def is_inside(machine: str, taken: float) -> bool:
    print(f"{machine}: {taken / GB:.1f} of {LAB.machines[machine].share_of_disk(1) / GB:.1f} GB")
    return taken <= LAB.machines[machine].share_of_disk(MOST)


def of_kafka() -> float:
    """Where every topic and every landing folder is as full as it may be."""
    return SYSTEM + LAB.machines["kafka"].share_of_disk(TOPICS_SHARE + 2 * KEPT_SHARE)


def of_mysql(days: int, *, live: bool) -> float:
    """With as much of refused records as may be. `live`: publishers answer all the time, else simulators stand in."""
    polled = polled_after if live else rows_after
    facts = sum(polled(feed, days) * ROW_BYTES[feed] for feed in LAB.pollers)
    facts += sum(rows_after(feed, days) * ROW_BYTES[feed] for feed in LAB.simulators.keys() - LAB.pollers.keys())
    loads = min(KEPT_LOADS, KEPT_DAYS * DAY / SLOW_TICK) + days
    samples = KEPT_DAYS * DAY / INTERVAL_SECONDS
    ledger = len(PARTITIONS) * (loads * LOAD_BYTES + samples * SAMPLE_BYTES)
    refused = len(PARTITIONS) * LAB.machines["mysql"].share_of_disk(REFUSALS_SHARE)
    return SYSTEM + LOGS + facts * ROLLUPS + ledger + refused


def polled_after(feed: str, days: int) -> int:
    """Its first records, which are made up, and an observation of each place whenever there is another."""
    each = max(LAB.pollers[feed].every, PUBLISHED_SECONDS)
    return LAB.simulator(feed).first + len(load_places(feed)) * days * DAY // each


def test_topics() -> None:
    """Also where every topic is as full as it may be, whatever people send."""
    sizes = retention_bytes(LAB)
    full = [PARTITIONS[feed] * (size + segment_bytes(size)) for feed, size in sizes.items()]
    assert sum(full) <= LAB.machines["kafka"].share_of_disk(TOPICS_SHARE)
    assert is_inside("kafka", of_kafka())


@pytest.mark.parametrize("feed", LAB.simulators)
def test_a_topic_keeps_a_simulators_first_day(feed: str) -> None:
    """The fastest one: a stream that is off all that day leaves room, so that the simulator need not wait for it."""
    sent = rows_after(feed, 1) * (event_bytes(feed) + RECORD_OVERHEAD)
    assert sent <= PARTITIONS[feed] * retention_bytes(LAB)[feed] * SAFE_SHARE


@pytest.mark.parametrize(("days", "live"), [(30, False), (365, False), (30, True), (300, True)])
def test_facts_and_ledger(days: int, live: bool) -> None:
    assert is_inside("mysql", of_mysql(days, live=live))


def test_a_year_of_live_weather_is_told_of_before_the_disk_is_full() -> None:
    """What publishers have issued is kept; a warning comes months before, as docs/operating.md says."""
    year = of_mysql(365, live=True)
    assert not is_inside("mysql", year)
    assert year < LAB.machines["mysql"].share_of_disk(FULL_SHARE)


def with_device(every: int, days: int, feed: str = "shares") -> tuple[float, float]:
    """Bytes on the kafka and on the mysql machine, beside a device that drops a file of one record so often."""
    files = days * DAY // every
    in_loads = min(days, KEPT_DAYS) * DAY // every * LOAD_SOURCE_BYTES
    rows = files * (SOURCE_BYTES + ROW_BYTES[feed] * ROLLUPS) + in_loads
    return of_kafka() + files * JOURNAL_BYTES, of_mysql(days, live=False) + rows


def test_a_device_that_drops_a_file_a_minute() -> None:
    on_kafka, on_mysql = with_device(60, 365)
    assert is_inside("kafka", on_kafka)
    assert is_inside("mysql", on_mysql)


def test_a_device_that_drops_a_file_a_second() -> None:
    """Docs say what it costs, and for how long there is room where topics and landing folders are full."""
    assert is_inside("kafka", with_device(1, 17)[0])
    assert not is_inside("kafka", with_device(1, 19)[0])
    assert is_inside("mysql", with_device(1, 30)[1])


def test_lake() -> None:
    assert is_inside("spark", SYSTEM + LAB.machines["spark"].share_of_disk(LAKE_SHARE))


def test_every_simulator_was_measured() -> None:
    assert ROW_BYTES.keys() == LAB.simulators.keys()
    assert all(load_contract(feed) for feed in ROW_BYTES)


def test_dashboards_still_move_after_a_year() -> None:
    """At least a record in a few minutes for each feed that moves at all."""
    for feed, configured in LAB.simulators.items():
        pace = Pace(configured.per_second, configured.first, configured.halves_every)
        assert pace.at(rows_after(feed, 365)) > 1 / 300, feed


def test_without_their_bounds_the_same_rates_fill_the_disk() -> None:
    facts = sum(configured.per_second * 30 * DAY * ROW_BYTES[feed] for feed, configured in LAB.simulators.items())
    assert not is_inside("mysql", SYSTEM + LOGS + facts * ROLLUPS)
