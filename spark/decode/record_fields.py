"""One Kafka record → its fields as Spark's arrays take them: by record.record_reader, and a layout of the texts."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import repeat
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from millrace.contract.contract import Contract
from millrace.record.identity import console_source, times_lost
from millrace.record.record_reader import RecordReader
from millrace.record.seal import Trust
from spark.decode.field_mapping import Layout

OWN = {
    "source_id": pa.int64(),
    "row_no": pa.int64(),
    "sent_at": pa.string(),
    "version": pa.int64(),
    "replaces": pa.string(),
    "origin": pa.string(),
    "why": pa.string(),
    "extra": pa.string(),
}
"""The fields in front of a record's texts. A typed record has neither source nor row: its position is who it is.

`replaces`: sources with spaces between them, since lists cannot be counted by.
"""

Fields = tuple[Any, ...]


@dataclass(frozen=True)
class Reader:
    """Reads the records of one topic."""

    contract: Contract
    topic_uuid: str
    partitions: int
    trust: Trust
    typed_from: tuple[tuple[int, int], ...] = ()
    """Where the topic has lost typed records, see record.identity."""

    def __reduce__(self) -> Any:
        """Travels to tasks as a short text, of which every worker process makes one reader for all of them."""
        return reader_of, (self._contract_json, self.topic_uuid, self.partitions, self.trust, self.typed_from)

    @cached_property
    def _contract_json(self) -> str:
        return self.contract.model_dump_json(by_alias=True)

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.contract)

    @cached_property
    def records(self) -> RecordReader:
        return RecordReader(self.contract, self.trust.seal)

    def console_sources(self, partitions: pa.Int32Array, offsets: pa.Int64Array) -> pa.Int64Array:
        """Who typed what stands there."""
        if not self.typed_from:
            return self._whole_partitions.take(partitions)
        positions = zip(partitions.to_pylist(), offsets.to_pylist(), strict=True)
        lost = ((part, times_lost(self.typed_from, part, offset)) for part, offset in positions)
        return pa.array([console_source(self.topic_uuid, part, times) for part, times in lost], pa.int64())

    @cached_property
    def _whole_partitions(self) -> pa.Int64Array:
        return pa.array([console_source(self.topic_uuid, number) for number in range(self.partitions)], pa.int64())

    def are_older(self, partitions: pa.Int32Array, offsets: pa.Int64Array) -> Iterable[bool]:
        """Of each record, whether a release wrote it that did not seal; without end where one answer is all of them."""
        if self.trust.older is None:
            return repeat(True)
        ends = dict(self.trust.older)
        by_partition = pa.array([ends.get(number, 0) for number in range(self.partitions)], pa.int64())
        older = pc.less(offsets, by_partition.take(partitions))
        return older.to_pylist() if older.true_count else repeat(False)

    def read(self, value: bytes, is_older: bool = False, checked: bool = False) -> Fields:
        """One record's fields: OWN, then its texts by Layout.headers.

        What is no text among those of a record that is not `checked` stays, for the arrays to refuse, or raises NoText.
        """
        source, row, sent_at, version, replaces, origin, data, why = self.records.read(
            value, checked=checked, is_older=is_older
        )
        texts = self.layout.nothing if data is None else self.layout.pick(data)
        old = " ".join(map(str, replaces)) if replaces else None
        return (source, row, sent_at, version, old, origin, why, *texts)


@lru_cache(maxsize=32)
def reader_of(
    contract_json: str, topic_uuid: str, partitions: int, trust: Trust, typed_from: tuple[tuple[int, int], ...] = ()
) -> Reader:
    """The reader that was sent as these."""
    return Reader(Contract.model_validate_json(contract_json), topic_uuid, partitions, trust, typed_from)
