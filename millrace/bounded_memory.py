"""A function called in a process of its own, which may take so much memory and no more."""

import os
import resource
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

Result = TypeVar("Result")


def in_bounded_memory(most: int, function: Callable[..., Result], *given: object) -> Result:
    """What the function gives; MemoryError where it takes more than so many bytes of data, or its process dies.

    Function, what it is given and what it gives or raises are pickled.
    """
    with ProcessPoolExecutor(1, get_context("spawn"), _bound, (most,)) as apart:
        try:
            with _undisturbed():
                answer = apart.submit(function, *given)
            return answer.result()
        except BrokenProcessPool:
            raise MemoryError from None


@contextmanager
def _undisturbed() -> Iterator[None]:
    """What is started meanwhile is not ended with its parent's service, which would look like a death of its own."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _bound(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    # What a library prints as it dies is for its developers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
