"""The ledger is kept small beside the queries, feed by feed, also of feeds that are off."""

import pytest

from spark.app import runners as module
from spark.app.runners import Runners
from tests.unit.spark.app.app_in_memory import NETWORK, PLAN, RATE


def test_every_feed_with_tables_is_tidied_now_and_then(runners: Runners, monkeypatch: pytest.MonkeyPatch) -> None:
    now, tidied = [0.0], list[str]()
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    monkeypatch.setattr(module, "tidy", lambda _transaction, feed, _stopped: tidied.append(feed))

    def after(seconds: float) -> list[str]:
        now[0] = seconds
        tidied.clear()
        runners.follow_requests()
        for _what, thread, _stopping in runners._feed_work._threads.values():
            thread.join()
        return sorted(tidied)

    every = sorted([NETWORK, PLAN, RATE])
    assert after(0) == []
    assert after(module.TIDY_SECONDS) == []
    assert after(module.TIDY_SECONDS + 1) == every
    assert after(module.TIDY_SECONDS + 2) == []
    assert after(3 * module.TIDY_SECONDS) == every
