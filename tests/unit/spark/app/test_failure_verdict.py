"""Which failures of a feed's query are tried again, which stop the feed, and which end the application."""

import pytest

from millrace.errors import Refused
from spark.app.failure_verdict import FailedRun, Kind, Verdict, kind_of, verdict
from spark.app.watchdog import StoodStill
from spark.load.load_data import LoadMismatch
from sql.errors import CountMismatch


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Refused("the topic is another one"), "refused"),
        (StoodStill("Records wait"), "stuck"),
        (CountMismatch("7 records read, 5 held"), "miscounted"),
        (LoadMismatch("the server reports 5 records"), "other"),
        (LoadMismatch("wrong: 'executor 0): java.lang.OutOfMemoryError: Java heap space'"), "other"),
        (OSError("Kafka is away"), "other"),
        (OSError("No such file or directory: /tmp/blockmgr"), "lost"),
        (
            RuntimeError("(10.0.0.2 executor 0): java.lang.OutOfMemoryError: unable to create native thread"),
            "no memory",
        ),
        (RuntimeError("(host executor 0): java.lang.NoClassDefFoundError: org/apache/Thing"), "no memory"),
        (Refused("java.nio.file.NoSuchFileException: /tmp/x"), "lost"),
    ],
)
def test_an_error_is_of_a_kind(error: Exception, kind: Kind) -> None:
    assert kind_of(error) == kind


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        (None, FailedRun("other"), "retry"),
        (FailedRun("other"), FailedRun("other"), "retry"),
        (None, FailedRun("other", opened=False), "retry"),
        (None, FailedRun("miscounted"), "stop"),
        (None, FailedRun("miscounted", committed=True), "stop"),
        (None, FailedRun("refused", opened=False), "stop"),
        (None, FailedRun("refused"), "retry"),
        (FailedRun("refused"), FailedRun("refused"), "stop"),
        (FailedRun("refused"), FailedRun("refused", committed=True), "stop"),
        (FailedRun("refused", committed=True), FailedRun("refused"), "retry"),
        (FailedRun("refused", overlapped=True), FailedRun("refused"), "retry"),
        (FailedRun("refused"), FailedRun("refused", overlapped=True), "retry"),
        (FailedRun("refused", overlapped=True), FailedRun("refused", opened=False), "stop"),
        (FailedRun("other"), FailedRun("refused"), "retry"),
        (FailedRun("stuck"), FailedRun("refused"), "retry"),
        (None, FailedRun("stuck"), "retry"),
        (FailedRun("stuck"), FailedRun("stuck"), "give up"),
        (FailedRun("stuck", committed=True), FailedRun("stuck"), "give up"),
        (FailedRun("stuck"), FailedRun("stuck", committed=True), "retry"),
        (FailedRun("other"), FailedRun("stuck"), "retry"),
        (None, FailedRun("lost"), "give up"),
        (None, FailedRun("no memory"), "give up"),
        (None, FailedRun("lost", committed=True), "give up"),
        (None, FailedRun("lost", opened=False), "give up"),
    ],
)
def test_what_a_failure_asks_for(before: FailedRun | None, now: FailedRun, found: Verdict) -> None:
    assert verdict(before, now) == found
