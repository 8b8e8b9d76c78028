"""A function called in a process of its own, which may take so much memory and no more."""

import os
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

Result = TypeVar("Result")


def in_bounded_memory(most: int, function: Callable[..., Result], *given: object) -> Result:
    """What the function gives; MemoryError where it takes more than so many bytes of data, or its process dies.

    Function, what it is given and what it gives or raises are pickled.
    """
    with ProcessPoolExecutor(1, get_context("spawn"), _bound, (most,)) as apart:
        try:
            return apart.submit(function, *given).result()
        except BrokenProcessPool:
            raise MemoryError from None


def _bound(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    # What a library prints as it dies is for its developers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
