"""What the tasks of a load add to each rollup: the sums of their records by its keys."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc

from millrace.contract.contract import Contract
from millrace.contract.rollup import Measure, Rollup, RollupKey
from spark.rollup.expression import Expression, Unknown, column, expression, kind_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """How a rollup is summed up: which of the batch's columns it reads, which rows count, its keys and measures."""

    rollup: Rollup
    reads: tuple[str, ...]
    counts: Callable[[pa.RecordBatch], Any] | None
    columns: dict[str, Callable[[pa.RecordBatch], Any]]

    def summed(self, batch: pa.RecordBatch) -> pa.Table:
        """The batch's sums: keys and measures by name."""
        rows: pa.RecordBatch = pa.record_batch({name: _plain(batch[name]) for name in self.reads})
        if self.counts:
            rows = rows.filter(self.counts(rows))
        made = {name: _whole(of(rows), rows.num_rows) for name, of in self.columns.items()}
        return self.merged(pa.table(made))

    def merged(self, table: pa.Table) -> pa.Table:
        """One row per key."""
        keys, measures = list(self.rollup.key_names), [each.name for each in self.rollup.measures]
        sums = table.group_by(keys, use_threads=False).aggregate([(name, "sum") for name in measures])
        summed = [pc.coalesce(sums[f"{name}_sum"], 0) for name in measures]  # of nothing but NULL the sum is 0
        return pa.table([*(sums[name] for name in keys), *summed], [*keys, *measures])


class RollupSums:
    """The sums of one task, which takes batch after batch."""

    def __init__(self, contract: Contract) -> None:
        self._plans = plans(contract)
        self._sums: dict[str, list[pa.Table]] = {plan.rollup.name: [] for plan in self._plans}
        self._rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Takes a batch of good rows, see spark.clean.clean_batch."""
        self._rows += batch.num_rows
        for plan in self._plans:
            if (sums := self._sums.get(plan.rollup.name)) is not None:
                try:
                    sums.append(plan.summed(batch))
                except pa.ArrowException as error:  # a number too long for Arrow: MySQL sums it up
                    log.warning("%s is summed up by MySQL: %s", plan.rollup.name, error)
                    del self._sums[plan.rollup.name]

    def rows(self) -> list[dict[str, Any]]:
        """Per rollup how many rows were summed up, and their sums as an Arrow stream."""
        return [
            {
                "rollup": plan.rollup.name,
                "read_count": self._rows,
                "sums": _as_stream(plan.merged(pa.concat_tables(sums))),
            }
            for plan in self._plans
            if (sums := self._sums.get(plan.rollup.name))
        ]


def merged_sums(contract: Contract, sums: Mapping[str, Sequence[bytes]]) -> dict[str, str]:
    """By rollup, the sums of all tasks as one JSON list of rows."""
    found = {plan.rollup.name: plan for plan in plans(contract)}
    return {
        name: as_json(found[name].merged(pa.concat_tables(ipc.open_stream(each).read_all() for each in of_tasks)))
        for name, of_tasks in sums.items()
    }


def _as_stream(table: pa.Table) -> bytes:
    stream = pa.BufferOutputStream()
    with ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return bytes(stream.getvalue())


@cache
def plans(contract: Contract) -> tuple[Plan, ...]:
    """Of each rollup that Arrow sums up just as MySQL does; none of an upsert feed, whose rows take others' place."""
    if contract.mode == "upsert":
        return ()
    return tuple(plan for rollup in contract.rollups if (plan := _plan(rollup, contract)))


def as_json(sums: pa.Table) -> str:
    """A list of rows; values are texts, as decimals in JSON are no decimals everywhere."""
    texts = [_as_texts(column.combine_chunks()).to_pylist() for column in sums.columns]
    return orjson.dumps(list(zip(*texts, strict=True))).decode()


def _plan(rollup: Rollup, contract: Contract) -> Plan | None:
    try:
        keys = {name: _key(key, contract) for name, key in zip(rollup.key_names, rollup.by, strict=True)}
        measures = {each.name: _measure(each, contract) for each in rollup.measures}
        counts = expression(rollup.where, contract).truths() if rollup.where else None
    except Unknown as why:
        log.debug("%s is summed up by MySQL: %s", rollup.name, why)
        return None
    return Plan(rollup, tuple(sorted(rollup.reads)), counts, keys | measures)


def _key(key: str | RollupKey, contract: Contract) -> Callable[[pa.RecordBatch], Any]:
    if isinstance(key, str):
        of = column(key, contract)
        if not contract.column(key).required:
            if of.kind != "text":
                raise Unknown(f"{key} may have no value")
            return lambda columns: pc.coalesce(of.of(columns), "")
        return of.of
    of, kind = expression(key.sql, contract), key.column_type
    wanted = kind_of(kind)
    if of.kind != wanted or kind.name == "double" or of.scale > (kind.scale or 0):
        raise Unknown(f"{key.name} is a {kind.name}")
    return of.numbers(of.scale) if of.kind == "number" else of.of


def _measure(measure: Measure, contract: Contract) -> Callable[[pa.RecordBatch], Any]:
    of: Expression = expression(measure.sum, contract)
    if of.scale > (measure.column_type.scale or 0) or measure.column_type.name == "double":
        raise Unknown(f"{measure.name} is rounded")
    return of.numbers(of.scale)


def _plain(values: pa.Array) -> pa.Array:
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _whole(values: Any, rows: int) -> pa.Array:
    """A literal stands for as many rows."""
    return pa.repeat(values, rows) if isinstance(values, pa.Scalar) else values


def _as_texts(values: pa.Array) -> pa.StringArray:
    return (values.cast(pa.int8()) if pa.types.is_boolean(values.type) else values).cast(pa.string())
