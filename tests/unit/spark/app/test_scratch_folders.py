"""The loss of a scratch folder is noticed, and known by what a query says that failed for it."""

from pathlib import Path

import pytest

from spark.app.scratch_folders import Unrecoverable, check_folders, is_of_lost_folders


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
