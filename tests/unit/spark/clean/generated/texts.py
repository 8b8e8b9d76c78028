"""Texts for a column: right by construction, nearly right, and anything at all."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from millrace.contract.column import Column
from tests.unit.spark.clean.generated import odd
from tests.unit.spark.clean.generated.dates import date
from tests.unit.spark.clean.generated.numbers import number

CASES = (str.upper, str.lower, str.title, str.swapcase, str.casefold)
SIGNS = ("abcXYZ 059-.,/:", "0123456789+-.,eE/: TZ", "éßœÀ€°ΣςİıЖ中", "\t\n\r\0\x1f\x7f\u00a0\u200b\u2028\ufeff")


def text_for(column: Column, random: Random, known: Sequence[str] = ()) -> str:
    """For the column, as a record may hold it. `known`: texts that fit the column."""
    chance = random.random()
    if chance < 0.8:
        right = _right(column, random, known)
        text = right if chance < 0.5 else _mutated(right, random)
    elif chance < 0.88:
        words = (*column.missing, *(column.values or ()), *column.true_values, *column.false_values, "", "NA")
        text = random.choice(words)
    else:
        text = _any(random)
    return random.choice(odd.BLANKS) + text + random.choice(odd.BLANKS)


def _right(column: Column, random: Random, known: Sequence[str]) -> str:
    kind = column.column_type
    if known and random.random() < 0.3:
        return random.choice(known)
    if column.formats:
        return date(random.choice(column.formats), random)
    if kind.is_number:
        return number(column, random)
    if kind.name == "boolean":
        return random.choice(CASES)(random.choice((*column.true_values, *column.false_values)))
    if kind.name == "json":
        return _document(random)
    return _words(column, random, known)


def _words(column: Column, random: Random, known: Sequence[str]) -> str:
    """What the contract names; else a text that is about as long as allowed, or one that functions look at."""
    named = column.values or (known if column.pattern else ())
    if named:
        return random.choice(named)
    longest = min(column.column_type.length or 12, 300)
    full = (random.choice(("é", "😀", "x y ")) * 300)[: longest + random.choice((-1, 0, 0, 1))]
    code = f"{random.choice('abcC01259')}{random.randrange(10**7)}{random.choice(('', '-3'))}"
    return random.choice((full, code, random.choice(odd.WORDS), random.choice(odd.DATES), _any(random)))


def _mutated(text: str, random: Random) -> str:
    """The text with something put in, left out, said twice, in another alphabet or in other case."""
    at = random.randint(0, len(text))
    script = str.maketrans(odd.DIGITS[0], random.choice(odd.DIGITS[1:]))
    before, behind = text[:at], text[at:]
    inserted = before + random.choice(odd.INSERTED) + behind
    return random.choice(
        (inserted, inserted, before + behind[1:], before + behind[:1] + behind, text.translate(script), text.swapcase())
    )


def _any(random: Random) -> str:
    bank = random.choice((odd.TEXTS, odd.WORDS, odd.NUMBERS, odd.DATES, None))
    return random.choice(bank) if bank else "".join(_sign(random) for _ in range(random.randint(0, 10)))


def _sign(random: Random) -> str:
    """One of SIGNS, or any other but half of a surrogate pair."""
    code = random.randrange(0x110000 - 0x800)
    return random.choice((*map(random.choice, SIGNS), chr(code if code < 0xD800 else code + 0x800)))


def _document(random: Random) -> str:
    """JSON, also about as deep as MySQL can hold it; Python writes NaN, which is none."""
    levels = random.choice((0, 0, 99, 100, 101))
    leaf = random.choice(odd.LEAVES) if random.random() < 0.5 else json.dumps(_value(random, 3))
    return "[" * levels + leaf + "]" * levels


def _value(random: Random, deepest: int) -> Any:
    if not deepest or random.random() < 0.3:
        numbers = (random.randrange(-(10**20), 10**20), random.uniform(-1e9, 1e9), float("nan"), 0)
        return random.choice((None, True, _any(random), *numbers))
    inner = [_value(random, deepest - 1) for _ in range(random.randint(0, 3))]
    return inner if random.random() < 0.5 else {_any(random): value for value in inner}
