"""JSON as text, piece by piece, for what no encoder writes: names that stand twice, NaN, half characters, depth.

Nothing of Millrace's reading is used here: what becomes of each is said beside it.
"""

import json
from random import Random
from typing import Any, Literal

Fate = Literal["loads", "refused", "again"]
LOADS: Fate = "loads"
REFUSED: Fate = "refused"
AGAIN: Fate = "again"
"""Sent before under the same identity: it changes nothing."""

Members = list[tuple[str, str]]
"""Names and values of an object as they will stand there; a name may stand twice."""


def token(value: Any) -> str:
    """A value in JSON."""
    return json.dumps(value, ensure_ascii=False)


def object_of(members: Members) -> str:
    """The object, in that order."""
    return "{" + ",".join(f"{name}:{value}" for name, value in members) + "}"


def nested(levels: int, opening: str = '{"a":', closing: str = "}") -> str:
    """A value at that many levels."""
    return opening * levels + "1" + closing * levels


def text_of(random: Random, length: int) -> str:
    """Letters of several scripts and widths, none of them blank."""
    return "".join(random.choices("abcXYZ0189éßЖ中😀-_/", k=length))


def tree(random: Random, levels: int) -> Any:
    """Any JSON value of at most so many levels; no names with dots, and no half characters."""
    kind = random.randrange(8 if levels else 6)
    if kind == 6:
        return [tree(random, levels - 1) for _ in range(random.randrange(5))]
    if kind == 7:
        return {text_of(random, 3): tree(random, levels - 1) for _ in range(random.randrange(5))}
    plain = (None, random.random() < 1 / 2, random.getrandbits(200) - 2**199, random.gauss(0, 1e9))
    return (*plain, text_of(random, random.randrange(40)), chr(random.randrange(32)))[kind]


# Of a record's data: header, value in JSON, what becomes of the record. Where the value counts it is what stands there.
VALUES: tuple[tuple[str, str, Fate], ...] = (
    ("Year", "2014", LOADS),
    ("Year", '" 2100 "', LOADS),
    *(("Year", bad, REFUSED) for bad in ("true", "null", "[]", "{}", "[2014]", '{"a":2014}', '""', '"NaN"')),
    *(("Year", bad, REFUSED) for bad in ("2013", "2101", "-1", "65536", "9223372036854775808", '"1e400"', '"MMXIV"')),
    *(("Year", bad, REFUSED) for bad in ("123456789012345678901234567890", '"2014; DROP TABLE parcel"', '"2014-01"')),
    ("Weight", "32767", LOADS),
    ("Weight", "null", LOADS),
    ("Weight", '""', LOADS),
    *(
        ("Weight", bad, REFUSED)
        for bad in ("32768", "-1", "true", '"Infinity"', '"-inf"', '"0x10"', "18446744073709551616")
    ),
    *(("Sender", bad, REFUSED) for bad in ("9999", "100000", "12345.5", "null", "[10000]", '"12345\\u00e9"')),
    *(("State", bad, REFUSED) for bad in ('"ak"', '"A"', '"AKA"', "12", "null", '"A\\u0000"')),
    *(("Route", bad, REFUSED) for bad in ('"AKN01"', '"AKN0011"', "null", '"\\u0000"')),
    *(("Posted", bad, REFUSED) for bad in ('"2026-02-30 00:00:00"', '"soon"', "0", "null", '"2026-13-01 00:00:00"')),
    ("Fragile", '"perhaps"', REFUSED),
    ("Fragile", "null", LOADS),
    *(("Name", good, LOADS) for good in ("null", '""', "12345678901234567890", "true", '"NaN"', '"\\"; --"')),
    *(("Name", good, LOADS) for good in (token("中" * 255), token("😀" * 255), '"\\ud83d\\ude00"', '"a\\tb\\\\N"')),
    *(("Name", bad, REFUSED) for bad in (token("x" * 256), token("😀" * 256), token("y" * 10_000))),
)

# Beside what the contract knows: value in JSON, what becomes of the record.
UNKNOWN: tuple[tuple[str, Fate], ...] = (
    *((nested(levels), LOADS) for levels in (1, 2, 40, 80)),
    *((nested(levels, "[", "]"), LOADS) for levels in (1, 2, 40, 80)),
    *((nested(levels), REFUSED) for levels in (120, 253, 255, 900)),
    *((nested(levels, "[", "]"), REFUSED) for levels in (120, 900)),
    ("[" + ",".join(["1"] * 10_001) + "]", REFUSED),
    (token("z" * 20_000), LOADS),
    ("12345678901234567890123.4500", LOADS),
    ('{"a":1,"a":2}', REFUSED),
    ('{"a":"1","b":{"c":null}}', LOADS),
    ("null", LOADS),
)

# Beside it as well, and so large that few will do: name, value, what becomes of the record.
LARGE: tuple[tuple[str, str, Fate], ...] = (
    ('"Large"', token("v" * 4_000_000), LOADS),
    (token("k" * 65_535), '"1"', LOADS),
    (token("k" * 65_536), '"1"', REFUSED),
    (token("é" * 32_768), "1", REFUSED),
)

# Of the envelope: member, value in JSON, what becomes of the record under the identity that it names.
OF_ENVELOPE: tuple[tuple[str, str, Fate], ...] = (
    *(("sent_at", odd, LOADS) for odd in ("0", "null", '""', '"soon"', '"2026-02-30T00:00:00Z"', "[]", "{}")),
    *(("sent_at", token(f"{year}-01-02T00:00:00Z"), REFUSED) for year in ("0000", "1969", "9999", "10000", "-0001")),
    *(("feed", other, REFUSED) for other in ("null", '"sales"', '"Parcel"', "1", "{}", '""')),
    *(("origin", odd, LOADS) for odd in ("null", '"pirate"', "1", "[]", "{}")),
    *(("version", odd, LOADS) for odd in ("-1", "0", '"x"', "9223372036854775808", "1.5", "true", "null", "[]")),
    *(("replaces", odd, LOADS) for odd in ('"x"', "9223372036854775808", "1.5", "true", "null", "{}", "[]", '[1,"x"]')),
    ("version", "9223372036854775807", LOADS),
    *(("replaces", sources, LOADS) for sources in ("4611686018427387905", "[4611686018427387905,4611686018427387904]")),
    *(("more", odd, LOADS) for odd in (nested(300), "null", token("w" * 5_000))),
)

# Of an envelope without the producers' seal: member, value in JSON, what becomes of it as a typed record.
UNSEALED: tuple[tuple[tuple[str, str], Fate], ...] = (
    *((("version", version), LOADS) for version in ("1", "9223372036854775807")),
    *((("origin", token(origin)), LOADS) for origin in ("file", "api", "pirate")),
    *((("sent_at", token(f"{year}-01-02T00:00:00Z")), LOADS) for year in ("0000", "2026", "9999")),
    (("replaces", "null"), LOADS),
    *((("replaces", source), REFUSED) for source in ("4611686018427387905", "0", '"x"', "{}", "[]")),
    *((("seal", seal), REFUSED) for seal in (token("0" * 32), '""', "null", "1")),
    (("feed", '"sales"'), REFUSED),
)

# What takes an envelope its identity: it is read as what a person has typed, and is no record of the contract.
NO_ENVELOPE: tuple[tuple[str, str], ...] = (
    *(("source", bad) for bad in ("null", '"1"', "1.5", "true", "9223372036854775808", "1e30", "-9223372036854775809")),
    *(("row", bad) for bad in ("null", '"1"', "5.0", "false", "18446744073709551616", "[]", "{}", "1e400")),
    *(
        ("data", bad)
        for bad in ("null", "[]", '"x"', "1", "NaN", "Infinity", '{"Year":-Infinity}', '{"Year":"\\ud83d"}')
    ),
    *(("more", bad) for bad in ("NaN", '"\\udc00"', "tru", "01", "'x'", nested(5000), nested(2000, "[", "]"))),
)
