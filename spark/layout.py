"""Which of a record's texts are the contract's, and what becomes of the others."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from feeds.column import GIVEN, MESSAGE
from feeds.contract import Contract
from sql.limits import LONGEST_JSON_KEY

MOST_SHAPES = 1000
"""Shapes of records that are remembered; lists in JSON records can make any number of them."""
Texts = tuple[str | None, ...]


class TooLongName(Exception):  # noqa: N818 - it says what a record has
    """The record has a field whose name MySQL does not take as a key."""


class _Shape(NamedTuple):
    pick: Callable[[dict[str, Any]], Texts]
    unknown: tuple[str, ...]


class Layout:
    """A contract's headers, found in records; what was found out about records of the same shape is remembered."""

    def __init__(self, contract: Contract) -> None:
        self.headers = tuple(dict.fromkeys(header for column in contract.columns for header in column.headers))
        self.nothing: Texts = (None,) * (1 + len(self.headers))
        self._known = {*self.headers, *contract.ignore, *GIVEN}
        self._keeps_message = contract.keeps_message
        self._shapes: dict[tuple[str, ...], _Shape] = {}

    def pick(self, data: dict[str, Any]) -> Texts:
        """What the contract does not know, as JSON, then the texts in the order of `headers`; raises TooLongName."""
        if self._keeps_message and not data.get(MESSAGE):
            data = data | {MESSAGE: orjson.dumps({k: v for k, v in data.items() if k not in GIVEN}).decode()}
        names = tuple(data)
        shape = self._shapes.get(names) or self._learn(names)
        if not shape.unknown:
            return (None, *shape.pick(data))
        return (orjson.dumps({name: data[name] for name in shape.unknown}).decode(), *shape.pick(data))

    def _learn(self, names: tuple[str, ...]) -> _Shape:
        if any(len(name.encode()) > LONGEST_JSON_KEY for name in names):
            raise TooLongName(f"has a field whose name is longer than {LONGEST_JSON_KEY} bytes")
        unknown = () if self._keeps_message else tuple(name for name in names if name not in self._known)
        if len(self._shapes) >= MOST_SHAPES:
            self._shapes.clear()
        return self._shapes.setdefault(names, _Shape(_picker(self.headers, names), unknown))


def _picker(headers: tuple[str, ...], names: tuple[str, ...]) -> Callable[[dict[str, Any]], Texts]:
    """C code where the record has every header, which most have."""
    if len(headers) > 1 and set(headers) <= set(names):
        return itemgetter(*headers)
    return lambda data: tuple(map(data.get, headers))
