"""Refusals that are a file's own fault."""

from millrace.errors import Refused

MOST_UNPACKED = 4 << 30
"""Bytes that a packed file, a workbook or Parquet may hold: what a disk of 20 GB has left beside its topics."""

MOST_RATIO, SMALL = 200, 1 << 30
"""How many bytes may come out of one packed byte, once so many have come; texts reach 20, gzip allows 1,032."""


class Unusable(Refused):
    """The file itself is wrong: sending it again, unchanged, would be refused again."""

    def in_folder(self) -> str:
        """The sentence for who has put the file into a landing folder, and gave no options."""
        return str(self)


class OtherContent(Unusable):
    """A file of that name was sent before with other content: people must say which counts."""

    def __init__(self, name: str, feed: str) -> None:
        self._what = f"A file {name} with other content was sent to {feed} before;"
        self._feed = feed
        super().__init__(f"{self._what} add AS_NEW=1 if both count, or REPLACE=1 if this one takes its place.")

    def in_folder(self) -> str:
        """See Unusable."""
        command = f"`make send FEED={self._feed} FILE=… AS_NEW=1`"
        return f"{self._what} send it with {command} if both count, or with REPLACE=1 if this one takes its place."


def is_endless(packed: int, size: int) -> bool:
    """Whether so few packed bytes have become so many that they are no table."""
    return size > max(SMALL, packed * MOST_RATIO)


def refuse_more_unpacked(what: str, size: int) -> None:
    """Unusable where more has come out of it than the spool takes of one file."""
    if size > MOST_UNPACKED:
        most = f"more than {MOST_UNPACKED >> 30} GB"
        raise Unusable(f"{what} unpacks to {most}; send it in parts, which `millrace split` makes of a text.")
