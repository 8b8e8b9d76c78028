"""The folders that a running application has made for itself. Where one has gone, only a new application can go on."""

from collections.abc import Iterable
from pathlib import Path

from pyspark.sql import SparkSession

from spark.jvm import local_folders

SIGNS = ("No such file or directory", "NoSuchFileException", "FileNotFoundException", "Failed to create local dir")


class Unrecoverable(Exception):  # noqa: N818 - it says what the failure is
    """Only a new application can go on; the message says why."""


def is_of_lost_folders(error: BaseException) -> bool:
    """Whether a query failed because a folder has gone, which neither Spark nor its workers make anew."""
    return any(sign in str(error) for sign in SIGNS)


def scratch_folders(spark: SparkSession, state: Path) -> tuple[Path, ...]:
    """The folders that the application and Spark's driver have made for themselves."""
    return (state, *local_folders(spark))


def check_folders(folders: Iterable[Path]) -> None:
    """Unrecoverable where one of them has gone."""
    gone = next((folder for folder in folders if not folder.is_dir()), None)
    if gone:
        raise Unrecoverable(f"The folder {gone} was deleted while the application ran; it starts again with new ones.")
