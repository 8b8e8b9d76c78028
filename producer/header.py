"""The header of a file against the contract: what is wrong is said before the first record is sent."""

import csv
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass

from feeds.contract import Contract
from feeds.errors import Refused
from feeds.validation import nearest

OTHER_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class Header:
    """The names in a file's first line, and which of its columns are sent."""

    names: tuple[str, ...]
    kept: tuple[int, ...]
    lines: int
    """Lines of the file up to and with the header."""

    @property
    def kept_names(self) -> tuple[str, ...]:
        return tuple(self.names[index] for index in self.kept)


def read_header(lines: Iterator[bytes], contract: Contract, file: str) -> Header:
    """Take the header off a file's lines; refuses a file that cannot be the feed's, saying what to change."""
    blank = 0
    raw = _first(lines, file).removeprefix(BOM_UTF8)
    while not raw.strip() and blank < contract.source.leading_blank_lines:
        blank += 1
        raw = _first(lines, file)
    if not raw.strip():
        raise Refused(f"{file}: line {blank + 1} is blank, the header must stand there; remove the line.")
    text = _text(raw, contract, file)
    if text.count('"') % 2:
        raise Refused(f"{file}: a quote in the header is never closed; each column's name must stand in one line.")
    names = _split(text, contract.source.delimiter)
    _refuse_other_delimiter(text, names, contract, file)
    _refuse_bad_names(names, contract, file)
    kept = tuple(index for index, name in enumerate(names) if name not in contract.ignore)
    return Header(names, kept, blank + 1)


def _first(lines: Iterator[bytes], file: str) -> bytes:
    try:
        return next(lines)
    except StopIteration:
        raise Refused(f"{file} is empty; a header and at least one record are needed.") from None


def _text(raw: bytes, contract: Contract, file: str) -> str:
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise Refused(f"{file} is written in UTF-16; save it as {contract.source.encoding.upper()} text.")
    try:
        text = raw.decode(contract.source.encoding)
    except UnicodeDecodeError:
        raise Refused(f"{file}: the header is not {contract.source.encoding.upper()} text; save it so.") from None
    if "\r" in text.rstrip("\r\n"):
        raise Refused(f"{file}: the lines end with carriage returns alone; save it with ordinary line ends.")
    return text


def _split(text: str, delimiter: str) -> tuple[str, ...]:
    return tuple(field.strip() for field in next(csv.reader([text], delimiter=delimiter), []))


def _refuse_other_delimiter(text: str, names: tuple[str, ...], contract: Contract, file: str) -> None:
    wanted = contract.source.delimiter
    required = set(contract.required_headers)
    for other, word in OTHER_DELIMITERS.items():
        if other != wanted and not required <= set(names) and required <= set(_split(text, other)):
            ours = OTHER_DELIMITERS.get(wanted, repr(wanted))
            raise Refused(f"{file}: its columns are parted by {word}, the feed {contract.feed} wants {ours}.")


def _refuse_bad_names(names: tuple[str, ...], contract: Contract, file: str) -> None:
    twice = sorted({name for name in names if name not in contract.ignore and names.count(name) > 1} - {""})
    if twice:
        raise Refused(f"{file}: the header names {', '.join(twice)} more than once; give each column its own name.")
    if "" in names and "" not in contract.ignore:
        raise Refused(f"{file}: column {names.index('') + 1} of the header has no name; name it or remove it.")
    missing = [name for name in contract.required_headers if name not in names]
    if missing:
        columns, are = ("column", "is") if len(missing) == 1 else ("columns", "are")
        hint = nearest(missing[0], names) if len(missing) == 1 else f"the header has {', '.join(names)}."
        raise Refused(f"{file}: the {columns} {', '.join(missing)} of {contract.feed} {are} missing; {_short(hint)}")


def _short(hint: str, most: int = 300) -> str:
    return hint if len(hint) <= most else f"{hint[:most]} …"
