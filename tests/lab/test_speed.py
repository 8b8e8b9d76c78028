"""What the lab must reach on two cores: rows per second into MySQL, and the memory of the four machines."""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.contract import load_contract
from feeds.settings import Lab
from lab import remote
from lab.access import settings, warehouse
from lab.services import MACHINES
from producer.simulate import rates
from producer.simulate.insurance import blocks
from tests.lab.tools import Sum, Warehouse, send, source_of

ROWS = 200_000
LEAST_ROWS_PER_SECOND = 15_000
MOST_ANONYMOUS_BYTES = 8 * 2**30


def write_rates(file: Path, seed: int, rows: int) -> None:
    """Simulated rates as the CSV file their publisher would write."""
    headers = [column.from_ for column in load_contract(rates.FEED).columns]
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, headers)
        writer.writeheader()
        writer.writerows(itertools.islice(rates.rate_records(blocks(seed)), rows))


@pytest.fixture
def rate_file(lab: Lab, tmp_path: Path, nonce: str) -> Iterator[Path]:
    """200,000 rates under a fresh seed; they leave the table again after the test."""
    file = tmp_path / f"{nonce}.csv"
    write_rates(file, int(nonce, 16) % 10**9, ROWS)
    yield file
    write_rates(file, int(nonce, 16) % 10**9, 1)
    assert send(rates.FEED, file, "--replace") == Sum(1, 1, 0, 0, 0)


def test_200_000_rates_land_at_15_000_rows_a_second(lab: Lab, rate_file: Path) -> None:
    assert send(rates.FEED, rate_file) == Sum(ROWS, ROWS, 0, 0, 0)
    with warehouse(settings()) as connection:
        seconds = Warehouse(connection).one(
            "SELECT TIMESTAMPDIFF(MICROSECOND, (SELECT MIN(sent_at) FROM insurance_rate WHERE source_id = :source),"
            " MAX(l.finished_at)) / 1e6 FROM pipeline_load l JOIN pipeline_load_source s USING (load_id)"
            " WHERE s.source_id = :source AND l.state = 'committed'",
            source=source_of(rates.FEED, rate_file),
        )
    speed = ROWS / float(seconds)
    print(f"\n{ROWS:,} rates from send to MySQL in {float(seconds):.1f} s: {speed:,.0f} rows/s")
    assert speed >= LEAST_ROWS_PER_SECOND


def test_the_four_machines_use_less_than_8_gb_of_anonymous_memory(lab: Lab) -> None:
    sum_up = "awk '/^Pss_Anon:/ {sum += $2} END {print sum * 1024}'"
    script = f"sudo sh -c 'cat /proc/[0-9]*/smaps_rollup 2> /dev/null' | {sum_up}"
    used = {machine: int(float(remote.run(machine, script))) for machine in MACHINES}
    print("\n" + ", ".join(f"{machine} {size / 2**20:,.0f} MB" for machine, size in used.items()))
    assert all(used.values())
    assert sum(used.values()) < MOST_ANONYMOUS_BYTES
