"""Starting over: killed at every step and typed again, it ends in the same place."""

from dataclasses import dataclass, field

import pytest

from lab.operate.feed_reset import Steps, start_over, wait_until_empty
from millrace.errors import Refused


class Killed(BaseException):
    """The command ends here."""


@dataclass
class World:
    """The feed as each side sees it. `kill_at` counts the steps, before and after each."""

    kill_at: int | None = None
    producers: str = "run"
    request: str | None = None
    rows: int = 100
    topic: str = "old"
    topic_records: int = 100
    journal: int = 100
    opened: str = "old"
    moments: int = 0
    log: list[str] = field(default_factory=list)

    def moment(self) -> None:
        self.moments += 1
        if self.moments == self.kill_at:
            raise Killed

    def step(self, name: str) -> None:
        self.moment()
        self.log.append(name)
        getattr(self, name)()
        self.moment()

    def hold(self) -> None:
        self.producers = "held"

    def ask(self) -> None:
        self.request = self.request or "asked"
        self.opened = ""

    def wait(self) -> None:
        assert self.opened == ""
        if self.request == "asked":
            self.rows, self.request = 0, "emptied"

    def renew(self) -> None:
        assert self.request == "emptied"
        assert self.rows == 0
        self.topic, self.topic_records = self.topic + "+", 0

    def forget(self) -> None:
        self.journal = 0

    def open(self) -> None:
        self.request, self.opened = None, self.topic

    def first(self) -> None:
        self.topic_records = self.rows = self.journal = 5

    def release(self) -> None:
        self.producers = "run"

    @property
    def steps(self) -> Steps:
        names = ("hold", "ask", "wait", "renew", "forget", "open", "first", "release")
        return Steps(*((lambda name=name: self.step(name)) for name in names))


@pytest.mark.parametrize("kill_at", range(1, 17))
def test_a_kill_at_any_moment_is_mended_by_typing_it_again(kill_at: int) -> None:
    world = World(kill_at=kill_at)
    with pytest.raises(Killed):
        start_over(world.steps)
    assert world.opened in {"old", ""} or world.topic == world.opened, "never a new topic under old rows"
    if world.opened:
        assert (world.journal == 0 or world.rows > 0) or world.topic_records == 0
    world.kill_at = None
    start_over(world.steps)
    assert (world.producers, world.request, world.rows, world.journal, world.topic_records) == ("run", None, 5, 5, 5)
    assert world.opened == world.topic != "old"


def test_it_waits_for_the_stream_and_says_who_is_late() -> None:
    states = iter(["asked", "asked", "emptied"])
    wait_until_empty(lambda: next(states), "x", pause=lambda _seconds: None)
    clock = iter(range(0, 100, 5))
    with pytest.raises(Refused) as refused:
        wait_until_empty(lambda: "asked", "x", seconds=10, clock=lambda: next(clock), pause=lambda _seconds: None)
    assert str(refused.value) == (
        "The stream has not emptied x within 10 s: see `make status` and `make logs SERVICE=millrace-stream`; "
        "`make reset FEED=x` goes on from there."
    )


def test_mysql_may_be_away_meanwhile() -> None:
    answers = iter([Refused("away"), "emptied"])

    def state() -> str:
        answer = next(answers)
        if isinstance(answer, Refused):
            raise answer
        return answer

    wait_until_empty(state, "x", pause=lambda _seconds: None)
    assert list(answers) == [], "it was asked again"
