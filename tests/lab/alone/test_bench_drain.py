"""`make bench NAME=drain`, small: it stops the stream and restarts MySQL."""

import pytest

from bench.drain import CONTENDERS
from bench.peers.scratch import ACCOUNT, DATABASE
from instruments.tools import Warehouse, as_root
from millrace.settings import Lab
from tests.lab.benchmarks import measured

DRAIN_SECONDS = 3600


@pytest.mark.full
@pytest.mark.timeout(DRAIN_SECONDS + 60)
def test_every_contender_drains_the_same_rows_and_nothing_of_it_stays(lab: Lab, mysql: Warehouse) -> None:
    figures, _ = measured(mysql, "drain", rows=20_000, timeout=DRAIN_SECONDS, units=("rows/s",))
    names = [contender.name for contender in CONTENDERS]
    assert figures == {*names, *(f"{name}, from its start" for name in names)}
    assert DATABASE not in as_root("SHOW DATABASES")
    assert ACCOUNT not in as_root("SELECT user FROM mysql.user")
    assert as_root("SELECT @@log_bin").strip() == "0"
