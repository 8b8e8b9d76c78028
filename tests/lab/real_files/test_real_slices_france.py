"""The real files of hospital and employment through the whole pipeline, with exact sums."""

from pathlib import Path
from typing import NamedTuple

import pytest

from instruments.tools import DATA, Sum, Warehouse, send, source_of


class Slice(NamedTuple):
    """A real file, and what must become of its records."""

    feed: str
    name: str
    records: int
    keys: int
    refused: int

    @property
    def path(self) -> Path:
        return DATA / self.feed / self.name


FIRST = Slice("hospital", "spf_covid_hospit_2020-03-22_first.csv", 1_515, 1_515, 0)
APRIL = Slice("hospital", "donnees-hospitalieres-covid19-2020-04-23-19h00.csv", 11_214, 11_211, 3)
CLEANED = Slice("hospital", "data_sante_clean.csv", 71_205, 2_673, 1_410)
ZONES = Slice("employment", "data_emploie_clean.csv", 32_608, 32_608, 0)
LARGE = [pytest.param(of, id=of.name, marks=pytest.mark.full) for of in (CLEANED, ZONES)]
REASONS = (
    "SELECT column_name AS name, reason, COUNT(*) AS n FROM v_quarantine_reason"
    " WHERE feed = :feed AND source_id = :source GROUP BY column_name, reason"
)

needs_data = pytest.mark.skipif(not DATA.exists(), reason="the real slices are not on this machine (../shared/data)")


def rows_of(mysql: Warehouse, of: Slice) -> int:
    return int(mysql.one(f"SELECT COUNT(*) FROM v_{of.feed} WHERE source_id = :s", s=source_of(of.feed, of.path)) or 0)


def was_sent(mysql: Warehouse, of: Slice) -> bool:
    """Whether an earlier run sent the file."""
    query = "SELECT COUNT(*) FROM pipeline_source WHERE feed = :feed AND source_id = :source"
    return bool(mysql.one(query, feed=of.feed, source=source_of(of.feed, of.path)))


@needs_data
@pytest.mark.parametrize("of", [FIRST, APRIL, *LARGE], ids=lambda of: of.name)
def test_every_record_of_a_real_file_is_accounted_for(mysql: Warehouse, of: Slice) -> None:
    """New keys are loaded, the others are newer versions or beaten ones; sent again, all are duplicates."""
    known = was_sent(mysql, of)
    taken_over = rows_of(mysql, FIRST) if of is APRIL else 0
    found = send(of.feed, of.path)
    if known:
        assert found == Sum(of.records, 0, 0, of.records, 0)
    else:
        assert (found.sent, found.loaded, found.quarantined) == (of.records, of.keys - taken_over, of.refused)
        assert found.updated + found.duplicates == of.records - of.keys - of.refused + taken_over
    refusals = mysql.rows(REASONS, feed=of.feed, source=source_of(of.feed, of.path))
    expected = [{"name": "department", "reason": "is required and empty", "n": of.refused}]
    assert refusals == (expected if of.refused else [])


@needs_data
def test_the_newest_publication_stays_whatever_was_sent_last(mysql: Warehouse) -> None:
    """The file of 22 March 2020 again, after that of 23 April: nothing of it is newer."""
    send(APRIL.feed, APRIL.path)
    assert send(FIRST.feed, FIRST.path) == Sum(FIRST.records, 0, 0, FIRST.records, 0)
    assert (rows_of(mysql, FIRST), rows_of(mysql, APRIL)) == (0, APRIL.keys)


@needs_data
@pytest.mark.full
def test_a_month_is_its_end_and_parts_of_a_zone_add_up(mysql: Warehouse) -> None:
    send(CLEANED.feed, CLEANED.path)
    send(ZONES.feed, ZONES.path)
    ain = "SELECT hospitalised, deaths FROM v_hospital WHERE department = '01' AND sex = 0 AND day = '2021-03-31'"
    assert mysql.rows(ain) == [{"hospitalised": 152, "deaths": 560}]
    saint_junien = (
        "SELECT records, jobs FROM employment_by_zone"
        " WHERE zone_code = '7527' AND region_code = '75' AND quarter = '2021-06-30'"
    )
    (found,) = mysql.rows(saint_junien)
    parts = mysql.rows("SELECT jobs FROM v_employment WHERE zone_code = '7527' AND quarter = '2021-06-30'")
    assert found == {"records": 3, "jobs": sum(part["jobs"] for part in parts)}
