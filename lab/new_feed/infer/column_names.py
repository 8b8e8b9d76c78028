"""Column names made from a file's headers: small letters, digits and _, no word that SQL keeps for itself."""

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy.dialects.mysql.reserved_words import RESERVED_WORDS_MYSQL

from millrace.contract.contract import RESERVED
from millrace.contract.rollup import SQL_WORDS

LONGEST = 50
TAKEN = frozenset(RESERVED_WORDS_MYSQL) | SQL_WORDS | frozenset(RESERVED) | {"manual", "library", "tablesample"}
SMALL_THEN_BIG = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def is_taken(name: str) -> bool:
    """Whether SQL or Millrace uses the word for something else."""
    return name in TAKEN


def column_names(headers: Iterable[str], feed: str) -> dict[str, str]:
    """A name for every header, each its own, in their order."""
    made: dict[str, str] = {}
    for number, header in enumerate(headers, 1):
        plain = plain_name(header) or f"column_{number}"
        wanted = f"{feed}_{plain}"[:LONGEST] if is_taken(plain) else plain
        made[header] = free(wanted, set(made.values()))
    return made


def plain_name(header: str) -> str:
    """`OrderDate` → order_date, `Température (°C)` → temperature_c, `2nd` → n2nd; empty where nothing is left."""
    spaced = SMALL_THEN_BIG.sub(" ", header.replace("ß", "ss").replace("ø", "o").replace("æ", "ae"))
    ascii_only = unicodedata.normalize("NFKD", spaced.replace("°", " ")).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", ascii_only.lower()).strip("_")[:LONGEST].rstrip("_")
    return f"n{name}" if name[:1].isdigit() else name


def free(wanted: str, taken: set[str]) -> str:
    """The wanted name, numbered where it is taken."""
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name
