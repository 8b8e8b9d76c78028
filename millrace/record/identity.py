"""Who a record is: a source, as 63 bits, and its number there. The same record sent again keeps its identity."""

from collections.abc import Iterable
from hashlib import blake2b


def _digest(kind: str, *parts: str) -> int:
    """A positive 63-bit number; parts are measured, so that no two lists of parts read alike."""
    hashed = blake2b(digest_size=8)
    for part in (kind, *parts):
        content = part.encode()
        hashed.update(len(content).to_bytes(8, "big") + content)
    return int.from_bytes(hashed.digest(), "big") >> 1 or 1


def file_source(feed: str, content_sha256: str) -> int:
    """A file is its content: sent under another name it is still the same. Row: the record's number, from 1."""
    return _digest("file", feed, content_sha256.lower())


def api_source(feed: str, endpoint: str, place: str) -> int:
    """A polled API, per place. Row: the observation's time."""
    return _digest("api", feed, endpoint, place)


def device_source(feed: str, device: str) -> int:
    """A device. Row: its own sequence."""
    return _digest("device", feed, device)


def simulator_source(feed: str, seed: int, parameters: str, version: int) -> int:
    """A simulator's run: other seed, parameters or generator are other data. Row: the sequence, from 1."""
    return _digest("simulator", feed, str(seed), parameters, str(version))


def console_source(topic_uuid: str, partition: int, lost: int = 0) -> int:
    """What a person typed into a partition of a topic. Row: the offset.

    `lost`: how often Kafka has lost what was loaded from that offset; another record stands there now.
    """
    return _digest("console", topic_uuid, str(partition), *([str(lost)] if lost else []))


def times_lost(typed_from: Iterable[tuple[int, int]], partition: int, offset: int) -> int:
    """How often an offset was lost; `typed_from` has, for each loss, the partition and the first typed record lost."""
    return sum(part == partition and first <= offset for part, first in typed_from)
