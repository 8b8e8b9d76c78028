"""The header of a file against the contract: what is wrong is said before the first record is sent."""

import csv
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from millrace.contract.column import GIVEN
from millrace.contract.contract import Contract, FileLayout
from millrace.errors import Refused
from millrace.feed_names import nearest

OTHER_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

MOST_ABOVE = 50
SEPARATOR = re.compile(rb'"?sep=([,;|\t])"?[,;|\t]*')


@dataclass(frozen=True)
class Header:
    """The names in a file's first line, which of its columns are sent, and how the file is written."""

    names: tuple[str, ...]
    kept: tuple[int, ...]
    lines: int
    """Lines of the file up to and with the header."""
    layout: FileLayout
    """The contract's, with the delimiter of this file."""

    @property
    def kept_names(self) -> tuple[str, ...]:
        return tuple(self.names[index] for index in self.kept)


def read_header(lines: Iterator[bytes], contract: Contract, file: str) -> Header:
    """Take the header off a file's lines; refuses a file that cannot be the feed's, saying what to change."""
    blank = passed = 0
    first = _first(lines, file)
    raw = first.removeprefix(BOM_UTF8)
    if raw != first and contract.source.encoding != "utf-8":
        # The mark says what it is, whatever the feed's other files are.
        marked = contract.source.model_copy(update={"encoding": "utf-8", "fallback_encoding": None})
        contract = contract.model_copy(update={"source": marked})
    if separator_said(raw):
        # A spreadsheet's line for itself; the table begins below it.
        passed, raw = 1, _first(lines, file)
    while not raw.strip() and blank < contract.source.leading_blank_lines:
        blank += 1
        raw = _first(lines, file)
    above = 0
    while above < contract.source.lines_above and not _is_header(raw, contract):
        above += 1
        raw = _first(lines, file)
    if not raw.strip():
        raise Refused(
            f"{file}: line {passed + blank + above + 1} is blank, the header must stand there; remove the line."
        )
    text = _text(raw, contract, file)
    if text.count('"') % 2:
        goes_on = sum(line.count(b'"') for line in islice(lines, 1)) % 2
        why = "a column's name goes on in the next line" if goes_on else "a quote in the header is never closed"
        raise Refused(f"{file}: {why}; each column's name must stand in one line.")
    layout = _layout_of(text, contract)
    names = _split(text, layout.delimiter)
    _refuse_other_delimiter(text, layout.delimiter, contract, file)
    _refuse_bad_names(names, contract, file)
    kept = tuple(index for index, name in enumerate(names) if name not in contract.ignore)
    return Header(names, kept, passed + blank + above + 1, layout)


def separator_said(line: bytes) -> str:
    """The delimiter that a spreadsheet's line `sep=;` says; empty where the line is none."""
    found = SEPARATOR.fullmatch(line.strip(b" \r\n"))
    return found[1].decode() if found else ""


def _is_header(raw: bytes, contract: Contract) -> bool:
    """Whether a line names every column that the feed needs, and one at least."""
    text = raw.decode(contract.source.encoding, "replace")
    known = {header for column in contract.columns for header in column.headers}
    for delimiter in (contract.source.delimiter, *contract.source.other_delimiters):
        names = _split(text, delimiter)
        if known & set(names) and not contract.missing_headers(names):
            return True
    return False


def _first(lines: Iterator[bytes], file: str) -> bytes:
    try:
        return next(lines)
    except StopIteration:
        raise Refused(f"{file} is empty; a header and at least one record are needed.") from None


def _text(raw: bytes, contract: Contract, file: str) -> str:
    if b"\0" in raw:
        raise Refused(f"{file} is no text, or UTF-16 without its mark; save it as {contract.source.encoding.upper()}.")
    try:
        text = raw.decode(contract.source.encoding)
    except UnicodeDecodeError:
        raise Refused(f"{file}: the header is not {contract.source.encoding.upper()} text; save it so.") from None
    if "\r" in text.rstrip("\r\n"):
        raise Refused(f"{file}: the lines end with carriage returns alone; save it with ordinary line ends.")
    return text


def _split(text: str, delimiter: str) -> tuple[str, ...]:
    return tuple(field.strip() for field in next(csv.reader([text], delimiter=delimiter), []))


def _layout_of(text: str, contract: Contract) -> FileLayout:
    """The contract's layout with the delimiter under which the fewest required columns are missing."""
    delimiter = min(
        (contract.source.delimiter, *contract.source.other_delimiters), key=lambda each: _missing(text, each, contract)
    )
    return contract.source.model_copy(update={"delimiter": delimiter})


def _missing(text: str, delimiter: str, contract: Contract) -> int:
    """How many required columns a header has not."""
    return len(contract.missing_headers(_split(text, delimiter)))


def _refuse_other_delimiter(text: str, delimiter: str, contract: Contract, file: str) -> None:
    """Refuses a header that has more of the required columns under a delimiter the feed does not take."""
    other = min(OTHER_DELIMITERS, key=lambda each: _missing(text, each, contract))
    if _missing(text, other, contract) < _missing(text, delimiter, contract):
        wanted = (contract.source.delimiter, *contract.source.other_delimiters)
        ours = " or ".join(OTHER_DELIMITERS.get(each, repr(each)) for each in wanted)
        missing = contract.missing_headers(_split(text, other))
        also = f" It has no column {', '.join(missing)} either." if missing else ""
        raise Refused(
            f"{file}: its columns are parted by {OTHER_DELIMITERS[other]}, the feed {contract.feed} wants {ours}.{also}"
        )


def _refuse_bad_names(names: tuple[str, ...], contract: Contract, file: str) -> None:
    twice = sorted({name for name in names if name not in contract.ignore and names.count(name) > 1} - {""})
    if twice:
        raise Refused(f"{file}: the header names {', '.join(twice)} more than once; give each column its own name.")
    if "" in names and "" not in contract.ignore:
        raise Refused(f"{file}: column {names.index('') + 1} of the header has no name; name it or remove it.")
    taken = next((name for name in GIVEN if name in names), None)
    if taken:
        raise Refused(f"{file}: the column {taken} has a name of Millrace's own; give it another one.")
    missing = contract.missing_headers(names)
    if missing:
        columns, are = ("column", "is") if len(missing) == 1 else ("columns", "are")
        hint = nearest(missing[0], names) if len(missing) == 1 else f"the header has {', '.join(names)}."
        raise Refused(f"{file}: the {columns} {', '.join(missing)} of {contract.feed} {are} missing; {_short(hint)}")


def _short(hint: str, most: int = 300) -> str:
    return hint if len(hint) <= most else f"{hint[:most]} …"
