"""`make events`: what SINCE means, and how an event stands on the screen."""

from datetime import UTC, datetime

import pytest

from lab.commands.events import row
from lab.observe.events import Happened, moment
from lab.screen.output import OK, WARN
from millrace.errors import Refused

NOW = datetime(2026, 11, 28, 20, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, datetime(1970, 1, 1)),
        ("90m", datetime(2026, 11, 28, 18, 35)),
        ("2 h", datetime(2026, 11, 28, 18, 5)),
        ("7d", datetime(2026, 11, 21, 20, 5)),
        ("2026-11-27", datetime(2026, 11, 27)),
        ("2026-11-27 12:30", datetime(2026, 11, 27, 12, 30)),
        ("2026-11-27T12:30+02:00", datetime(2026, 11, 27, 10, 30)),
    ],
)
def test_since_is_an_age_or_a_time(asked: str | None, expected: datetime) -> None:
    assert moment(asked, NOW) == expected


@pytest.mark.parametrize("asked", ["yesterday", "", "2x", "-3h", "2026-13-01"])
def test_since_that_is_no_time_is_refused(asked: str) -> None:
    with pytest.raises(Refused, match=r"is no time: say 90m, 2h or 7d"):
        moment(asked, NOW)


@pytest.mark.parametrize(
    ("kind", "severity", "mark"),
    [("running", "tells", OK), ("waiting", "tells", WARN), ("dropped", "trouble", WARN), ("cut", "tells", OK)],
)
def test_an_events_line(kind: str, severity: str, mark: object) -> None:
    found = row(Happened("2026-11-28 20:05:01.123", kind, "", severity, None, "It is so."))
    assert found == [mark, "2026-11-28 20:05:01", None, kind, None, "It is so."]
