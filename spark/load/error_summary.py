"""What went wrong, in one sentence, out of a stack of Python and Java."""

import re

from sqlalchemy.exc import DBAPIError

from millrace.errors import disk_full_of
from spark.load.load_data import LoadMismatch

LONGEST = 600
PYTHON_ERROR = re.compile(r"^[\w.]*\b(?P<name>[A-Z]\w*): (?P<message>.+)$")
PYTHONS = "Traceback (most recent call last)"
NO_MEMORY = re.compile(r"executor \w+\): java\.lang\.(OutOfMemoryError|NoClassDefFoundError): (?P<of>.*)")
"""A class whose loading met a full heap stays unusable."""
OURS = ("millrace.", "feeds.", "spark.", "sql.")


def sentence(error: BaseException) -> str:
    """The innermost error's own words; a failed task carries a whole traceback, whose last line says it best.

    A full disk is named as such, with its machine.
    """
    if full := disk_full_of(str(getattr(error, "orig", None) or error), "spark"):
        return full
    if of := no_memory_of(error):
        return f"an executor of Spark's has no memory to read it: {of}"
    lines = _lines(error)
    named = _named(lines)
    if not named or type(error).__module__.startswith(OURS):
        text = lines[0] if lines else "no reason given"
        return _short(text if type(error).__module__.startswith(OURS) else f"{type(error).__name__}: {text}")
    ours = [match for match in named if match[0].startswith(OURS)]
    return _short(ours[0]["message"] if ours else named[-1][0])


def no_memory_of(error: BaseException) -> str:
    """Of what an executor's JVM has no memory; empty where that is not why it failed.

    A record's own words stand in errors of Python's and MySQL's alone.
    """
    found = None if isinstance(error, DBAPIError | LoadMismatch) else NO_MEMORY.search(str(error))
    return found["of"] if found and PYTHONS not in str(error) else ""


def names(error: BaseException) -> set[str]:
    """The names of all errors that stand in its text, without their modules."""
    return {match["name"] for match in _named(_lines(error))}


def _lines(error: BaseException) -> list[str]:
    return [line.strip().removeprefix(": ") for line in str(error).splitlines() if line.strip()]


def _named(lines: list[str]) -> list[re.Match[str]]:
    return [match for line in lines if (match := PYTHON_ERROR.match(line))]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
