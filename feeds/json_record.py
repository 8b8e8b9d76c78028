"""One JSON record to header → text: nested names are joined by dots, values stand as they were written."""

import json
from collections.abc import Iterator
from typing import Any

Json = object


class NotJson(Exception):  # noqa: N818 - it says what a text is
    """The text is no JSON record; the message says why, to be read behind "the record"."""


class BrokenJson(NotJson):
    """The text breaks JSON's grammar."""


class _Written(str):
    """A number as it stands in the document."""

    __slots__ = ()


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise NotJson(f"names {next(name for name in names if names.count(name) > 1)} twice")
    return found


def _no_constant(name: str) -> Json:
    raise NotJson(f"holds {name}, which is no JSON")


DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=_Written, parse_float=_Written, parse_constant=_no_constant
)
"""Keeps numbers as they were written, and refuses what other readers would pass over in silence."""


def read_object(text: str) -> dict[str, Any]:
    """A JSON object, its numbers as texts. Raises NotJson where it is none."""
    try:
        record = DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise BrokenJson(f"is broken JSON at character {error.pos + 1}: {error.msg}") from None
    except RecursionError:
        raise NotJson("is nested too deeply") from None
    if not isinstance(record, dict):
        raise NotJson("is no JSON object")
    return record


def flatten(record: dict[str, Any]) -> dict[str, str]:
    """An object's values by dotted name, lists by position: `titulaires.0.id`.

    null, an empty list and an empty object are left out; numbers, true and false are their JSON text. Raises NotJson
    where two values have one name, or where half a character stands alone.
    """
    texts: dict[str, str] = {}
    for name, value in _values("", record):
        if name in texts:
            raise NotJson(f"has two values that are called {name}")
        if not (_is_text(name) and _is_text(value)):
            raise NotJson(f"holds half a character in {name!r}")
        texts[name] = value
    return texts


def _values(name: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values(f"{name}.{key}" if name else key, inner)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _values(f"{name}.{position}" if name else str(position), inner)
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif value is not None:
        yield name, str(value)


def _is_text(value: str) -> bool:
    """Whether no half of an escaped pair stands alone in it."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
