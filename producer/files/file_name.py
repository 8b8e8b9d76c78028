"""How a file's name is written down."""

from pathlib import Path


def printable(file: Path) -> str:
    """The file's name as people, journals and databases take it: bytes that are no UTF-8 are written out."""
    return file.name.encode("utf-8", "backslashreplace").decode()
