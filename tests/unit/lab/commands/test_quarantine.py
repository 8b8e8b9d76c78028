"""The quarantine's table: one line per reason, the record's place once, long values cut for the eye only."""

import pytest

from lab.commands.quarantine import show
from lab.observe.quarantine import Rejected
from lab.screen.output import shortened


def test_every_reason_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    reasons = [
        {"column": "issuer_id", "value": "[red]", "reason": "is not a whole number"},
        {"column": None, "value": None, "reason": "the row has 15 fields, the header has 14"},
    ]
    record = Rejected("insurance_network", 1, 7, "2026-11-22 17:05:47.123", "insurance_network", 0, 4, reasons, "…")
    show([record], 3)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "Quarantine"
    assert lines[2] == "2026-11-22 17:05:47 insurance_network 7 issuer_id [red] is not a whole number"
    assert lines[3] == "- - the row has 15 fields, the header has 14"
    assert lines[4] == "1 newest of 3 shown; more with LIMIT=…"


def test_values_are_shortened_to_one_line() -> None:
    assert shortened(None) is None
    assert shortened("a\n  b\tc") == "a b c"
    assert shortened("x" * 2_000_000) == "x" * 59 + "…"
