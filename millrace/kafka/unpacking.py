"""How much a compressed batch may unpack to where kafka-python reads it: 25 KB of zstd can stand for 800 MB.

kafka-python has no such limit, and unpacks a whole batch to give one record of it. Its four functions are replaced
where its reader of batches finds them.
"""

import gzip
import io
from collections.abc import Callable

import lz4.frame
import zstandard
from kafka.codec import snappy_decode
from kafka.errors import KafkaError
from kafka.record import default_records

MOST = 32 * 2**20
"""Bytes, as many as an executor can read."""


class UnpackedTooLargeError(KafkaError):  # type: ignore[misc]
    """A batch of records unpacks to more than MOST."""


def _gzip(packed: bytes) -> bytes:
    return gzip.GzipFile(fileobj=io.BytesIO(packed)).read(MOST + 1)


def _lz4(packed: bytes) -> bytes:
    unpacked: bytes = lz4.frame.LZ4FrameDecompressor().decompress(packed, max_length=MOST + 1)
    return unpacked


def _zstd(packed: bytes) -> bytes:
    reader = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
    return reader.read(MOST + 1)


def _bounded(unpack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def unpack_bounded(packed: bytes) -> bytes:
        unpacked = unpack(packed)
        if len(unpacked) > MOST:
            raise UnpackedTooLargeError(f"more than {MOST:,} bytes")
        return unpacked

    return unpack_bounded


def bound_unpacking() -> None:
    """For every client of this process. snappy unpacks to 21 times as much at most, which is seen afterwards."""
    default_records.gzip_decode = _bounded(_gzip)
    default_records.lz4_decode = _bounded(_lz4)
    default_records.zstd_decode = _bounded(_zstd)
    default_records.snappy_decode = _bounded(snappy_decode)
