"""Identities: fixed for ever, positive, and different for different things."""

from hypothesis import given
from hypothesis import strategies as st

from millrace.record.identity import (
    api_source,
    console_source,
    device_source,
    file_source,
    simulator_source,
    times_lost,
)

TEXT = st.text(max_size=20)
Position = tuple[int, int]


def test_identities_never_change() -> None:
    """A changed digest would load every file a second time."""
    assert file_source("insurance_network", "ab" * 32) == 6598939774932342284
    assert simulator_source("insurance_rate", 2016, "x", 1) == 5213243691619917353
    assert console_source("S6Ubemx-S-yMhyZMWfXykw", 0) == 1275802491346882654


def test_a_hash_is_the_same_in_large_letters() -> None:
    assert file_source("f", "AB") == file_source("f", "ab")


@given(TEXT, TEXT, TEXT)
def test_identities_are_positive_and_fit_a_bigint(feed: str, one: str, other: str) -> None:
    for source in (file_source(feed, one), api_source(feed, one, other), device_source(feed, one)):
        assert 0 < source < 2**63


@given(st.tuples(TEXT, TEXT, TEXT), st.tuples(TEXT, TEXT, TEXT))
def test_other_parts_make_other_identities(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert (api_source(*one) == api_source(*other)) == (one == other)


def test_kinds_do_not_collide() -> None:
    assert len({file_source("a", "b"), device_source("a", "b"), console_source("a", 0)}) == 3


POSITIONS = st.tuples(st.integers(0, 1), st.integers(0, 9))


@given(st.lists(POSITIONS, max_size=5), POSITIONS)
def test_a_position_lost_once_more_has_an_identity_of_its_own(losses: list[tuple[int, int]], loss: Position) -> None:
    """From that offset on, and in that partition alone; all others keep theirs."""
    for part in (0, 1):
        for offset in range(10):
            is_lost = part == loss[0] and offset >= loss[1]
            before, after = (times_lost(known, part, offset) for known in (losses, [*losses, loss]))
            assert (console_source("t", part, before) != console_source("t", part, after)) == is_lost
