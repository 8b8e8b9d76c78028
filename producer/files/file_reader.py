"""What every format of a file can do; which class reads it is decided by the file's ending."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from millrace.record.event import NO_CLAIM, Claim, Origin
from producer.files.csv_records import Record

Encode = Callable[[Record], bytes]
"""A readable record to its event."""


class Reading(Protocol):
    """A spooled file. It is read anew at each call of `records`, always in the same order."""

    def records(self) -> Iterator[Record]:
        """Every record; Refused where the file is broken as a whole."""

    def texts(self, record: Record) -> dict[str, str]:
        """A readable record's texts by header: without what the contract ignores, with the message it keeps."""

    def encoder(
        self, feed: str, source: int, given: Mapping[str, str], origin: Origin, claim: Claim = NO_CLAIM
    ) -> Encode:
        """Encodes readable records, with the `given` names (see millrace.contract.column.GIVEN) in each."""

    def refuse_useless(self, records: int) -> None:
        """Refuse the file, all of whose `records` were read, where nothing in it is the feed's."""
