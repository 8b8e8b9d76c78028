"""MySQL's binary log: on for one contender's turn, and off for all others, also after a run that was killed."""

from types import SimpleNamespace
from typing import Any

import pytest

from bench.peers import binary_log
from bench.peers.binary_log import ON, switch_off_left
from bench.peers.binary_log import binary_log as logged
from millrace.errors import Refused

pytestmark = pytest.mark.host
REACHED: Any = None


@pytest.fixture
def mysql(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Keeps a log while `on`; what was done to it stands in `did`. One that is `stubborn` stays as it is."""
    mysql = SimpleNamespace(on=False, stubborn=False, did=[])

    def run(_machine: str, arguments: list[str], timeout: float) -> str:
        assert timeout
        mysql.did.append("on" if arguments[-1] == ON else "off")
        mysql.on = mysql.on if mysql.stubborn else arguments[-1] == ON
        return ""

    monkeypatch.setattr(binary_log.remote, "run", run)
    monkeypatch.setattr(binary_log, "keeps_log", lambda _reached: mysql.on)
    return mysql


def test_a_turn_with_a_log_leaves_none(mysql: SimpleNamespace) -> None:
    with logged(REACHED):
        assert mysql.on
    assert not mysql.on


def test_a_turn_whose_log_is_not_there_is_refused(mysql: SimpleNamespace) -> None:
    mysql.stubborn = True
    with pytest.raises(Refused, match="MySQL keeps no binary log"), logged(REACHED):
        pass
    assert mysql.did == ["on", "off"]


@pytest.mark.parametrize(("left", "did"), [(False, []), (True, ["off"])])
def test_what_a_killed_run_has_left_is_switched_off(mysql: SimpleNamespace, left: bool, did: list[str]) -> None:
    mysql.on = left
    switch_off_left(REACHED)
    assert (mysql.on, mysql.did) == (False, did)


def test_a_log_of_somebody_elses_is_told(mysql: SimpleNamespace) -> None:
    mysql.on = mysql.stubborn = True
    with pytest.raises(Refused, match="by settings of its own"):
        switch_off_left(REACHED)
