"""The encoding of a file, found by reading all of it: UTF-8 where that fits, else a Western single-byte one."""

from pathlib import Path

SINGLE_BYTE = ("cp1252", "latin-1")
"""Windows' Western set has the signs of latin-1 and €, “ and ” besides; five of its bytes mean nothing."""


def encoding_of(path: Path) -> tuple[str, str | None]:
    """The encoding, and a fallback for the lines that are not in it.

    UTF-8 with a fallback where most lines that are no plain ASCII are UTF-8, so that a few broken lines are read too.
    """
    fits = dict.fromkeys(("utf-8", *SINGLE_BYTE), 0)
    lines = 0
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                lines += 1
                for encoding in fits:
                    fits[encoding] += _is(line, encoding)
    single = next(encoding for encoding in SINGLE_BYTE if fits[encoding] == max(fits[each] for each in SINGLE_BYTE))
    if fits["utf-8"] == lines:
        return "utf-8", None
    if fits["utf-8"] * 2 > lines:
        return "utf-8", single
    return single, None


def _is(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
