"""Tables of random values, written in twenty dialects, with what every value means."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

Meaning = str | int | Decimal | date | None


@dataclass(frozen=True)
class Dialect:
    """How a program writes its tables."""

    delimiter: str = ","
    sign: str = "."
    group: str = ""
    encoding: str = "utf-8"
    quoting: int = csv.QUOTE_MINIMAL
    end: str = "\n"
    above: str = ""
    total: str = ""
    day: str = "%Y-%m-%d"


REMARKS = "Report of the month\n\nMade on,2026-01-02\n\n"
DIALECTS = (
    Dialect(),
    Dialect(end="\r\n", encoding="utf-8-sig"),
    Dialect(quoting=csv.QUOTE_ALL),
    Dialect(group=","),
    Dialect(group=",", quoting=csv.QUOTE_ALL, total="Total"),
    Dialect(above="# made up\n# by nobody; at all\n"),
    Dialect(above=REMARKS),
    Dialect(above="\n\n", encoding="cp1252"),
    Dialect(";", ","),
    Dialect(";", ",", ".", end="\r\n", day="%d.%m.%Y"),
    Dialect(";", ",", ".", "cp1252", day="%d.%m.%Y"),
    Dialect(";", ",", encoding="utf-8-sig", above="sep=;\n", day="%d.%m.%Y"),
    Dialect(";", ",", ".", "utf-16", end="\r\n", total="Summe"),
    Dialect(";", ",", quoting=csv.QUOTE_ALL, above="# nur ein Beispiel\n"),
    Dialect("\t", encoding="utf-16", end="\r\n"),
    Dialect("\t", ",", "."),
    Dialect("\t", ".", ",", "cp1252", above="\n"),
    Dialect("|"),
    Dialect("|", ",", day="%d.%m.%Y"),
    Dialect("|", quoting=csv.QUOTE_ALL, encoding="utf-8-sig", above="# a\n"),
)
WORDS = ("Rome", "Köln", "São Paulo", 'the "old" town', "a, b; c", "NA", "NaN", "inf", "x|y", "two\nlines", "é")


@dataclass(frozen=True)
class Table:
    """A file, and by header what every value of it means beside the text that stands there."""

    content: bytes
    texts: dict[str, list[str]]
    meanings: dict[str, list[Meaning]]


def table(chance: Random, dialect: Dialect) -> Table:
    """A table of one to eight columns and one to forty records; one column in four lacks some values."""
    rows = chance.randint(1, 40)
    makers = [chance.choice(MAKERS) for _ in range(chance.randint(1, 8))]
    texts: dict[str, list[str]] = {}
    meanings: dict[str, list[Meaning]] = {}
    for number, maker in enumerate(makers):
        header = f"{maker.__name__.lstrip('_')} {chr(97 + number)}"
        size = chance.randint(1, 7)
        lacks = chance.random() < 0.25
        pairs = [("", None) if lacks and chance.random() < 0.3 else maker(chance, dialect, size) for _ in range(rows)]
        texts[header], meanings[header] = [text for text, _ in pairs], [meaning for _, meaning in pairs]
    return Table(_written(texts, dialect), texts, meanings)


def _written(texts: dict[str, list[str]], dialect: Dialect) -> bytes:
    file = io.StringIO(newline="")
    file.write(dialect.above.replace("\n", dialect.end))
    writer = csv.writer(file, delimiter=dialect.delimiter, quoting=dialect.quoting, lineterminator=dialect.end)
    writer.writerow(texts)
    writer.writerows(zip(*texts.values(), strict=True))
    if dialect.total:
        writer.writerow([dialect.total, *[""] * (len(texts) - 1)])
    return file.getvalue().encode(dialect.encoding, "replace")


Pair = tuple[str, Meaning]


def _grouped(digits: str, sign: str) -> str:
    return f"{int(digits):,}".replace(",", sign) if sign else digits


def count(chance: Random, dialect: Dialect, size: int, minus: str = "") -> Pair:
    value = chance.randrange(10**size)
    return f"{minus}{_grouped(str(value), dialect.group)}", int(f"{minus}{value}")


def balance(chance: Random, dialect: Dialect, size: int) -> Pair:
    return count(chance, dialect, size, chance.choice(("", "-")))


def gauge(chance: Random, dialect: Dialect, size: int) -> Pair:
    return _same(chance.choice(("NA", "NaN", "-inf", "-"))) if chance.random() < 0.1 else amount(chance, dialect, size)


def amount(chance: Random, dialect: Dialect, size: int) -> Pair:
    return _decimal(chance, dialect, size, 2)


def measure(chance: Random, dialect: Dialect, size: int) -> Pair:
    return _decimal(chance, dialect, min(size, 3), 3)


def reading(chance: Random, dialect: Dialect, size: int) -> Pair:
    return _decimal(chance, dialect, size, chance.randint(1, 12))


def _decimal(chance: Random, dialect: Dialect, size: int, behind: int) -> Pair:
    whole, rest = str(chance.randrange(10**size)), f"{chance.randrange(10**behind):0{behind}}"
    return f"{_grouped(whole, dialect.group)}{dialect.sign}{rest}", Decimal(f"{whole}.{rest}")


def code(chance: Random, _dialect: Dialect, size: int) -> Pair:
    return _same(f"{chance.randrange(10**size):0{size + 1}}")


def batch(chance: Random, _dialect: Dialect, size: int) -> Pair:
    return _same(f"{chance.randrange(1, 10**size)}E{chance.randrange(40)}")


def phone(chance: Random, _dialect: Dialect, _size: int) -> Pair:
    return _same(f"+33{chance.randrange(10**9):09}")


def account(chance: Random, _dialect: Dialect, size: int) -> Pair:
    return _same(str(chance.randrange(10 ** (13 + 2 * size), 10 ** (14 + 2 * size))))


def word(chance: Random, dialect: Dialect, _size: int) -> Pair:
    return _same(chance.choice(WORDS).replace("\n", dialect.end))


def day(chance: Random, dialect: Dialect, _size: int) -> Pair:
    value = date(2020, 1, 1) + timedelta(days=chance.randrange(2000))
    return value.strftime(dialect.day), value


def version(chance: Random, _dialect: Dialect, size: int) -> Pair:
    return _same(f"{chance.randrange(20)}.{chance.randrange(10**size)}.{chance.randrange(20)}")


def _same(text: str) -> Pair:
    return text, text


MAKERS = (count, balance, gauge, amount, measure, reading, code, batch, phone, account, word, day, version)
