"""A feed that stands still: records wait, and nothing is committed."""

from spark.topic.offsets import Offsets

STANDSTILL_SECONDS = 180


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
