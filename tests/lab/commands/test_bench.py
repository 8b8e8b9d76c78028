"""`make bench` on the running lab, with a small file."""

import orjson
import pytest

from millrace.settings import Lab
from tests.lab.tools import Warehouse, millrace

NEW_SOURCES = (
    "SELECT s.source_id, SUM(s.loaded) AS loaded FROM pipeline_load_source s JOIN pipeline_load l USING (load_id)"
    " WHERE l.feed = 'insurance_rate' AND l.state = 'committed' GROUP BY s.source_id HAVING MIN(s.load_id) > :first"
)

SEND_SECONDS = 1800


@pytest.mark.timeout(SEND_SECONDS + 60)
def test_send_is_measured_and_one_row_stays(lab: Lab, mysql: Warehouse) -> None:
    first = mysql.one("SELECT MAX(load_id) FROM pipeline_load")
    run = millrace("bench", "--rows", "2000", "--times", "1", "--json", "send", timeout=SEND_SECONDS)
    assert run.code == 0, run.out + run.err
    told = orjson.loads(run.out)
    assert (told["void"], told["options"]["rows"]) == ({}, 2000)
    figures = {one["figure"]: one["values"] for one in told["figures"]}
    assert set(figures) == {"from send to MySQL", "make send"}
    assert all(len(values) == 1 and values[0] > 0 for values in figures.values())

    sources = {int(row["source_id"]): int(row["loaded"]) for row in mysql.rows(NEW_SOURCES, first=first)}
    assert sorted(sources.values()) == [1, 2000]
    of = ", ".join(map(str, sources))
    assert mysql.one(f"SELECT COUNT(*) FROM v_insurance_rate WHERE source_id IN ({of})") == 1
