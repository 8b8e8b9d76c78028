"""Turns follow each other, the later ones beside whoever gives them, and none follows one that failed."""

from threading import Event

import pytest

from spark.load.turns import TurnLost, Turns

SECONDS = 30


def unheard(error: Exception) -> None:
    raise AssertionError(error)


def test_each_begins_when_the_one_before_has_ended() -> None:
    turns, done, go = Turns(), [], Event()

    def first() -> str:
        go.wait(SECONDS)
        done.append("first")
        return "of the first"

    begun = turns.later(first, unheard)
    turns.later(lambda: done.append("second"), unheard)
    assert (done, turns.are_over, turns.wait(0)) == ([], False, False)
    go.set()
    turns.now(lambda: done.append("third"))
    assert done == ["first", "second", "third"]
    assert (begun.result(), turns.are_over, turns.wait(SECONDS)) == ("of the first", True, True)


def test_none_follows_one_that_failed() -> None:
    turns, heard = Turns(), []
    failing = turns.later(lambda: 1 / 0, heard.append)
    after = turns.later(lambda: heard.append("done"), heard.append)
    with pytest.raises(TurnLost, match="division by zero"):
        after.result(SECONDS)
    with pytest.raises(ZeroDivisionError):
        failing.result(SECONDS)
    assert [type(error) for error in heard] == [ZeroDivisionError, TurnLost]
    with pytest.raises(TurnLost):
        turns.now(lambda: heard.append("done"))


def test_who_failed_is_heard_before_those_who_wait() -> None:
    """So that nobody sees a later failure first."""
    turns, heard = Turns(), Event()
    failing = turns.later(lambda: 1 / 0, lambda _error: heard.set())
    assert isinstance(failing.exception(SECONDS), ZeroDivisionError)
    assert heard.is_set()


def test_a_failure_of_what_is_done_now_is_the_callers_alone() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError):
        turns.now(lambda: 1 / 0)
    assert turns.now(lambda: "done") == "done"
