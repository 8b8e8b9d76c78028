"""Small contracts, with all that a column of each type can be asked for."""

from collections.abc import Callable
from random import Random
from typing import Any

from millrace.contract.column import Column
from millrace.contract.contract import Contract
from tests.unit.spark.clean.generated.texts import text_for

Content = dict[str, Any]
Record = dict[str, str]

DAYS = (
    *("yyyy-MM-dd", "dd/MM/yyyy", "MM/dd/yyyy", "M/d/yyyy", "d.M.yy", "dd MMM yyyy", "Myyyy", "MMyyyy", "yyyy"),
    *("yyyyMMdd", "yyyy-MM-ddXXX"),
)
TIMES = (
    *("HH:mm:ss", "HH:mm", "H:mm", "hh:mm a", "h:mm:ss a", "HH:mm:ss.SSS", "HH:mm:ss.SSSSSS"),
    *("HH:mm:ssXXX", "HH:mmXXX"),
)
EITHER_FIRST = ("dd/MM/yyyy", "MM/dd/yyyy")
"""Day or month, which differ for most texts that fit."""
FITTING = {
    "[A-Z]{2}": ("AB", "ZZ"),
    r"\d+\w?": ("5", "0123456789x", "77_"),
    "a.c": ("abc", "a c", "a😀c"),
    "x|yz": ("x", "yz", "xz"),
    "(?i)ab+": ("aB", "ABBB"),
    "é*": ("é", "éé"),
    "[^,]+": ("x y", "\u2003"),
}
"""Patterns, with texts for each."""
TRUE = ((), ("Yes",), ("1", "oui"), ("ΑΛΗΘΉΣ",), ("straße",), ("İ",), ("T",))
FALSE = ((), ("No",), ("0", "non"), ("ψευδής",), ("schluß",), ("F",))
MISSING = ((), (), (), ("NC",), ("0", "-"), ("NA", "N/A"))
LEAST = ("0", "-1", "-0.25", "0.1", "1", "0.5", "-32768", "-1e18", "-9223372036854775809", "-1e30")
MOST = ("0", "1", "0.5", "0.999", "99", "32767.5", "1e18", "9223372036854775808", "1e30", "1e400")


def contract_of(kind: str, random: Random) -> Contract:
    """A feed of a column of that kind, or two; each is known under one to three headers."""
    columns = [_column(number, KINDS[kind](random), random) for number in range(random.choice((1, 1, 2)))]
    what = {"feed": "toy", "title": "Toy", "description": "x", "family": "toy", "mode": "append"}
    return Contract.model_validate(what | {"columns": columns})


def record_of(contract: Contract, random: Random) -> Record:
    """A record with a text for each column, under its first header or under others too, or under none."""
    given = (
        (column, header)
        for column in contract.columns
        for header in column.headers
        if random.random() < (0.95 if header == column.from_ else 0.5)
    )
    return {header: text_for(column, random, _known(column)) for column, header in given}


def _known(column: Column) -> tuple[str, ...]:
    return FITTING.get(column.pattern or "", ("01001", "1001.0", "29027") if column.parse == "county_fips" else ())


def _column(number: int, content: Content, random: Random) -> Content:
    also = [f"{name}{number}" for name in random.choice(((), (), ("b",), ("b", "c")))]
    required = "empty" not in content and random.random() < 0.3
    named = {"from": f"a{number}", "also": also, "name": f"column_{number}", "comment": "x", "required": required}
    return named | {"missing": random.choice(MISSING)} | content


def _limits(random: Random) -> Content:
    """None, one or both, mostly so that there are numbers between them."""
    least, most = {"min": random.choice(LEAST)}, {"max": random.choice(MOST)}
    odd = {"min": random.choice(MOST), "max": random.choice(LEAST)}
    return random.choice(({}, least, most, least | most, random.choice((least, odd))))


def _whole_numbers(random: Random) -> Content:
    parse = random.choice((None, None, "whole_number", "grouped_number"))
    return {"type": random.choice(("smallint", "int", "bigint")), "parse": parse} | _limits(random)


def _decimals(random: Random) -> Content:
    digits = random.choice((1, 2, 5, 10, 18, 19, 20, 37, 38))
    scale = random.choice([scale for scale in {0, 1, 2, digits // 2, digits - 1, digits} if scale <= digits])
    parse = random.choice((None, None, None, "decimal_comma", "grouped_number", "point_grouped"))
    return {"type": f"decimal({digits},{scale})", "parse": parse} | _limits(random)


def _doubles(random: Random) -> Content:
    return {"type": "double", "parse": random.choice((None, None, "decimal_comma"))} | _limits(random)


def _words(random: Random) -> Content:
    kind = random.choice(("char(1)", "char(5)", "varchar(2)", "varchar(12)", "text"))
    rule = random.choice(
        (
            {"type": kind},
            {"type": kind, "pattern": random.choice(tuple(FITTING))},
            {"type": kind, "values": random.choice((("x",), ("°C", "a b"), ("é", "É", "0")))},
            {"type": "char(5)", "parse": "county_fips", "pattern": "[0-9]{5}"},
        )
    )
    return rule | ({"empty": "keep"} if random.random() < 0.25 else {})


def _booleans(random: Random) -> Content:
    chosen = {"true": random.choice(TRUE), "false": random.choice(FALSE)}
    return {"type": "boolean"} | {name: texts for name, texts in chosen.items() if texts}


def _dates(random: Random) -> Content:
    forms = random.sample((*DAYS, "yyyy-MM-dd HH:mmXXX", "M/d/yyyy h:mm a"), random.choice((1, 2, 3)))
    return {
        "type": "date",
        "formats": random.choice((forms, forms, EITHER_FIRST)),
        "day": random.choice(("first", "last")),
    }


def _times(random: Random) -> Content:
    days = [form for form in DAYS if "XXX" not in form]
    forms = [random.choice(days) + random.choice((" ", "'T'")) + random.choice(TIMES) for _ in range(3)]
    chosen = {*forms[: random.choice((1, 2, 3))], *random.sample(days, random.choice((0, 0, 1)))}
    return {"type": "datetime", "formats": sorted(chosen), "day": random.choice(("first", "last"))}


KINDS: dict[str, Callable[[Random], Content]] = {
    "whole numbers": _whole_numbers,
    "decimals": _decimals,
    "doubles": _doubles,
    "texts": _words,
    "booleans": _booleans,
    "dates": _dates,
    "times": _times,
    "documents": lambda random: {"type": "json"},
}
