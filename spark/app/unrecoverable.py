"""What a running application cannot recover from: scratch folders that were deleted, and a query that stands still."""

from collections.abc import Iterable
from pathlib import Path

from pyspark.sql import SparkSession

from spark.topic.offsets import Offsets

STANDSTILL_SECONDS = 180
SIGNS = ("No such file or directory", "NoSuchFileException", "FileNotFoundException", "Failed to create local dir")


class Unrecoverable(Exception):  # noqa: N818 - it says what the failure is
    """Only a new application can go on; the message says why."""


class StoodStill(Exception):  # noqa: N818
    """Records wait, and the query has committed nothing for STANDSTILL_SECONDS."""


class Standstill:
    """Watches one feed's commits."""

    def __init__(self) -> None:
        self._committed: Offsets = {}
        self._since: float | None = None
        self._waits_since: float | None = None

    def waits(self, now: float) -> float:
        """Seconds since it was first seen that records wait and nothing moves."""
        return 0 if self._waits_since is None else now - self._waits_since

    def seen(self, committed: Offsets, lag: int, now: float) -> bool:
        """Whether nothing has moved for too long; `now` is in seconds. It begins anew after it has said so."""
        moves = not lag or committed != self._committed
        self._committed = dict(committed)
        if moves or self._since is None:
            self._since = now
        self._waits_since = None if moves else self._waits_since or now
        is_long = now - self._since >= STANDSTILL_SECONDS
        self._since = None if is_long else self._since
        return is_long


def is_of_lost_folders(error: BaseException) -> bool:
    """Whether a query failed because a folder has gone, which neither Spark nor its workers make anew."""
    return any(sign in str(error) for sign in SIGNS)


def scratch_folders(spark: SparkSession, state: Path) -> tuple[Path, ...]:
    """The folders that the application and Spark's driver have made for themselves."""
    jvm = spark._jvm
    if jvm is None:
        return (state,)
    manager = jvm.org.apache.spark.SparkEnv.get().blockManager().diskBlockManager()
    return (state, *(Path(folder) for folder in manager.localDirsString()))


def check_folders(folders: Iterable[Path]) -> None:
    """Unrecoverable where one of them has gone."""
    gone = next((folder for folder in folders if not folder.is_dir()), None)
    if gone:
        raise Unrecoverable(f"The folder {gone} was deleted while the application ran; it starts again with new ones.")
