"""What tasks count of their records, and what the driver makes of it: reads per source, and who replaces whom."""

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from millrace.contract.contract import load_contract
from millrace.record.event import Claim
from spark.load.reads import replacements, rollup_sums, source_reads
from spark.load.row_spool import COUNTS, Spool
from sql.ledger.counts import SourceRead
from sql.ledger.replace import Replacement
from sql.ledger.rollup import Summed
from tests.unit.spark.records import SOURCE, cleaned, event, sample

CONTRACT = load_contract("insurance_network")
SENT = datetime(2026, 11, 22, 17, 5, 47, 123000)


def counted(folder: Path, *claims: Claim) -> list[Any]:
    """The counts of a record for each claim, as Spark hands them to the driver."""
    values = [event(CONTRACT, sample(CONTRACT)[0], row, claim=claim) for row, claim in enumerate(claims, start=1)]
    spool = Spool(folder, CONTRACT)
    spool.add(cleaned(CONTRACT, values))
    spool.close()
    return [SimpleNamespace(**row) for row in pa.Table.from_batches(spool.counts(), COUNTS).to_pylist()]


def test_a_source_may_have_taken_the_place_of_several(tmp_path: Path) -> None:
    rows = counted(tmp_path, Claim(), Claim(3, (8, 7)), Claim(3, (8, 7)), Claim(5, (9,)), Claim(5))
    assert source_reads(rows) == [SourceRead(SOURCE, 5, SENT, SENT, "file", 5)]
    assert sorted(replacements(rows), key=lambda item: item.old) == [
        Replacement(7, SOURCE, SENT, 3),
        Replacement(8, SOURCE, SENT, 3),
        Replacement(9, SOURCE, SENT, 5),
    ]


def test_a_source_without_a_version_has_none(tmp_path: Path) -> None:
    rows = counted(tmp_path, Claim(), Claim(replaces=(8,)))
    assert source_reads(rows) == [SourceRead(SOURCE, 2, SENT, SENT, "file", None)]
    (replacement,) = replacements(rows)
    assert replacement.order == 1_795_367_147_123


def test_the_sums_of_all_tasks_are_those_of_the_load(tmp_path: Path) -> None:
    rows = [*counted(tmp_path, Claim(), Claim()), *counted(tmp_path, Claim())]
    listed = '[["2014","AZ","88925","AZN006","3"]]'
    assert rollup_sums(CONTRACT, rows) == {"insurance_network_by_issuer": Summed(3, listed)}
