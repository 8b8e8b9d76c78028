"""A file is replaced whole or not at all, and nothing is left beside it."""

from pathlib import Path

import pytest

from millrace.whole_file import whole_file, write_whole


@pytest.mark.parametrize("content", ["ä\n", b"\xff"])
def test_content_is_replaced(tmp_path: Path, content: str | bytes) -> None:
    file = tmp_path / ("x" * 250)
    file.write_text("before")
    write_whole(file, content)
    assert file.read_bytes() == (content if isinstance(content, bytes) else content.encode())
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("synced", [True, False])
def test_what_fails_leaves_what_was_there(tmp_path: Path, synced: bool) -> None:
    file = tmp_path / "x"
    file.write_text("before")

    def fails() -> None:
        with whole_file(file, synced=synced) as partial:
            partial.write_text("half")
            assert file.read_text() == "before"
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        fails()
    assert (file.read_text(), list(tmp_path.iterdir())) == ("before", [file])


def test_it_may_be_new(tmp_path: Path) -> None:
    with whole_file(tmp_path / "x", synced=True) as partial:
        partial.write_text("new")
    assert (tmp_path / "x").read_text() == "new"
