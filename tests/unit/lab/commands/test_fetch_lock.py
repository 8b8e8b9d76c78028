"""`make fetch`: one at a time per feed."""

from pathlib import Path

import pytest

from lab.commands import fetch
from lab.operate import live_sources
from millrace.errors import Refused
from millrace.lock import alone
from millrace.settings import Settings


class Broker:
    """One that has every topic."""

    def __init__(self, _address: str) -> None: ...

    def topic_uuid(self, _topic: str) -> str:
        return "M" * 22


def test_a_second_fetch_of_a_feed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "is_host", lambda: False)
    monkeypatch.setattr(fetch, "Broker", Broker)
    monkeypatch.setenv("MILLRACE_STATE_DIR", str(tmp_path))
    held = live_sources.folder(Settings.from_environment()) / "hospital" / ".lock"
    with alone(held, "busy"), pytest.raises(Refused, match="data of hospital are being fetched already"):
        fetch.fetch("hospital")
