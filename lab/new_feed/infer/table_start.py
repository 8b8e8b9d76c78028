"""Where a file's table begins: below a spreadsheet's `sep=` line, comments, or a few lines about the file."""

import csv
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lab.new_feed.infer.date_form_inference import forms_of
from lab.new_feed.infer.delimiter import SIGNS
from lab.new_feed.infer.number_types import POINT
from producer.files.header import MOST_ABOVE, separator_said

SAMPLED_LINES = 200
YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(frozen=True)
class Start:
    """The header's line as it stands, and what stands above it."""

    header: bytes
    blank: int
    """Blank lines above, but those among the lines that are passed over."""
    above: int
    """Lines that are passed over, other than `sep=`."""
    delimiter: str
    """What a `sep=` line says; else empty."""
    passed: tuple[str, ...]
    """The lines that are passed over, for people."""
    is_doubtful: bool = False
    """Whether a blank line stands below the header of one column: it may be a title instead."""

    @property
    def lines(self) -> int:
        """Lines of the file up to and with the header."""
        return bool(self.delimiter) + self.blank + self.above + 1


def start_of(path: Path, encoding: str) -> Start:
    """Where the table begins; the first line that is not blank where nothing tells otherwise."""
    with path.open("rb") as file:
        return start_among(list(islice(file, SAMPLED_LINES)), encoding)


def start_among(lines: Sequence[bytes], encoding: str) -> Start:
    """See start_of, of a file's first lines."""
    lines = [lines[0].removeprefix(BOM_UTF8), *lines[1:]] if lines else []
    said = separator_said(lines[0]) if lines else ""
    first = 1 if said else 0
    blank = next((number for number, line in enumerate(lines[first:]) if line.strip()), len(lines) - first)
    texts = [line.decode(encoding, "replace").rstrip("\r\n") for line in lines]
    begin = first + blank
    found = _below_comments(texts, begin) or _below_remarks(texts, begin)
    passed = [text for text in (*texts[:first], *texts[begin:found]) if text.strip()]
    is_alone = found + 1 < len(texts) and not texts[found + 1].strip() and any(map(str.strip, texts[found + 1 :]))
    is_doubtful = is_alone and all(_width(texts[found], sign) == 1 for sign in SIGNS)
    return Start(b"".join(lines[found : found + 1]), blank, found - begin, said, tuple(passed), is_doubtful)


def _below_comments(texts: Sequence[str], begin: int) -> int | None:
    """The line below those that begin with #; None where none does, or the last of them is the header itself."""
    end = begin
    while end < len(texts) and texts[end].startswith("#"):
        end += 1
    if end == begin or end == len(texts) or end - begin > MOST_ABOVE:
        return None
    widths = [_width(text, sign) for sign in SIGNS for text in texts[end - 1 : end + 1]]
    is_header = _has_value(texts[end]) and any(a == b > 1 for a, b in zip(widths[::2], widths[1::2], strict=True))
    return end - 1 if is_header else end


def _below_remarks(texts: Sequence[str], begin: int) -> int:
    """The first line as wide as most of the lines below, where it holds names only and those above tell of the file."""
    shapes = sorted((_shape(texts[begin:], sign) for sign in SIGNS), key=lambda shape: -shape.wide)
    if any(shape.wide > 1 and shape.first == shape.wide for shape in shapes):
        return begin
    for shape in (shape for shape in shapes if shape.wide > 1 and shape.is_usual):
        found = _behind_blank(texts, begin, shape)
        at = found or next(n for n, text in enumerate(texts) if n >= begin and _width(text, shape.sign) == shape.wide)
        above = [_width(text, shape.sign) for text in texts[begin:at] if text.strip()]
        # A header that is but a field or two short of its records is a header, and the records are wrong.
        is_table = found or (max(above, default=0) * 2 < shape.wide and not _has_value(texts[at], shape.sign))
        if is_table and at - begin <= MOST_ABOVE and at in _record_starts(texts, begin, shape.sign):
            return at
    return begin


def _behind_blank(texts: Sequence[str], begin: int, shape: "_Shape") -> int:
    """The first line of names below a blank one, as wide as the table; 0 where the lines above may be its header."""
    for at in range(begin, len(texts)):
        if at > begin and texts[at - 1].strip():
            continue
        is_wide, holds_value = _width(texts[at], shape.sign) == shape.wide, _has_value(texts[at], shape.sign)
        if is_wide and not holds_value:
            return at if at > begin else 0
        if at == begin and _width(texts[at], shape.sign) > 1 and not holds_value:
            return 0
    return 0


@dataclass(frozen=True)
class _Shape:
    """How many fields the first line has under a sign, and most of the lines."""

    sign: str
    first: int
    wide: int
    is_usual: bool


def _shape(texts: Sequence[str], sign: str) -> _Shape:
    widths = [_width(text, sign) for text in texts if text.strip()]
    wide, count = Counter(widths).most_common(1)[0] if widths else (0, 0)
    return _Shape(sign, widths[0] if widths else 0, wide, count >= 2 and count * 3 >= len(widths))


def _record_starts(texts: Sequence[str], begin: int, sign: str) -> set[int]:
    """The lines at which a record begins: others stand within a field in quotes that began above."""
    records, starts, at = csv.reader((f"{text}\n" for text in texts[begin:]), delimiter=sign), set(), begin
    with suppress(csv.Error):
        for _record in records:
            starts.add(at)
            at = begin + records.line_num
    return starts


def _width(text: str, sign: str) -> int:
    return len(_fields(text, sign))


def _has_value(text: str, sign: str = "") -> bool:
    """Whether a number or a date stands where a name would, other than a year."""
    fields = [one for each in ((sign,) if sign else SIGNS) for one in _fields(text, each) if not YEAR.fullmatch(one)]
    return any(POINT.fullmatch(one) or (one and forms_of([one])) for one in fields)


def _fields(text: str, sign: str) -> list[str]:
    return [field.strip() for field in next(csv.reader([text.replace("\r", " ")], delimiter=sign), [])]
