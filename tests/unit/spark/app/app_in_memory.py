"""An application whose ledger and runners stand in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Any

from sqlalchemy.exc import OperationalError

from millrace.contract.contract import load_contract
from spark.app.watchdog import Pulse
from sql.contracts_in_use import Made
from sql.requests import Requests

WRITTEN = datetime(2026, 11, 24, 12, tzinfo=UTC)
BEFORE, AFTER = datetime(2026, 11, 24, 11), datetime(2026, 11, 24, 13)
RATE, PLAN, NETWORK = "insurance_rate", "insurance_plan", "insurance_network"
IN_USE = Made("one", "in_use", {})


@dataclass
class Ledger:
    """Answers with `asked`; notes what is undone and told."""

    asked: Requests | None = None
    there: dict[str, Made] = field(default_factory=lambda: dict.fromkeys((RATE, PLAN, NETWORK), IN_USE))
    contracts: dict[str, Any] = field(default_factory=lambda: {f: load_contract(f) for f in (RATE, PLAN, NETWORK)})
    states: dict[str, tuple[str, str]] = field(default_factory=dict)
    undone: list[str] = field(default_factory=list)

    @property
    def engine(self) -> "Ledger":
        return self

    @contextmanager
    def connect(self) -> Iterator["Ledger"]:
        if self.asked is None:
            raise OperationalError("", {}, Exception("away"))
        yield self

    def read_contracts(self) -> None:
        """The same as ever."""

    def owned(self, work: Any) -> Any:
        return work(self)

    def execute(self, statement: Any) -> None:
        """What is noted of the lab's history."""

    def undo_pending(self, feed: str) -> None:
        self.undone.append(feed)

    def set_feed_state(self, feed: str, state: str, message: str) -> None:
        self.states[feed] = (state, message)


class Runner:
    def __init__(self, feed: str, stopping: Event) -> None:
        self.feed, self.stopping = feed, stopping
        self.now = 0.0
        self.pulse = Pulse(lambda: self.now)
        self.has_left = False

    def run(self) -> None:
        self.stopping.wait(30)

    def leave(self) -> None:
        self.has_left = True
