"""A query that stands still is noticed, one that waits for records or moves is not; nor is a folder's loss missed."""

from pathlib import Path

import pytest

from spark.app.unrecoverable import Standstill, Unrecoverable, check_folders, is_of_lost_folders


def test_a_feed_that_commits_nothing_while_records_wait_stands_still() -> None:
    watch = Standstill()
    seen = [watch.seen({0: 5}, 7, now) for now in (0, 60, 179, 181, 182, 360, 362)]
    assert seen == [False, False, False, True, False, False, True]


def test_a_feed_that_moves_or_has_nothing_to_do_does_not() -> None:
    watch = Standstill()
    steps = [({0: 5}, 7, 0), ({0: 6}, 7, 179), ({0: 6}, 0, 350), ({0: 6}, 9, 529), ({0: 6}, 9, 531)]
    assert [watch.seen(*step) for step in steps] == [False, False, False, False, True]


def test_a_deleted_folder_is_named(tmp_path: Path) -> None:
    check_folders([tmp_path])
    with pytest.raises(
        Unrecoverable, match=r"The folder .*/gone was deleted while the application ran; it starts again"
    ):
        check_folders([tmp_path, tmp_path / "gone"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FileNotFoundError: [Errno 2] No such file or directory: '/tmp/x'", True),
        ("java.nio.file.NoSuchFileException: /var/lib/spark/tmp/x", True),
        ("MySQL server has gone away", False),
    ],
)
def test_its_loss_is_known_by_the_error(text: str, expected: bool) -> None:
    assert is_of_lost_folders(RuntimeError(text)) is expected
