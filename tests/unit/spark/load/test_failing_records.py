"""Records that cannot be loaded keep their identity in quarantine; one that cannot be decoded has its position."""

import json

import pytest

from millrace.contract.contract import load_contract
from millrace.record.identity import console_source
from spark.decode.record_fields import Reader
from spark.load import failing_records
from spark.load.failing_records import refuse_all
from tests.unit.spark.records import OLDER, SENT_AT, SOURCE, TOPIC_UUID, event, kafka_records, sample

CONTRACT = load_contract("insurance_network")
VALUE = event(CONTRACT, sample(CONTRACT)[0], 7)
READER = Reader(CONTRACT, TOPIC_UUID, 2, OLDER)


def test_who_can_be_read_is_kept() -> None:
    (row,) = refuse_all(kafka_records([VALUE]), READER, "loading fails").to_pylist()
    assert (row["source_id"], row["row_no"], row["origin"]) == (SOURCE, 7, "file")
    assert row["sent_at"].isoformat() == SENT_AT.removesuffix("Z") + "000"
    assert (row["kafka_partition"], row["kafka_offset"], bytes.fromhex(row["raw_hex"])) == (0, 0, VALUE)
    assert json.loads(row["reasons"]) == [{"column": None, "value": None, "reason": "loading fails"}]


def test_who_cannot_be_read_is_its_position_in_the_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(failing_records, "decode", decode)
    (row,) = refuse_all(kafka_records([None], partition=1), READER, "x" * 1000).to_pylist()
    assert (row["source_id"], row["row_no"], row["origin"]) == (console_source(TOPIC_UUID, 1), 0, "console")
    assert (row["raw_hex"], row["replaces"]) == ("", None)
    assert len(json.loads(row["reasons"])[0]["reason"]) == 500
