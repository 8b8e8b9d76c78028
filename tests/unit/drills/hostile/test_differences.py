"""What became of hostile records is compared case by case, and each kind of difference is said."""

from collections.abc import Callable

import pytest

from drills.acts.hostile import Found, Sent, differences
from drills.hostile.cases import Case
from drills.hostile.tokens import AGAIN, LOADS, REFUSED

CONSOLE = 99
ROW = (2014, "AK", 10_000, 5, "2026-01-02 10:11:12", "é", "AKN001", None)
OTHER = (2014, "AK", 10_000, 6, "2026-01-02 10:11:12", "é", "AKN001", None)
SENT = [
    Sent(Case(b"a", LOADS, (1, 1), ROW), 0, 10),
    Sent(Case(b"b", REFUSED, (1, 2)), 0, 11),
    Sent(Case(b"a", AGAIN, (1, 1), ROW), 1, 10),
    Sent(Case(b"c", LOADS, None), 1, 11),
    Sent(Case(b"d", REFUSED, None), 1, 12),
]
COUNTS = {"read_count": 5, "loaded": 2, "updated": 0, "duplicates": 1, "quarantined": 2}
LOADED = [(1, 1), (CONSOLE, 11)]
VALUES = {(1, 1): ROW, (CONSOLE, 11): OTHER}
QUARANTINE = [(1, 2, 0, 11), (CONSOLE, 12, 1, 12)]


def test_what_is_as_it_was_said_differs_in_nothing() -> None:
    assert differences(SENT, Found(COUNTS, LOADED, QUARANTINE, VALUES)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f._replace(counts=COUNTS | {"duplicates": 2}), "duplicates is 2, not 1"),
        (lambda f: f._replace(loaded=LOADED[1:]), "1 in the table are missing, such as (1, 1)"),
        (lambda f: f._replace(loaded=[(1, 1), *LOADED]), "1 in the table are too many, such as (1, 1)"),
        (lambda f: f._replace(loaded=[*LOADED, (1, 2)]), "1 in the table are too many, such as (1, 2)"),
        (lambda f: f._replace(loaded=[(1, 1), (CONSOLE, 10)]), "1 typed in the table are missing, such as 11"),
        (
            lambda f: f._replace(values=VALUES | {(1, 1): OTHER}),
            f"1 rows have other values than were sent, such as {OTHER}",
        ),
        (lambda f: f._replace(refused=QUARANTINE[1:]), "1 in quarantine are missing, such as (1, 2)"),
        (lambda f: f._replace(refused=QUARANTINE[:1]), "1 typed in quarantine are missing, such as (1, 12)"),
    ],
)
def test_what_is_otherwise_is_said(change: Callable[[Found], Found], said: str) -> None:
    assert said in differences(SENT, change(Found(COUNTS, LOADED, QUARANTINE, VALUES)))
