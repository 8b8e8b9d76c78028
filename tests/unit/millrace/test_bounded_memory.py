"""A function in a process of its own: what it gives, raises, and takes too much of."""

import os
import signal

import pytest

from millrace.bounded_memory import in_bounded_memory
from millrace.errors import Refused

MOST = 200 << 20


def double(number: int) -> int:
    return 2 * number


def refuse(why: str) -> None:
    raise Refused(why)


def take(size: int) -> int:
    return len(bytearray(size))


def die() -> None:
    os.kill(os.getpid(), signal.SIGABRT)


def outlive(number: int) -> int:
    os.kill(os.getpid(), number)
    return 42


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_service_that_is_stopped_does_not_make_it_look_too_large(number: int) -> None:
    assert in_bounded_memory(MOST, outlive, number) == 42
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) & {signal.SIGTERM, signal.SIGHUP} == set()


def test_it_gives_what_the_function_gives() -> None:
    assert in_bounded_memory(MOST, double, 21) == 42


def test_it_raises_what_the_function_raises() -> None:
    with pytest.raises(Refused, match=r"^no\.$"):
        in_bounded_memory(MOST, refuse, "no.")


def test_more_memory_than_that_is_not_had() -> None:
    assert in_bounded_memory(MOST, take, MOST // 2) == MOST // 2
    with pytest.raises(MemoryError):
        in_bounded_memory(MOST, take, MOST)


def test_a_process_that_dies_counts_as_one_that_took_too_much() -> None:
    with pytest.raises(MemoryError):
        in_bounded_memory(MOST, die)
