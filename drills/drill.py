"""A drill, as data: what is done, and what must be seen of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from drills.scene import Scene

Act = Callable[["Scene"], AbstractContextManager[None]]
"""The cause: it begins where the context is entered, and is gone where it is left."""


@dataclass(frozen=True)
class Effect:
    """What must be seen of a drill beside sums that add up.

    `reported`: a pattern that one of `make status`' problems or notices must match while the cause lasts, or after it;
    `stays`: it is a loss, which goes on being told for a day; `stands_still`: feeds load nothing while the cause lasts,
    so that it must be told within drills.endure.TOLD_SECONDS.
    `application`: whether the streaming application must have gone on, or started anew.
    """

    reported: str = ""
    stays: bool = False
    stands_still: bool = False
    application: Literal["goes on", "starts anew", ""] = ""


NOTHING = Effect()
GOES_ON = Effect(application="goes on")
ANEW = Effect(application="starts anew")


@dataclass(frozen=True)
class Drill:
    """`act` lasts until what is expected was told, and `seconds` at the least.

    `screens`: the lab has recovered when a viewer can open a dashboard too.
    `by_name`: only performed when it is asked for, as it takes as long as half of the others.
    """

    name: str
    does: str
    act: Act
    expects: Effect = NOTHING
    seconds: float = 0
    screens: bool = False
    by_name: bool = False

    @property
    def expected(self) -> str:
        """What must be seen of it, in words."""
        told = "status tells it" if self.expects.reported else ""
        if self.expects.stands_still:
            told += " while it lasts"
        if self.expects.stays:
            told += " as a loss"
        goes = f"the application {self.expects.application}" if self.expects.application else ""
        return "; ".join(each for each in (told, goes, "dashboards open" if self.screens else "") if each)
