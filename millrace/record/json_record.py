"""One JSON record to header → text: nested names are joined by dots, values stand as they were written."""

import json
import re
from collections.abc import Iterator
from typing import Any

from millrace.record.limits import DEEPEST_JSON, LONGEST_FLATTENED, LONGEST_JSON_KEY, LONGEST_SHOWN, MOST_FIELDS

Json = object
TOO_LONG_NAME = f"has a field whose name is longer than {LONGEST_JSON_KEY} bytes"
STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)
"""A string, closed or not, or what opens and closes lists and objects."""


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
        raise NotJson(f"names {_shown(next(name for name in names if names.count(name) > 1))} twice")
    return found


def _no_constant(name: str) -> Json:
    raise NotJson(f"holds {name}, which is no JSON")


DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=_Written, parse_float=_Written, parse_constant=_no_constant
)
"""Keeps numbers as they were written, and refuses what other readers would pass over in silence."""


def read_object(text: str) -> dict[str, Any]:
    """A JSON object, its numbers as texts. Raises NotJson where it is none, or nested deeper than DEEPEST_JSON."""
    if is_deeper(text, DEEPEST_JSON):
        raise NotJson(f"is nested deeper than {DEEPEST_JSON} levels")
    try:
        record = DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise BrokenJson(f"is broken JSON at character {error.pos + 1}: {error.msg}") from None
    if not isinstance(record, dict):
        raise NotJson("is no JSON object")
    return record


def is_deeper(text: str, levels: int) -> bool:
    """Whether lists and objects are nested at more levels. How deep Python itself can read differs by its version."""
    if text.count("[") + text.count("{") <= levels:
        return False
    depth = 0
    for found in STRUCTURE.finditer(text):
        sign = text[found.start()]
        if sign in "[{":
            depth += 1
            if depth > levels:
                return True
        elif sign != '"':
            depth -= 1
    return False


def flatten(record: dict[str, Any]) -> dict[str, str]:
    """An object's values by dotted name, lists by position: `titulaires.0.id`.

    null, an empty list and an empty object are left out; numbers, true and false are their JSON text. Raises NotJson
    where two values have one name, where half a character stands alone, or where names and values are too long or many.
    """
    texts: dict[str, str] = {}
    size = 0
    for name, value in _values("", record):
        if name in texts:
            raise NotJson(f"has two values that are called {_shown(name)}")
        if not (_is_text(name) and _is_text(value)):
            raise NotJson(f"holds half a character in {name[:LONGEST_SHOWN]!r}")
        if is_too_long(name):
            raise NotJson(TOO_LONG_NAME)
        texts[name] = value
        size += len(name) + len(value)
        if len(texts) > MOST_FIELDS or size > LONGEST_FLATTENED:
            raise NotJson(f"has more than {MOST_FIELDS} fields, or {LONGEST_FLATTENED} characters in them")
    return texts


def is_too_long(name: str) -> bool:
    """Whether MySQL does not take the name as a key."""
    return len(name) > LONGEST_JSON_KEY // 4 and len(name.encode()) > LONGEST_JSON_KEY


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


def _shown(name: str) -> str:
    """A name as a reason may repeat it."""
    return name[:LONGEST_SHOWN].encode("utf-8", "backslashreplace").decode()
