"""Random numbers that can be repeated: the same question with the same seed always has the same answer."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

Choice = TypeVar("Choice")


def chance(*question: int | str) -> float:
    """A number in [0, 1), even over all questions."""
    text = "\x1f".join(map(str, question)).encode()
    return int.from_bytes(blake2b(text, digest_size=7).digest(), "big") / 2**56


def choose(choices: Sequence[Choice], *question: int | str) -> Choice:
    """One of the choices, each as likely as the others."""
    return choices[int(chance(*question) * len(choices))]


def is_drawn(number: int, share: float) -> bool:
    """Whether the thing of that number (from 0) is among `share` of all: exact over any run of numbers, not by luck."""
    return int((number + 1) * share) > int(number * share)
