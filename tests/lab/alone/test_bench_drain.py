"""`make bench NAME=drain`, small: it stops the stream and restarts MySQL."""

import orjson
import pytest

from bench.drain import CONTENDERS
from bench.peers.scratch import ACCOUNT, DATABASE
from millrace.settings import Lab
from tests.lab.commands.test_bench import NEW_SOURCES
from tests.lab.tools import Warehouse, as_root, millrace

DRAIN_SECONDS = 3600


@pytest.mark.full
@pytest.mark.timeout(DRAIN_SECONDS + 60)
def test_every_contender_drains_the_same_rows_and_nothing_of_it_stays(lab: Lab, mysql: Warehouse) -> None:
    first = mysql.one("SELECT MAX(load_id) FROM pipeline_load")
    run = millrace("bench", "--rows", "20000", "--times", "1", "--json", "drain", timeout=DRAIN_SECONDS)
    assert run.code == 0, run.out + run.err
    told = orjson.loads(run.out)
    assert told["void"] == {}
    figures = {one["figure"]: one["values"] for one in told["figures"] if one["unit"] == "rows/s"}
    names = [contender.name for contender in CONTENDERS]
    assert set(figures) == {*names, *(f"{name}, from its start" for name in names)}
    assert all(len(values) == 1 and values[0] > 0 for values in figures.values())

    sources = {int(row["source_id"]): int(row["loaded"]) for row in mysql.rows(NEW_SOURCES, first=first)}
    assert sorted(sources.values()) == [1, 20_000]
    assert DATABASE not in as_root("SHOW DATABASES")
    assert ACCOUNT not in as_root("SELECT user FROM mysql.user")
    assert as_root("SELECT @@log_bin").strip() == "0"
