"""One Kafka record → its fields as Spark's arrays take them: by record.record_reader, and a layout of the texts."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import pyarrow as pa

from millrace.contract.contract import Contract
from millrace.record.identity import console_source
from millrace.record.record_reader import RecordReader
from spark.decode.field_mapping import Layout

OWN = {
    "source_id": pa.int64(),
    "row_no": pa.int64(),
    "sent_at": pa.string(),
    "replaces": pa.int64(),
    "origin": pa.string(),
    "why": pa.string(),
    "extra": pa.string(),
}
"""The fields in front of a record's texts. A typed record has neither source nor row: its place is who it is."""

Fields = tuple[Any, ...]


@dataclass(frozen=True)
class Reader:
    """Reads the records of one topic."""

    contract: Contract
    topic_uuid: str
    partitions: int

    def __reduce__(self) -> Any:
        """Travels to tasks as a short text, of which every worker process makes one reader for all of them."""
        return reader_of, (self._contract_json, self.topic_uuid, self.partitions)

    @cached_property
    def _contract_json(self) -> str:
        return self.contract.model_dump_json(by_alias=True)

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.contract)

    @cached_property
    def records(self) -> RecordReader:
        return RecordReader(self.contract)

    @cached_property
    def console_sources(self) -> pa.Int64Array:
        """By partition, who typed into it."""
        return pa.array([console_source(self.topic_uuid, number) for number in range(self.partitions)], pa.int64())

    def read(self, value: bytes, checked: bool = False) -> Fields:
        """One record's fields: OWN, then its texts by Layout.headers.

        What is no text among those of a record that is not `checked` stays, for the arrays to refuse, or raises NoText.
        """
        source, row, sent_at, replaces, origin, data, why = self.records.read(value, checked=checked)
        texts = self.layout.nothing if data is None else self.layout.pick(data)
        return (source, row, sent_at, replaces, origin, why, *texts)


@lru_cache(maxsize=32)
def reader_of(contract_json: str, topic_uuid: str, partitions: int) -> Reader:
    """The reader that was sent as these."""
    return Reader(Contract.model_validate_json(contract_json), topic_uuid, partitions)
