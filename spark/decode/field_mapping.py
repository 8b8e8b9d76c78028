"""Which of a record's texts are the contract's, and what becomes of the others."""

from collections.abc import Callable
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
import pyarrow as pa

from millrace.contract.column import GIVEN, MESSAGE
from millrace.contract.contract import Contract
from millrace.record.seal import SEAL

MOST_SHAPES = 1000
LARGEST_SHAPE = 1000
"""Shapes of records that are remembered, and their names; lists in JSON records can make any number of them."""
Texts = tuple[str | None, ...]


class NoText(TypeError):  # noqa: N818 - it says what a field is
    """A field that is not in the arrays is no text, as arrays say of theirs."""


class _Shape(NamedTuple):
    pick: Callable[[dict[str, Any]], Texts]
    others: tuple[str, ...]
    unknown: tuple[str, ...]


class Layout:
    """A contract's headers, found in records; what was found out about records of the same shape is remembered."""

    def __init__(self, contract: Contract) -> None:
        self.headers = tuple(dict.fromkeys(header for column in contract.columns for header in column.headers))
        self.nothing: Texts = (None,) * (1 + len(self.headers))
        self._known = {*self.headers, *contract.ignore, *GIVEN}
        self._keeps_message = contract.keeps_message
        self._shapes: dict[tuple[str, ...], _Shape] = {}

    @cached_property
    def event(self) -> pa.Schema:
        """An envelope of which every field is known: what millrace.record.event writes of a readable record."""
        data = pa.struct([(name, pa.string()) for name in dict.fromkeys((*self.headers, *sorted(self._known)))])
        texts, numbers = ("feed", "origin", "sent_at", SEAL), ("source", "row", "version", "replaces")
        kinds = dict.fromkeys(texts, pa.string()) | dict.fromkeys(numbers, pa.int64()) | {"data": data}
        return pa.schema(list(kinds.items()))

    def pick(self, data: dict[str, Any]) -> Texts:
        """What the contract does not know, as JSON, then the texts in the order of `headers`.

        Raises NoText where one that is not in `headers` is none, so that no record is read otherwise than alone.
        """
        names = tuple(data)
        shape = self._shapes.get(names) or self._learn(names)
        if shape.others and not all(isinstance(data[name], str | None) for name in shape.others):
            raise NoText("a field is no text")
        if self._keeps_message and data.get(MESSAGE) in (None, ""):
            data = data | {MESSAGE: orjson.dumps({k: v for k, v in data.items() if k not in GIVEN}).decode()}
            return (None, *map(data.get, self.headers))
        if not shape.unknown:
            return (None, *shape.pick(data))
        return (orjson.dumps({name: data[name] for name in shape.unknown}).decode(), *shape.pick(data))

    def _learn(self, names: tuple[str, ...]) -> _Shape:
        others = tuple(name for name in names if name not in self.headers)
        unknown = () if self._keeps_message else tuple(name for name in others if name not in self._known)
        shape = _Shape(_picker(self.headers, names), others, unknown)
        if len(self._shapes) >= MOST_SHAPES:
            self._shapes.clear()
        if len(names) <= LARGEST_SHAPE:
            self._shapes[names] = shape
        return shape


def _picker(headers: tuple[str, ...], names: tuple[str, ...]) -> Callable[[dict[str, Any]], Texts]:
    """C code where the record has every header, which most have."""
    if len(headers) > 1 and set(headers) <= set(names):
        return itemgetter(*headers)
    return lambda data: tuple(map(data.get, headers))
