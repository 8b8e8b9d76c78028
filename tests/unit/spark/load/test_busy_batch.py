"""How long a batch has committed nothing counts from its beginning or its last commit, whatever it tries meanwhile."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spark.load import micro_batch
from spark.load.load_data import LoadMismatch
from spark.load.micro_batch import BatchLoader
from spark.topic.offset_range import OffsetRange


def test_tries_do_not_count_as_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, end in (("sources/0/0", 0), ("offsets/0", 2)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(json.dumps({"shares": {"0": end}}))
    clock, seen, read = [0.0], [], []
    reader: Any = SimpleNamespace(contract=SimpleNamespace(feed="shares"))
    topic: Any = SimpleNamespace(name="shares", is_too_large=lambda *_: False)
    ledger: Any = SimpleNamespace(undo_pending=lambda _feed: None)
    settings: Any = None
    loader = BatchLoader(settings, reader, ledger, topic, tmp_path, {})

    def load(records: object, wanted: OffsetRange, refuse_for: str | None) -> None:
        seen.append((wanted.size, loader.busy_seconds, loader.trouble))
        read.append(records)
        clock[0] += 10
        if not refuse_for and wanted.start[0] == 0:
            raise LoadMismatch("a value was cut")

    records: Any = SimpleNamespace()
    monkeypatch.setattr(micro_batch, "monotonic", lambda: clock[0])
    monkeypatch.setattr(loader, "_part", lambda *_: "read anew")
    monkeypatch.setattr(loader, "_load", load)
    loader(records, 0)
    cut = "a value was cut"
    assert seen == [(2, 0, ""), (2, 10, cut), (1, 20, cut), (1, 30, cut), (1, 0, "")]
    assert (loader.busy_seconds, loader.trouble, loader.is_busy) == (0, "", False)
    assert read == [records, *["read anew"] * 4], "who read a batch that failed may be behind its records"
