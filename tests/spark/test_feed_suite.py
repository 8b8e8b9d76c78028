"""The standard suite: every feed that has a contract passes it, nothing has to be registered."""

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from feeds.contract import all_contracts
from spark.clean import ENVELOPE
from spark.shapes import spark_type
from tests.spark.awkward import awkward
from tests.spark.records import event, kafka_records, read_csv, reasons, rows, sample

FEEDS = sorted(all_contracts())
REAL = Path(__file__).parents[3] / "shared" / "data" / "insurance"
REAL_FILES = [
    ("insurance_network", "Network_kaggle_2014_2016.csv", 3822),
    ("insurance_service_area", "ServiceArea_sample.csv", 10_000),
    ("insurance_benefit", "BenefitsCostSharing_sample.csv", 10_000),
]


@pytest.mark.parametrize("feed", FEEDS)
class TestEveryFeed:
    def test_its_sample_is_accepted(self, spark: SparkSession, feed: str) -> None:
        contract = all_contracts()[feed]
        found = rows(spark, contract, [event(contract, record) for record in sample(contract)])
        assert [(row.kafka_offset, row.reasons) for row in found if row.reasons] == []
        assert all(row.raw_hex is None and row.extra is None for row in found)

    def test_its_rows_are_the_columns_of_the_table(self, spark: SparkSession, feed: str) -> None:
        contract = all_contracts()[feed]
        record = sample(contract)[0]
        (found,) = rows(spark, contract, [event(contract, record)])
        assert tuple(found.asDict()) == (*ENVELOPE, *contract.names, "extra", "reasons", "raw_hex")

    def test_every_rule_refuses_with_its_reason(self, spark: SparkSession, feed: str) -> None:
        contract = all_contracts()[feed]
        good = sample(contract)[0]
        cases = awkward(contract)
        found = rows(spark, contract, [event(contract, good | {column.from_: text}) for column, text, _ in cases])
        expected = [(column.name, text, [(column.name, reason)]) for column, text, reason in cases]
        assert [(case[0], case[1], reasons(row)) for case, row in zip(expected, found, strict=True)] == expected

    def test_null_foreign_and_repeated_records_all_come_out(self, spark: SparkSession, feed: str) -> None:
        contract = all_contracts()[feed]
        good = event(contract, sample(contract)[0])
        found = rows(spark, contract, [good, None, b"{", good, event(contract, {})])
        required = sorted((c.name, "is required and empty") for c in contract.columns if c.required)
        assert [sorted(map(str, reasons(row))) for row in found[:4]] == [
            [],
            [str((None, "the record is empty"))],
            [str((None, "the record is not valid JSON"))],
            [],
        ]
        assert sorted(reasons(found[4])) == required
        assert (found[0].source_id, found[0].row_no) == (found[3].source_id, found[3].row_no)

    def test_unknown_columns_are_kept(self, spark: SparkSession, feed: str) -> None:
        contract = all_contracts()[feed]
        ignored = dict.fromkeys(contract.ignore, "1")
        (found,) = rows(spark, contract, [event(contract, sample(contract)[0] | ignored | {"New": "ä\t", "Empty": ""})])
        assert (found.reasons, json.loads(found.extra)) == (None, {"New": "ä\t", "Empty": ""})

    def test_optional_columns_may_be_missing(self, spark: SparkSession, feed: str) -> None:
        contract = all_contracts()[feed]
        needed = {c.from_: sample(contract)[0][c.from_] for c in contract.columns if c.required}
        (found,) = rows(spark, contract, [event(contract, needed)])
        assert found.reasons is None
        assert all(found[c.name] is None for c in contract.columns if not c.required)

    def test_types_are_the_contracts(self, spark: SparkSession, feed: str) -> None:
        from spark.clean import clean  # noqa: PLC0415
        from spark.event import decode  # noqa: PLC0415

        contract = all_contracts()[feed]
        schema = clean(decode(kafka_records(spark, [b""]), contract, "x", 1), contract).schema
        columns = [contract.column(name) for name in contract.names]
        assert [schema[c.name].dataType for c in columns] == [spark_type(c.column_type) for c in columns]


@pytest.mark.parametrize(("feed", "file", "count"), REAL_FILES)
def test_the_real_file_is_accepted_whole(spark: SparkSession, feed: str, file: str, count: int) -> None:
    if not (REAL / file).exists():
        pytest.skip(f"no real data: {file} is not beside this checkout")
    contract = all_contracts()[feed]
    values = [event(contract, record, number) for number, record in enumerate(read_csv(REAL / file), 1)]
    found = rows(spark, contract, values)
    assert (len(found), [row.reasons for row in found if row.reasons]) == (count, [])
