"""What kafka-python unpacks is what Kafka's codecs have packed, up to a limit."""

import io
from collections.abc import Callable, Iterator

import pytest
import zstandard
from kafka import codec
from kafka.record import default_records
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from millrace.kafka import unpacking
from millrace.kafka.unpacking import MOST, UnpackedTooLargeError, bound_unpacking

CODECS = {
    DefaultRecordBatch.CODEC_GZIP: codec.gzip_encode,
    DefaultRecordBatch.CODEC_SNAPPY: codec.snappy_encode,
    DefaultRecordBatch.CODEC_LZ4: codec.lz4_encode,
    DefaultRecordBatch.CODEC_ZSTD: codec.zstd_encode,
}
VALUES = [b"", b"x" * 5, bytes(range(256)) * 1000]


@pytest.fixture(autouse=True)
def bounded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("gzip_decode", "snappy_decode", "lz4_decode", "zstd_decode"):
        monkeypatch.setattr(default_records, name, getattr(default_records, name))
    bound_unpacking()
    yield


def batch(kind: int, values: list[bytes]) -> DefaultRecordBatch:
    builder = DefaultRecordBatchBuilder(2, kind, False, -1, -1, -1, 2**31 - 1)
    for offset, value in enumerate(values):
        builder.append(offset, 1_796_000_000_000, None, value, [])
    return DefaultRecordBatch(builder.build())


@pytest.mark.parametrize("kind", CODECS)
def test_records_of_each_codec_are_read(kind: int) -> None:
    assert [record.value for record in batch(kind, VALUES)] == VALUES


@pytest.mark.parametrize("kind", CODECS)
def test_a_batch_beyond_the_limit_is_not(kind: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST", 2**20)
    assert [record.value for record in batch(kind, [b" " * (2**20 - 100)])] == [b" " * (2**20 - 100)]
    with pytest.raises(UnpackedTooLargeError):
        list(batch(kind, [b" " * 2**20]))


def test_frames_that_say_nothing_of_their_size_are_bounded() -> None:
    packed = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(packed, closefd=False) as writer:
        for _ in range(MOST // 2**20 + 1):
            writer.write(bytes(2**20))
    unpack: Callable[[bytes], bytes] = default_records.zstd_decode
    with pytest.raises(UnpackedTooLargeError):
        unpack(packed.getvalue())
