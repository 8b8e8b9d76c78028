"""The standard suite: every feed that has a contract passes it, nothing has to be registered."""

import json
from pathlib import Path

import pytest

from millrace.contract.contract import all_contracts
from spark.clean.arrow_types import arrow_type
from spark.clean.clean_batch import ENVELOPE
from tests.unit.feeds.awkward import awkward
from tests.unit.spark.records import cleaned, event, read_csv, reasons, rows, sample

FEEDS = sorted(all_contracts())
REAL = Path(__file__).parents[4] / "shared" / "data" / "insurance"
REAL_FILES = [
    ("insurance_network", "Network_kaggle_2014_2016.csv", 3822),
    ("insurance_service_area", "ServiceArea_sample.csv", 10_000),
    ("insurance_benefit", "BenefitsCostSharing_sample.csv", 10_000),
]


@pytest.mark.parametrize("feed", FEEDS)
class TestEveryFeed:
    def test_its_sample_is_accepted(self, feed: str) -> None:
        contract = all_contracts()[feed]
        found = rows(contract, [event(contract, record) for record in sample(contract)])
        assert [(row.kafka_offset, row.reasons) for row in found if row.reasons] == []
        assert all(row.raw_hex is None and row.extra is None for row in found)

    def test_its_rows_are_the_columns_of_the_table(self, feed: str) -> None:
        contract = all_contracts()[feed]
        found = cleaned(contract, [event(contract, sample(contract)[0])])
        assert tuple(found.schema.names) == (*ENVELOPE, *contract.names, "extra", "reasons", "raw_hex")

    def test_every_rule_refuses_with_its_reason(self, feed: str) -> None:
        contract = all_contracts()[feed]
        good = sample(contract)[0]
        cases = awkward(contract)
        values = [event(contract, _with(good, column.headers, text)) for column, text, _ in cases]
        expected = [(column.name, text, [(column.name, reason)]) for column, text, reason in cases]
        found = rows(contract, values)
        refused = [
            (case[0], case[1], [r for r in reasons(row) if r[0] == case[0]])
            for case, row in zip(expected, found, strict=True)
        ]
        assert refused == expected

    def test_null_foreign_and_repeated_records_all_come_out(self, feed: str) -> None:
        contract = all_contracts()[feed]
        good = event(contract, sample(contract)[0])
        found = rows(contract, [good, None, b"{", good, event(contract, {})])
        required = sorted((c.name, "is required and empty") for c in contract.columns if c.required)
        assert [sorted(map(str, reasons(row))) for row in found[:4]] == [
            [],
            [str((None, "the record is empty"))],
            [str((None, "the record is not valid JSON"))],
            [],
        ]
        assert sorted(reason for reason in reasons(found[4]) if reason in required) == required
        assert (found[0].source_id, found[0].row_no) == (found[3].source_id, found[3].row_no)

    def test_unknown_columns_are_kept(self, feed: str) -> None:
        contract = all_contracts()[feed]
        ignored = dict.fromkeys(contract.ignore, "1")
        (found,) = rows(contract, [event(contract, sample(contract)[0] | ignored | {"New": "ä\t", "Empty": ""})])
        assert found.reasons is None
        if contract.keeps_message:
            assert found.extra is None
        else:
            assert json.loads(found.extra) == {"New": "ä\t", "Empty": ""}

    def test_types_are_the_contracts(self, feed: str) -> None:
        contract = all_contracts()[feed]
        schema = cleaned(contract, [b""]).schema
        columns = [contract.column(name) for name in contract.names]
        assert [schema.field(c.name).type.value_type for c in columns] == [arrow_type(c.column_type) for c in columns]

    def test_a_batch_without_records_is_one(self, feed: str) -> None:
        assert cleaned(all_contracts()[feed], []).num_rows == 0


def _with(record: dict[str, str], headers: tuple[str, ...], text: str) -> dict[str, str]:
    """The record with this text under the first of a column's names and nothing under the others."""
    others = {header: text for header, text in record.items() if header not in headers}
    return others | {headers[0]: text}


@pytest.mark.parametrize("feed", [feed for feed in FEEDS if feed.startswith("insurance")])
def test_optional_columns_may_be_missing(feed: str) -> None:
    contract = all_contracts()[feed]
    needed = {c.from_: sample(contract)[0][c.from_] for c in contract.columns if c.required}
    (found,) = rows(contract, [event(contract, needed)])
    assert found.reasons is None
    assert all(getattr(found, c.name) is None for c in contract.columns if not c.required)


@pytest.mark.bulk
@pytest.mark.parametrize(("feed", "file", "count"), REAL_FILES)
def test_the_real_file_is_accepted_whole(feed: str, file: str, count: int) -> None:
    if not (REAL / file).exists():
        pytest.skip(f"the real file ../shared/data/insurance/{file} is not here")
    contract = all_contracts()[feed]
    values = [event(contract, record, number) for number, record in enumerate(read_csv(REAL / file), 1)]
    found = rows(contract, values)
    assert (len(found), [row.reasons for row in found if row.reasons]) == (count, [])
