"""The lease is renewed until the application stops; only its loss ends the application."""

from threading import Event
from typing import cast

import pytest

from spark.app import lease_renewal as module
from spark.app.lease_renewal import renew_lease
from sql.errors import LostEpoch
from sql.ledger.ledger import Ledger


class ScriptedLedger:
    """Answers each renewal with the next of `answers`, and stops the loop at the last."""

    def __init__(self, answers: list[Exception | None], stopping: Event) -> None:
        self.answers, self.stopping = answers, stopping

    def renew_lease(self) -> None:
        answer = self.answers.pop(0)
        if not self.answers:
            self.stopping.set()
        if answer is not None:
            raise answer


@pytest.mark.parametrize(
    ("answers", "reasons"),
    [
        pytest.param([None, None], [], id="it is renewed"),
        pytest.param([OSError("MySQL is away"), None], [], id="MySQL is away for a while"),
        pytest.param([None, LostEpoch("epoch 3 is over")], ["epoch 3 is over"], id="another copy has taken over"),
    ],
)
def test_only_the_loss_of_the_lease_ends_the_application(
    answers: list[Exception | None], reasons: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RENEW_SECONDS", 0)
    stopping, given_up = Event(), list[str]()
    ledger = ScriptedLedger(answers, stopping)
    renew_lease(cast("Ledger", ledger), stopping, given_up.append)
    assert given_up == reasons
    assert ledger.answers == []
