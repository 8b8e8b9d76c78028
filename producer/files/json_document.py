"""A JSON document as the texts of its records, read in pieces: memory holds one piece, not the document."""

import json
from collections.abc import Iterator
from typing import NamedTuple, NoReturn, TextIO

from millrace.errors import Refused
from millrace.record.json_record import is_deeper
from millrace.record.limits import DEEPEST_ELEMENT

PIECE = 1 << 20
SPACE = " \t\r\n"
ENDS = tuple(f"{SPACE},:]}}")
SCANNER = json.JSONDecoder(parse_int=str, parse_float=str)
"""Finds where a value ends; what is in it is read later."""


class Element(NamedTuple):
    """One record of a document: its text as it stands, and the line it begins at."""

    line: int
    text: str


def elements(source: TextIO, key: str, name: str) -> Iterator[Element]:
    """The records of a document: the list under `key`, else the document that is a list, else the one object it is.

    A document that is broken anywhere is Refused, with line and column, when reading gets there. `source` must be
    seekable, and hold line ends as they stand.
    """
    text = _Text(source, name)
    if text.peek() == "":
        raise Refused(f"{name} is empty; at least one record is needed.")
    if text.peek() == "[":
        yield from _list(text)
    elif text.peek() == "{" and key and _find_list(text, key):
        yield from _list(text)
        _rest_of_object(text)
    else:
        text = _Text(source, name)
        yield text.value()
    if text.peek() != "":
        text.fail("something follows the document's end; one record per line is called .jsonl")


def _list(text: "_Text") -> Iterator[Element]:
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    while True:
        yield text.value()
        if text.peek() == "]":
            text.take("]")
            return
        text.take(",")


def _find_list(text: "_Text", key: str) -> bool:
    """Go to the list under `key` of the object that begins here; False where it has none, at the object's end."""
    text.take("{")
    while text.peek() == '"':
        found = json.loads(text.value().text)
        text.take(":")
        if found == key and text.peek() == "[":
            return True
        text.value()
        if text.peek() != ",":
            return False
        text.take(",")
    return False


def _rest_of_object(text: "_Text") -> None:
    while text.peek() == ",":
        text.take(",")
        text.value()
        text.take(":")
        text.value()
    text.take("}")


class _Text:
    """The document's text as far as it is in memory, and the place in it where reading stands."""

    def __init__(self, source: TextIO, name: str) -> None:
        source.seek(0)
        self._source, self._name = source, name
        self._text, self._at = source.read(PIECE).removeprefix("\ufeff"), 0
        self._told, self._line, self._column = 0, 1, 1

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

    def value(self) -> Element:
        """Pass over the JSON value that begins here."""
        self.peek()
        while True:
            try:
                end = SCANNER.raw_decode(self._text, self._at)[1]
            except json.JSONDecodeError as error:
                ahead = error.pos - self._at
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
        self._text, self._at, self._told = self._text[self._at :], 0, 0
        piece = self._source.read(max(PIECE, len(self._text)))
        self._text += piece
        return bool(piece)

    def _here(self) -> tuple[int, int]:
        """Line and column, both from 1."""
        passed = self._text[self._told : self._at]
        lines = passed.count("\n")
        self._column = len(passed) - passed.rfind("\n") if lines else self._column + len(passed)
        self._line += lines
        self._told = self._at
        return self._line, self._column
