"""What a column of the file becomes in the contract, by all of its values that were looked at."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from lab.new_feed.infer.date_form_inference import Ambiguous, AskOrder, Order, forms_of, is_day
from lab.new_feed.infer.number_types import Sign, number_of, why_text
from lab.new_feed.infer.vocabulary import NEVER_NEGATIVE
from millrace.contract.column_type import ColumnType, parse_type

WORDS = (("yes", "no"), ("true", "false"), ("y", "n"), ("oui", "non"), ("ja", "nein"), ("si", "no"), ("sí", "no"))
LENGTHS = (20, 40, 100, 255, 500, 1000, 2000)
ROW_BYTES = 40_000
"""Of the 65,535 that all texts of a MySQL row may have together, beside those that are stored elsewhere."""
EXAMPLES, EXAMPLE_LENGTH = 2, 28
FRACTION = re.compile(r"(.*:[0-9]{2})[.,][0-9]+(Z|[+-][0-9:]{5})?")
CODE_DIGITS = 5
"""Whole numbers that all have as many digits as this, or more, count nothing; they name."""


@dataclass(frozen=True)
class Proposal:
    """A column: its contract entry, and what is known of its values."""

    header: str
    name: str
    type: str
    required: bool
    rules: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    distinct: int = 0
    examples: tuple[str, ...] = ()
    is_code: bool = False
    """Whether its numbers look like codes or years, which nobody adds up."""
    is_said: bool = False
    """Whether a person has said its type."""
    answers: tuple[str, ...] = ()
    """Types that a person may say instead."""

    @property
    def kind(self) -> ColumnType:
        return parse_type(self.type)

    @property
    def is_date(self) -> bool:
        return self.kind.name in ("date", "datetime")

    @property
    def title(self) -> str:
        """The header as people are shown it."""
        return shown(self.header, 40)

    @property
    def comment(self) -> str:
        """What is true of any column: where it is from, and what its values look like."""
        examples = ", ".join(self.examples)
        return f"{shown(self.header, 50)}, as in the file{', e.g. ' + examples if examples else '; empty there'}"

    def entry(self) -> dict[str, Any]:
        """The column as the contract has it."""
        required = {"required": True} if self.required else {}
        named = {"from": self.header, "name": self.name, "type": self.type}
        return {**named, **required, **self.rules, "comment": self.comment}


@dataclass(frozen=True)
class Found:
    """A type, the contract's rules beside it, and what a person should look at."""

    type: str
    rules: dict[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Hints:
    """What the values of one column do not say: the order of a date's numbers, and what stands before decimals."""

    ask: AskOrder
    sign: Sign = ""


def propose(header: str, name: str, texts: Sequence[str], hints: Hints, said: Found | None = None) -> Proposal:
    """The column that every one of the texts fits, or what a person has said; empty texts are missing values."""
    values = [text for text in texts if text]
    found = said or _typed(name, values, lambda doubt: hints.ask(header, doubt), hints.sign)
    counts = Counter(values)
    required = len(values) == len(texts) > 0
    shapes = len(counts), _examples(counts), _are_codes(counts)
    return Proposal(header, name, found.type, required, found.rules, found.note, *shapes, is_said=said is not None)


def _are_codes(values: Collection[str]) -> bool:
    """Whole numbers of one length, as codes have it, or years; a single value says nothing."""
    if len(values) < 2 or not all(value.isascii() and value.isdecimal() for value in values):
        return False
    lengths = {len(value) for value in values}
    is_year = all(len(value) == 4 and "1900" <= value <= "2100" for value in values)
    return is_year or (len(lengths) == 1 and min(lengths) >= CODE_DIGITS)


def _typed(name: str, values: list[str], ask: Callable[[Ambiguous], Order], sign: Sign) -> Found:
    if not values:
        return Found("varchar(255)", note="always empty, so kept as text")
    forms = forms_of(values)
    if isinstance(forms, Ambiguous):
        order = ask(forms)
        return date_column(forms.forms(order), f"{order}, as you said") if order != "text" else text_column(values)
    if forms:
        return date_column(forms, "" if len(forms) == 1 else "several forms; a value that fits two is refused")
    words = words_of(values)
    if words:
        return Found("boolean", {"true": [words[0]], "false": [words[1]]})
    return _number(name, values, sign) or text_column(values)


def date_column(forms: Sequence[str], note: str) -> Found:
    """A day, or a moment where the forms tell a time."""
    return Found("date" if is_day(forms) else "datetime", {"formats": list(forms)}, note)


def words_of(values: list[str]) -> tuple[str, str] | None:
    """Two words that stand for true and false, both of which occur."""
    found = {value.lower() for value in values}
    return next((pair for pair in WORDS if found == set(pair)), None)


def _number(name: str, values: list[str], sign: Sign) -> Found | None:
    number = number_of(values, sign)
    if number is None:
        return None
    rules: dict[str, Any] = {"min": 0} if number.is_never_negative and NEVER_NEGATIVE & set(name.split("_")) else {}
    notes = [f"no {name} below 0 is accepted"] if rules else []
    if number.parse:
        rules["parse"] = number.parse
    if number_of(values) is None:
        comma, point = ("decimals", "thousands") if sign == "," else ("thousands", "decimals")
        what = f"a comma before {comma}" if any("," in value for value in values) else f"a point before {point}"
        notes.append(f"{what}, as in other columns")
    return Found(number.type, rules, "; ".join(notes))


def text_column(values: list[str], note: str | None = None) -> Found:
    """A text with room for half as much again; `note` instead of why it is nothing else."""
    longest = max(map(len, values))
    room = next((length for length in LENGTHS if length >= longest * 1.5), None)
    return Found(f"varchar({room})" if room else "text", note=_doubt(values) if note is None else note)


def _doubt(values: list[str]) -> str:
    """Why a column that is nearly something else is kept as text."""
    if why := why_text(values):
        return f"text, since {shown(why, 120)}"
    fractions = next((value for value in values if FRACTION.fullmatch(value)), "")
    if fractions and all(forms_of([FRACTION.sub(r"\1\2", value)]) for value in values):
        return f"text, since DATETIME keeps no fractions of a second, e.g. {shown(fractions, EXAMPLE_LENGTH)}"
    for what, is_one in (("number", lambda value: number_of([value]) is not None), ("date", _is_date)):
        odd = list(islice((value for value in values if not is_one(value)), len(values) // 4 + 1))
        if 0 < len(odd) <= len(values) // 4:
            return f"text, since {len(odd)} of {len(values)} are no {what}, e.g. {shown(odd[0], EXAMPLE_LENGTH)}"
    return ""


def _is_date(value: str) -> bool:
    return bool(forms_of([value]))


def within_a_row(columns: Sequence[Proposal]) -> list[Proposal]:
    """The columns with their longest texts stored outside the row, until the others fit into one row of MySQL."""
    fitted = list(columns)
    while sum(_bytes(column) for column in fitted) > ROW_BYTES:
        longest = max(range(len(fitted)), key=lambda index: _bytes(fitted[index]))
        fitted[longest] = replace(fitted[longest], type="text")
    return fitted


def _bytes(column: Proposal) -> int:
    return 4 * (column.kind.length or 0) + 12


def _examples(counts: Counter[str]) -> tuple[str, ...]:
    """The most common values that can be shown whole."""
    short = [value for value, _ in counts.most_common(50) if shown(value, EXAMPLE_LENGTH) == value]
    return tuple(short[:EXAMPLES]) or tuple(shown(value, EXAMPLE_LENGTH) for value, _ in counts.most_common(1))


def shown(value: str, length: int) -> str:
    """A text on one line, at most that long, without signs that SQL, YAML or a terminal would take for their own."""
    plain = "".join(sign if sign.isprintable() and sign not in "%\\[]" else " " for sign in value)
    line = " ".join(plain.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
