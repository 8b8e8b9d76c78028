"""One run of a benchmark that sends rates: its figures, and what it has sent."""

from collections.abc import Collection

import orjson

from instruments.tools import Warehouse, millrace

NEW_SOURCES = (
    "SELECT s.source_id, SUM(s.loaded) AS loaded FROM pipeline_load_source s JOIN pipeline_load l USING (load_id)"
    " WHERE l.feed = 'insurance_rate' AND l.state = 'committed' GROUP BY s.source_id HAVING MIN(s.load_id) > :first"
)


def measured(
    mysql: Warehouse, benchmark: str, rows: int, timeout: float, units: Collection[str]
) -> tuple[set[str], list[int]]:
    """The names of its figures in those units, each of one run; the sources it sent: of so many rows, and of one."""
    first = mysql.one("SELECT MAX(load_id) FROM pipeline_load")
    run = millrace("bench", "--rows", str(rows), "--times", "1", "--json", benchmark, timeout=timeout)
    assert run.code == 0, run.out + run.err
    document = orjson.loads(run.out)
    assert (document["void"], document["options"]["rows"]) == ({}, rows)
    figures = {one["figure"]: one["values"] for one in document["figures"] if one["unit"] in units}
    assert all(len(values) == 1 and values[0] > 0 for values in figures.values())
    sources = {int(row["source_id"]): int(row["loaded"]) for row in mysql.rows(NEW_SOURCES, first=first)}
    assert sorted(sources.values()) == [1, rows]
    return set(figures), list(sources)
