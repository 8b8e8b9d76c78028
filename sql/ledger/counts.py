"""The counts of a load. Source by source, read = loaded + updated + duplicates + quarantined."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from millrace.record.event import Origin
from sql.errors import CountMismatch

COUNTS = ("read_count", "loaded", "updated", "duplicates", "quarantined")
"""Their names in the ledger's tables."""


@dataclass(frozen=True)
class SourceRead:
    """What the loaders read of one source in this load; the times are UTC, None where no record carried one.

    `version` is the newest that its records name, see sql.ledger.versions; `ahead` of them said that they were sent
    later than they came.
    """

    source_id: int
    read: int
    oldest_sent_at: datetime | None = None
    newest_sent_at: datetime | None = None
    origin: Origin = "file"
    version: int | None = None
    ahead: int = 0


@dataclass(frozen=True)
class LoadCounts:
    """Records of a load by what became of them."""

    load_id: int
    read: int
    loaded: int
    updated: int
    duplicates: int
    quarantined: int


@dataclass(frozen=True)
class SourceCounts:
    """Records of one source in a load by what became of them."""

    source_id: int
    read_count: int
    loaded: int
    updated: int
    duplicates: int
    quarantined: int
    origin: Origin = "file"


def count_sources(
    reads: Mapping[int, SourceRead], changed: dict[int, tuple[int, int]], quarantined: dict[int, int]
) -> list[SourceCounts]:
    """What was read less what the tables hold is duplicates; CountMismatch where the tables hold more than was read."""
    unread = sorted((changed.keys() | quarantined.keys()) - reads.keys())
    if unread:
        raise CountMismatch(f"The tables hold rows of source {unread[0]}, of which the load has read nothing.")
    counts = []
    for source, of in sorted(reads.items()):
        read = of.read
        loaded, updated = changed.get(source, (0, 0))
        refused = quarantined.get(source, 0)
        duplicates = read - loaded - updated - refused
        if duplicates < 0:
            raise CountMismatch(
                f"The tables hold {read - duplicates} records of source {source}, the load read {read}."
            )
        counts.append(SourceCounts(source, read, loaded, updated, duplicates, refused, of.origin))
    return counts
