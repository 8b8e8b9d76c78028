"""Which failures of a feed's query are tried again, which stop the feed, and which end the application."""

import pytest

from millrace.errors import Refused
from spark.app.failure_verdict import Kind, Life, Verdict, kind_of, verdict
from spark.app.unrecoverable import StoodStill
from spark.load.load_data import LoadMismatch
from sql.errors import CountMismatch


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Refused("the topic is another one"), "refused"),
        (StoodStill("Records wait"), "stuck"),
        (CountMismatch("7 records read, 5 held"), "miscounted"),
        (LoadMismatch("the server reports 5 records"), "other"),
        (OSError("Kafka is away"), "other"),
        (OSError("No such file or directory: /tmp/blockmgr"), "lost"),
        (Refused("java.nio.file.NoSuchFileException: /tmp/x"), "lost"),
    ],
)
def test_an_error_is_of_a_kind(error: Exception, kind: Kind) -> None:
    assert kind_of(error) == kind


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        (None, Life("other"), "retry"),
        (Life("other"), Life("other"), "retry"),
        (None, Life("other", opened=False), "retry"),
        (None, Life("miscounted"), "stop"),
        (None, Life("miscounted", committed=True), "stop"),
        (None, Life("refused", opened=False), "stop"),
        (None, Life("refused"), "retry"),
        (Life("refused"), Life("refused"), "stop"),
        (Life("refused"), Life("refused", committed=True), "stop"),
        (Life("refused", committed=True), Life("refused"), "retry"),
        (Life("other"), Life("refused"), "retry"),
        (Life("stuck"), Life("refused"), "retry"),
        (None, Life("stuck"), "retry"),
        (Life("stuck"), Life("stuck"), "give up"),
        (Life("stuck", committed=True), Life("stuck"), "give up"),
        (Life("stuck"), Life("stuck", committed=True), "retry"),
        (Life("other"), Life("stuck"), "retry"),
        (None, Life("lost"), "give up"),
        (None, Life("lost", committed=True), "give up"),
        (None, Life("lost", opened=False), "give up"),
    ],
)
def test_what_a_failure_asks_for(before: Life | None, now: Life, found: Verdict) -> None:
    assert verdict(before, now) == found
