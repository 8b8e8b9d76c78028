"""No value of a random table is loaded as another one; a table or a record may be refused, and that is counted."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from millrace.errors import Refused
from tests.unit.lab.new_feed.infer.case_files import proposed, stored
from tests.unit.lab.new_feed.infer.random_tables import DIALECTS, Meaning, table

pytestmark = pytest.mark.host
FEW, MANY = 3, 500
"""Tables of each dialect."""


def is_right(value: Any, text: str, meaning: Meaning) -> bool:
    """Whether a stored value is what was written: the text itself, or the number or day that it means."""
    if value is None or isinstance(value, str):
        return (value or "") == text.strip()
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(meaning, str):
        return str(value) == text
    return bool(value == meaning) and isinstance(value, date) == isinstance(meaning, date)


def compared(seed: int, number: int, folder: Path) -> Counter[str]:
    """Loads a table; counts what was refused, and tells every value that is another one."""
    made_up = table(Random(f"{seed} {number}"), DIALECTS[number])  # noqa: S311
    file = folder / "t.csv"
    file.write_bytes(made_up.content)
    try:
        made = proposed(file, folder)
    except Refused:
        return Counter(refused=1)
    found, written = stored(made, file, folder), len(next(iter(made_up.texts.values())))
    assert {column.header for column in made.columns} == set(made_up.texts), f"seed {seed}, dialect {number}"
    assert len(found) + made.inspected.unreadable in (written, written + bool(DIALECTS[number].total))
    counts = Counter(tables=1, records=len(found), unreadable=made.inspected.unreadable)
    for row in found:
        if row.reasons:
            counts["refused records"] += 1
            continue
        if row.row_no > written:
            continue  # the total
        for column in made.columns:
            text, meaning = (each[column.header][row.row_no - 1] for each in (made_up.texts, made_up.meanings))
            if not is_right(value := getattr(row, column.name), text, meaning):
                pytest.fail(f"seed {seed}, dialect {number}: {column.header} {text!r} was stored as {value!r}")
            counts["values"] += 1
    return counts


@pytest.mark.parametrize("number", range(len(DIALECTS)))
def test_no_value_is_another_one(number: int, tmp_path: Path) -> None:
    counts = sum((compared(seed, number, tmp_path) for seed in range(FEW)), Counter())
    assert counts["tables"] + counts["refused"] == FEW


@pytest.mark.full
@pytest.mark.parametrize("number", range(len(DIALECTS)))
def test_no_value_of_many_tables_is_another_one(number: int, tmp_path: Path) -> None:
    counts = sum((compared(seed, number, tmp_path) for seed in range(MANY)), Counter())
    print(f"Dialect {number}: {dict(counts)}")
    assert counts["refused"] * 5 < MANY
