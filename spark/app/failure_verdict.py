"""What becomes of a feed whose query failed."""

from typing import Literal, NamedTuple

from millrace.errors import Refused
from spark.app.scratch_folders import is_of_lost_folders
from spark.app.watchdog import StoodStill
from spark.load.error_summary import no_memory_of
from sql.errors import CountMismatch

Kind = Literal["refused", "stuck", "lost", "no memory", "miscounted", "other"]
Verdict = Literal["retry", "stop", "give up"]
"""Try again; stop the feed, whom only a person can help; end the application, which must be started anew."""


class FailedRun(NamedTuple):
    """One run of a query that failed: how, whether it was opened at all, and whether it committed a load.

    `overlapped`: a batch of an earlier run was still ending when it began, so that what the ledger refused may have
    been that batch's doing.
    """

    failure: Kind
    opened: bool = True
    committed: bool = False
    overlapped: bool = False

    @property
    def is_barren(self) -> bool:
        """Whether it committed nothing, and nobody else can be why."""
        return not self.committed and not self.overlapped


def kind_of(error: Exception) -> Kind:
    """What kind of failure an error is."""
    if is_of_lost_folders(error):
        return "lost"
    if no_memory_of(error):
        return "no memory"
    if isinstance(error, StoodStill):
        return "stuck"
    if isinstance(error, CountMismatch):
        return "miscounted"
    return "refused" if isinstance(error, Refused) else "other"


def verdict(before: FailedRun | None, now: FailedRun) -> Verdict:
    """What to do after a failure, given the one before it.

    A refusal before the query runs, or twice in a row with nothing committed at first, is final, unless the batch of
    another run met it; so are wrong counts.
    Another try would end alike where Spark's own folders have gone, an executor has no memory, or a query stands still
    again.
    """
    alike = before is not None and before.failure == now.failure
    match now.failure:
        case "lost" | "no memory":
            return "give up"
        case "stuck":
            return "give up" if alike and not now.committed else "retry"
        case "miscounted":
            return "stop"
        case "refused":
            is_second = alike and before is not None and before.is_barren and not now.overlapped
            return "stop" if not now.opened or is_second else "retry"
        case "other":
            return "retry"
