"""A batch job ends with one sentence, in its journal and in its line of batch_job, whatever went wrong."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from py4j.protocol import Py4JError

from millrace.errors import Refused
from spark.jobs import job_run as module


class Spark:
    """A session that only knows whether it was stopped."""

    is_stopped = False

    def stop(self) -> None:
        self.is_stopped = True


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Any, ...]]]:
    """What a run leaves in batch_job."""
    lines: list[tuple[Any, ...]] = []
    monkeypatch.setattr(module.Run, "done", lambda _self, *how: lines.append(("done", *how)))
    monkeypatch.setattr(module.Run, "failed", lambda _self, *how: lines.append(("failed", *how)))
    yield lines


def test_a_job_that_ends_well_says_what_it_did(
    ended: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spark = Spark()
    monkeypatch.setattr(module, "batch_session", lambda _name: spark)
    caplog.set_level(logging.INFO, "millrace")
    assert module.run_job("toy", lambda _spark, _settings: ("counted 3 rows", 3, 1)) == 0
    assert ended == [("done", "counted 3 rows", 3, 1)]
    assert caplog.messages == ["toy: counted 3 rows"]
    assert spark.is_stopped


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Refused("The table has 2 rows, the ledger counts 3; see the page."), "The table has 2 rows"),
        (OSError(28, "No space left on device"), "The disk of the spark machine is full: make room there"),
        (Py4JError("An error occurred\n: org.apache.spark.SparkException: lost"), "lost"),
    ],
)
def test_a_job_that_fails_says_why(
    ended: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    spark = Spark()
    monkeypatch.setattr(module, "batch_session", lambda _name: spark)

    def work(*_: object) -> tuple[str, int, int]:
        raise error

    assert module.run_job("toy", work) == 1
    ((state, sentence),) = ended
    assert state == "failed" and reason in sentence
    assert spark.is_stopped


def test_a_session_that_cannot_begin_is_told_as_well(
    ended: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_session(_name: str) -> Spark:
        raise Py4JError("[INVALID_DRIVER_MEMORY] System memory must be larger")

    monkeypatch.setattr(module, "batch_session", no_session)
    assert module.run_job("toy", lambda _spark, _settings: ("", 0, 0)) == 1
    assert ended[0][0] == "failed" and "INVALID_DRIVER_MEMORY" in ended[0][1]
