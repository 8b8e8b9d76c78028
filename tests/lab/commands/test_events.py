"""`make events` on the running lab: what the stream, the contracts and refused records have left."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from instruments.own_feed import FEED, line, write_file
from instruments.tools import millrace, run_send, wait_until
from millrace.settings import Lab


def events(*arguments: str) -> list[dict[str, Any]]:
    """What the command tells, the newest first."""
    run = millrace("events", "--limit", "100000", "--json", *arguments)
    assert run.code == 0, run.err
    found: list[dict[str, Any]] = orjson.loads(run.out)
    return found


def test_the_application_that_runs_has_told_its_start(lab: Lab) -> None:
    epoch = orjson.loads(millrace("status", "--json").out)["epoch"]
    started = next(event for event in events() if event["kind"] == "started")
    assert started["message"].startswith(f"millrace-stream has started as epoch {epoch}, ")


@pytest.mark.usefixtures("parcel")
def test_a_feeds_contract_state_and_refusals_are_told(lab: Lab, tmp_path: Path, nonce: str) -> None:
    def refused() -> int:
        return sum(event["records"] for event in events("--feed", FEED) if event["kind"] == "refused")

    before = refused()
    sent = run_send(FEED, write_file(tmp_path, nonce, line(Sender=nonce)))
    assert sent.code == 0, sent.err
    assert refused() == before + 1
    wait_until(lambda: any(event["kind"] == "running" for event in events("--feed", FEED)), "its state is told")
    assert {event["feed"] for event in events("--feed", FEED)} == {FEED}
    assert any(event["kind"] == "contract" for event in events("--feed", FEED))
    assert events("--since", "2100-01-01") == []
