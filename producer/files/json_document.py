"""A JSON document as the texts of its records, read in pieces: memory holds one piece, not the document."""

import json
import re
from collections.abc import Generator, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, NoReturn, TextIO

from millrace.errors import Refused
from millrace.record.event import MAX_BYTES
from millrace.record.json_record import is_deeper
from millrace.record.limits import DEEPEST_ELEMENT, LONGEST_SHOWN

PIECE = 1 << 20
MOST_NAMES = 21
LONGEST = 4 * MAX_BYTES
FIRST_NAME = re.compile(r'\{\s*("(?:[^"\\]|\\.)*")')
SPACE = " \t\r\n"
ENDS = tuple(f"{SPACE},:]}}")
SCANNER = json.JSONDecoder(parse_int=str, parse_float=str)
"""Finds where a value ends; what is in it is read later."""


class Element(NamedTuple):
    """One record of a document: its text as it stands, the line it begins at, and what it is given beside."""

    line: int
    text: str
    given: Mapping[str, str] = MappingProxyType({})


class Document:
    """The records of a document: the list under `key`, else the document that is a list, else the one object it is.

    Where `lists` are known, `key` may hold an object with those instead, each a list or the one record in its place;
    `lists` says what the records of each are given. They may stand in the document itself too.
    """

    def __init__(self, source: TextIO, name: str, key: str, lists: Mapping[str, Mapping[str, str]]) -> None:
        self._source, self._name, self._key, self._lists = source, name, key, lists
        self.names: tuple[str, ...] = ()
        """The first names of the document's own object, so far as it was read."""
        self.is_one = False
        """Whether the document is one record itself, as none of its names is known to have records."""

    def elements(self) -> Iterator[Element]:
        """The records in their order.

        A document that is broken anywhere is Refused, with line and column, when reading gets there. The source must be
        seekable, and hold line ends as they stand.
        """
        text = _Text(self._source, self._name)
        if text.peek() == "":
            raise Refused(f"{self._name} is empty; at least one record is needed.")
        if text.peek() == "[":
            yield from _list(text, {})
        elif text.peek() == "{" and (self._key or self._lists):
            self.is_one = not (yield from self._in_object(text))
            if self.is_one:
                text = _Text(self._source, self._name)
                yield text.value()
        else:
            yield text.value()
        if text.peek() != "":
            text.fail("something follows the document's end; one record per line is called .jsonl")

    def _in_object(self, text: "_Text") -> Generator[Element, None, bool]:
        """The records under the names of the object; whether one of them is known to have records."""
        is_found = False
        self.names = ()
        for name in _names(text):
            self.names = (*self.names, name)[:MOST_NAMES]
            if name == self._key and text.peek() == "{" and self._lists and text.first_name() in self._lists:
                is_found = True
                yield from self._in_lists(text)
            elif name == self._key and (text.peek() == "[" or (text.peek() == "{" and self._lists)):
                is_found = True
                yield from _list(text, {})
            elif name in self._lists and text.peek() in ("[", "{"):
                is_found = True
                yield from _list(text, self._lists[name])
            else:
                text.value()
        return is_found

    def _in_lists(self, text: "_Text") -> Iterator[Element]:
        for name in _names(text):
            if name not in self._lists:
                known = ", ".join(self._lists)
                text.fail(f"under {self._key} stands {name[:LONGEST_SHOWN]!r}, which is none of {known}")
            yield from _list(text, self._lists[name])


def _names(text: "_Text") -> Iterator[str]:
    """The names of the object that begins here; whoever asks passes over the value before the next."""
    text.take("{")
    while text.peek() == '"':
        name = json.loads(text.value().text)
        text.take(":")
        yield name
        if text.peek() != ",":
            break
        text.take(",")
    text.take("}")


def _list(text: "_Text", given: Mapping[str, str]) -> Iterator[Element]:
    """The records of a list, or the one that stands in its place."""
    if text.peek() != "[":
        yield text.value()._replace(given=given)
        return
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    while True:
        yield text.value()._replace(given=given)
        if text.peek() == "]":
            text.take("]")
            return
        text.take(",")


class _Text:
    """The document's text as far as it is in memory, and the position in it where reading stands."""

    def __init__(self, source: TextIO, name: str) -> None:
        source.seek(0)
        self._source, self._name = source, name
        self._text, self._at = source.read(PIECE).removeprefix("\ufeff"), 0
        self._counted, self._line, self._column = 0, 1, 1

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def take(self, expected: str) -> None:
        """Pass over that character; Refused where another one stands."""
        if self.peek() != expected:
            self.fail(f"{expected} is expected")
        self._at += 1

    def first_name(self) -> str:
        """The first name of the object that begins here, which is not passed over; empty where it has none."""
        while (found := FIRST_NAME.match(self._text, self._at)) is None and self._more():
            pass
        return str(json.loads(found[1])) if found else ""

    def value(self) -> Element:
        """Pass over the JSON value that begins here."""
        self.peek()
        while True:
            try:
                end = SCANNER.raw_decode(self._text, self._at)[1]
            except json.JSONDecodeError as error:
                ahead = error.pos - self._at
                if len(self._text) - self._at > LONGEST:
                    self.fail(f"a value of more than {LONGEST >> 20} MB begins here, which no record can be")
                if not self._more():
                    self._at += ahead
                    self.fail(error.msg)
            except RecursionError:
                self.fail("it is nested too deeply")
            else:
                # A number cut by the piece's end looks whole, so its end must be seen.
                length = end - self._at
                if self._text[end : end + 1] in ENDS or not self._more():
                    element = Element(self._here()[0], self._text[self._at : self._at + length])
                    if is_deeper(element.text, DEEPEST_ELEMENT):
                        self.fail("it is nested too deeply")
                    self._at += length
                    return element

    def fail(self, why: str) -> NoReturn:
        """Refuse the document where reading stands."""
        line, column = self._here()
        raise Refused(f"{self._name} is broken JSON at line {line}, column {column}: {why}.")

    def _more(self) -> bool:
        """Read on, as much again as is held, so that a long value is not tried too often."""
        self._here()
        self._text, self._at, self._counted = self._text[self._at :], 0, 0
        piece = self._source.read(max(PIECE, len(self._text)))
        self._text += piece
        return bool(piece)

    def _here(self) -> tuple[int, int]:
        """Line and column, both from 1."""
        passed = self._text[self._counted : self._at]
        lines = passed.count("\n")
        self._column = len(passed) - passed.rfind("\n") if lines else self._column + len(passed)
        self._line += lines
        self._counted = self._at
        return self._line, self._column
