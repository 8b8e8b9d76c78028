"""What tells a record in Kafka from another one that stands, or stood, at the same offset."""

from hashlib import blake2b
from typing import Literal, NamedTuple

Standing = Literal["held", "other", "gone"]
"""What stands where a record stood: itself, another one, or none, as where it was compacted or deleted."""


class Mark(NamedTuple):
    """A record by its offset and the digest of its time and bytes: 16 hexadecimal digits."""

    offset: int
    digest: str


def mark_of(offset: int, timestamp_ms: int, value: bytes | None) -> Mark:
    """The mark of a record. Its time is part of it: the same line typed twice is two records."""
    hashed = blake2b(timestamp_ms.to_bytes(8, "big", signed=True), digest_size=8)
    hashed.update(value or b"")
    return Mark(offset, hashed.hexdigest())
