"""When a file counts as finished where the kernel gives no leases."""

import errno
import os
from pathlib import Path

import pytest

from producer.landing import file_stability
from producer.landing.file_stability import is_finished


def test_without_leases_a_file_must_be_quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_leases(_descriptor: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(file_stability, "_with_lease", no_leases)
    file = tmp_path / "x"
    with file.open("w") as writer:
        assert not is_finished(writer.fileno())
        os.utime(file, (0, file_stability.time.time() - 6))
        assert is_finished(writer.fileno())
        os.utime(file, (0, file_stability.time.time() + 3600))
        assert is_finished(writer.fileno())
