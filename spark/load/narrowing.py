"""A load that fails twice alike is halved until one record is left, which is refused with the error as its reason."""

import logging
from collections.abc import Callable
from typing import Protocol

from spark.load.blame import Failure, blamed
from spark.topic.offset_range import OffsetRange

log = logging.getLogger(__name__)


class LoadOffsets(Protocol):
    """Loads and commits a range, its records as they are or refused for that failure. Raises, with the load pending."""

    def __call__(self, wanted: OffsetRange, refuse_for: Failure | None = None) -> None: ...


def load_narrowed(load: LoadOffsets, undo: Callable[[], object], wanted: OffsetRange, known: str = "") -> None:
    """Loads the range: whole, or in parts that follow each other where a record in it cannot be loaded.

    `known`: the kind of failure that a larger range has met twice. What no record can be blamed for is raised, and so
    is a failure that differs from try to try.
    """
    failure = _failure_of(load, undo, wanted)
    if failure and failure.kind != known:
        known, failure = failure.kind, _failure_of(load, undo, wanted)
    if failure is None:
        return
    if failure.kind != known:
        raise failure.error
    if wanted.size > 1:
        for half in wanted.halves():
            load_narrowed(load, undo, half, known)
        return
    log.warning("the record at %s is refused: %s", wanted.start, failure.reason)
    load(wanted, failure)


def _failure_of(load: LoadOffsets, undo: Callable[[], object], wanted: OffsetRange) -> Failure | None:
    """None where the range is loaded; a failure that no record can be blamed for is raised."""
    try:
        load(wanted)
    except Exception as error:
        failure = blamed(error)
        if failure is None:
            raise
        undo()
        return failure
    return None
