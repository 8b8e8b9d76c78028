"""What every drill ends with: each acknowledged record is where it belongs, once, and all that counts them agrees.

The simulators are the oracle: record number n is made up anew here, and looked for in the tables.
"""

import json
from collections.abc import Callable, Iterator
from itertools import islice

import httpx
import orjson

from drills.replacements import FEED as REPLACED
from drills.scene import COUNTS, Scene
from drills.traffic import simulator
from drills.waiting import Failed, until
from lab.host import remote
from lab.host.readiness import missing_dashboard
from lab.observe.access import settings
from lab.observe.superset import as_viewer
from lab.observe.warehouse import warehouse
from millrace.errors import Refused
from millrace.settings import Lab
from sql import contracts_in_use
from sql.verify import verify
from tests.faults.drill import check_chain

APPENDED, UPSERTED = ("sales", "weather"), "hospital"
VERIFY_SECONDS = 900
LAKE_SECONDS = 600
DASHBOARDS = ("pipeline-health", "sales", "hospital", "weather")
EMPTY, MAY_BE_EMPTY = "it is empty", "v_quarantine_reason"
"""A lab that has refused nothing yet is well, and has no reasons to show."""
IN_LAKE = (
    "import json, sys, pyarrow.dataset as ds, pyarrow.compute as pc;"
    " feed, source = sys.argv[1], int(sys.argv[2]);"
    " t = ds.dataset(f'/var/lib/spark/lake/{feed}', format='parquet', partitioning='hive', exclude_invalid_files=False)"
    ".to_table(columns=['row_no'], filter=pc.field('source_id') == source);"
    " print(json.dumps([len(t), pc.count_distinct(t['row_no']).as_py(), pc.sum(t['row_no']).as_py() or 0]))"
)

Check = Callable[[Scene, dict[str, int]], Iterator[str]]
"""Given what was acknowledged, by feed; a sentence for each thing that is wrong."""


def nothing_waits(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    until(lambda: not scene.waiting(), "the ledger ends where Kafka does")
    until(lambda: scene.one("SELECT COUNT(*) FROM pipeline_load WHERE state = 'pending'") == 0, "no load is under way")
    yield from ()


def every_acknowledged_record_once(scene: Scene, acknowledged: dict[str, int]) -> Iterator[str]:
    """Of append feeds: the table and the quarantine hold the numbers 1 to n, none in both, but for what was lost."""
    for feed in APPENDED:
        source, last = scene.traffic.sources[feed], acknowledged[feed]
        of = "WHERE source_id = :source AND row_no BETWEEN 1 AND :last"
        loaded = scene.one(f"SELECT COUNT(*) FROM v_{feed} {of}", source=source, last=last)
        refused = scene.one(
            f"SELECT COUNT(DISTINCT row_no) FROM quarantine {of} AND feed = :feed", source=source, last=last, feed=feed
        )
        if loaded + refused != last - scene.lost.get(feed, 0):
            yield f"{feed}: of {last:,} acknowledged records {loaded:,} are in the table and {refused:,} in quarantine"


def every_key_in_its_newest_version(scene: Scene, acknowledged: dict[str, int]) -> Iterator[str]:
    """Of the upsert feed: each acknowledged record's key is there, as that record or as one that is no older."""
    source, last = scene.traffic.sources[UPSERTED], acknowledged[UPSERTED]
    columns = "department, sex, day, source_id, row_no, version_on, hospitalised, deaths"
    found = scene.rows(f"SELECT {columns} FROM v_{UPSERTED}")
    table = {(row["department"], str(row["sex"]), row["day"].isoformat()): row for row in found}
    wrong = 0
    for number, record in enumerate(islice(simulator(UPSERTED).records(scene.traffic.seed), last), start=1):
        row = table.get((record["dep"], record["sexe"], record["jour"]))
        if row is None or row["version_on"].isoformat() < record["@published"]:
            wrong += 1
        elif row["source_id"] == source:
            values = [str(row[name]) for name in ("row_no", "hospitalised", "deaths")]
            wrong += values != [str(number), record["hosp"], record["dc"]]
    if wrong:
        yield f"{UPSERTED}: {wrong:,} of {last:,} acknowledged records are not there, in their version or a newer one"


def only_the_newest_replacement(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    """Of the file that was sent in versions: the last one's records, loaded or refused, and none of an older one."""
    sent = scene.replacements.sent
    if not sent:
        yield f"{REPLACED}: no version of the file has landed ({scene.replacements.said})"
        return
    counts = [scene.one(f"SELECT COUNT(*) FROM v_{REPLACED} WHERE source_id = :source", source=one) for one in sent]
    expected = [0] * (len(sent) - 1) + [scene.replacements.good]
    if counts != expected:
        yield f"{REPLACED}: the versions of the file have {counts} rows, not {expected}"
    refused = "SELECT COUNT(DISTINCT row_no) FROM quarantine WHERE feed = :feed AND source_id = :source"
    if (bad := scene.one(refused, feed=REPLACED, source=sent[-1])) != scene.replacements.bad:
        yield f"{REPLACED}: {bad} records of the newest version are in quarantine, not {scene.replacements.bad}"


def sums_that_add_up(scene: Scene, acknowledged: dict[str, int]) -> Iterator[str]:
    """read = loaded + updated + duplicates + quarantined, and no less than was acknowledged."""
    for feed, counts in scene.counts().items():
        read, *rest = (counts[name] for name in COUNTS)
        if read != sum(rest) or read < acknowledged[feed] - scene.lost.get(feed, 0):
            yield f"{feed}: {acknowledged[feed]:,} acknowledged, {read:,} read, {sum(rest):,} accounted for"


def facts_rollups_and_ledger(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    """`make verify` of the feeds that the drill sends to; the others rest."""
    with warehouse(settings(), read_seconds=VERIFY_SECONDS) as connection:
        contracts = contracts_in_use.read_contracts(connection)
        connection.rollback()
        for check in verify(connection, {feed: contracts[feed] for feed in (*scene.traffic.sources, REPLACED)}):
            if not check.right:
                yield f"{check.feed}: {check.differing:,} differences in {check.what}"


def a_contiguous_ledger(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    """Each load begins where the one before ended."""
    for feed in (*scene.traffic.sources, REPLACED):
        loads = scene.rows(
            "SELECT load_id, start_offsets, end_offsets FROM pipeline_load WHERE feed = :feed AND state = 'committed'"
            " ORDER BY load_id",
            feed=feed,
        )
        jumps = scene.rows("SELECT * FROM pipeline_jump WHERE feed = :feed ORDER BY jump_id", feed=feed)
        try:
            check_chain(loads, jumps)
        except AssertionError as broken:
            yield f"{feed}: the loads do not follow each other at {broken}"


def the_lake(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    """It holds the appended rows that the tables hold, once its job has run."""
    remote.run("spark", ["sudo", "systemctl", "start", "millrace-batch-lake"], timeout=LAKE_SECONDS)
    for feed in APPENDED:
        source = scene.traffic.sources[feed]
        asked = ["sudo", "-u", "spark", "/opt/millrace/venv/bin/python", "-c", IN_LAKE, feed, str(source)]
        there = json.loads(remote.run("spark", asked, timeout=LAKE_SECONDS))
        query = f"SELECT COUNT(*) AS n, COALESCE(SUM(row_no), 0) AS s FROM v_{feed} WHERE source_id = :source"
        (row,) = scene.rows(query, source=source)
        if there != [row["n"], row["n"], int(row["s"])]:
            yield f"{feed}: the lake has {there[0]:,} rows, {there[1]:,} of them different, the table {row['n']:,}"


def dashboards_that_answer(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    """Their datasets give rows to a viewer, past the cache."""
    until(lambda: missing_dashboard() is None, "a viewer can open a dashboard")
    yield from empty_datasets(scene.lab)


def has_figures(lab: Lab) -> bool:
    """Whether the dashboards show something already: batch jobs run some minutes after the lab has come up."""
    return missing_dashboard() is None and not any(empty_datasets(lab))


def empty_datasets(lab: Lab) -> Iterator[str]:
    """A sentence for each dataset of the dashboards that gives a viewer no rows."""
    with as_viewer(lab, seconds=60) as client:
        for slug in DASHBOARDS:
            for dataset in client.get(f"/api/v1/dashboard/{slug}/datasets").raise_for_status().json()["result"]:
                name, why = dataset["table_name"], _no_rows(client, dataset["id"])
                if why and (name, why) != (MAY_BE_EMPTY, EMPTY):
                    yield f"dashboard {slug}: the dataset {name} gives no rows ({why})"


def a_green_status(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    try:
        until(lambda: not scene.problems(), "`make status` finds nothing wrong", 120)
    except Failed:
        yield from (f"make status: {problem}" for problem in scene.problems())


CHECKS: tuple[Check, ...] = (
    nothing_waits,
    every_acknowledged_record_once,
    every_key_in_its_newest_version,
    only_the_newest_replacement,
    sums_that_add_up,
    a_contiguous_ledger,
    facts_rollups_and_ledger,
    the_lake,
    dashboards_that_answer,
    a_green_status,
)


def validate(scene: Scene, acknowledged: dict[str, int]) -> list[str]:
    """Every sentence of every check."""
    found = []
    for check in CHECKS:
        try:
            found += list(check(scene, acknowledged))
        except (Refused, httpx.HTTPError) as failed:
            found.append(f"{check.__name__}: {failed}")
    return found


def _no_rows(client: httpx.Client, dataset: int) -> str:
    count = {"expressionType": "SQL", "sqlExpression": "COUNT(*)", "label": "rows"}
    query = {"metrics": [count], "columns": [], "row_limit": 1}
    asked = {"datasource": {"id": dataset, "type": "table"}, "queries": [query], "force": True}
    answer = client.post("/api/v1/chart/data", json=asked)
    if answer.is_error:
        return f"{answer.status_code}: {answer.text[:200]}"
    rows = orjson.loads(answer.content)["result"][0]["data"]
    return "" if rows and rows[0]["rows"] else EMPTY
