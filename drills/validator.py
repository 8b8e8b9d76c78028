"""What every drill ends with: each acknowledged record is where it belongs, once, and all that counts them agrees."""

import json
from collections.abc import Callable, Iterator

import httpx

from drills.dashboards import empty_datasets
from drills.records import each_appended_record, each_updated_record, only_the_newest_replacement, refusals
from drills.replacements import FEED as REPLACED
from drills.replacements import RECORDS
from drills.scene import COUNTS, Scene
from drills.waiting import Failed, until
from instruments.stream import check_chain
from lab.host import remote
from lab.host.readiness import missing_dashboard
from lab.observe.access import settings
from lab.observe.warehouse import warehouse
from millrace.errors import Refused
from sql import contracts_in_use
from sql.verify import verify

VERIFY_SECONDS = 900
LAKE_SECONDS = 600
IN_LAKE = (
    "import json, sys, pyarrow as pa, pyarrow.dataset as ds, pyarrow.compute as pc;"
    " feed, *sources = sys.argv[1:]; sources = [int(source) for source in sources];"
    " t = ds.dataset(f'/var/lib/spark/lake/{feed}', format='parquet', partitioning='hive', exclude_invalid_files=False)"
    ".to_table(columns=['source_id', 'row_no'], filter=pc.field('source_id').isin(sources));"
    " of = {source: t.filter(pc.equal(t['source_id'], source))['row_no'] for source in sources};"
    " print(json.dumps([[len(r), pc.count_distinct(r).as_py(), pc.sum(r).as_py() or 0] for r in of.values()]))"
)

Check = Callable[[Scene, dict[str, int]], Iterator[str]]
"""Given what was acknowledged, by feed; a sentence for each thing that is wrong."""


def the_ledger_ends_where_kafka_does(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    """Of every feed that is on, neither before nor behind."""
    apart: list[str] = []

    def ends_meet() -> bool:
        apart[:] = scene.apart()
        return not apart

    try:
        until(ends_meet, "the ledger ends where Kafka does")
    except Failed as never:
        yield from apart or [str(never)]


def nothing_is_pending(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    until(lambda: scene.one("SELECT COUNT(*) FROM pipeline_load WHERE state = 'pending'") == 0, "no load is under way")
    yield from ()


def sums_that_add_up(scene: Scene, acknowledged: dict[str, int]) -> Iterator[str]:
    """read = loaded + updated + duplicates + quarantined, source by source, and no less than was acknowledged."""
    missing = {feed: -scene.lost.get(feed, 0) for feed in acknowledged}
    for (feed, source), counts in scene.counts().items():
        read, *rest = (counts[name] for name in COUNTS)
        if read != sum(rest):
            yield f"{feed}: of the source {source} {read:,} records were read, {sum(rest):,} are accounted for"
        missing[feed] += max(0, (RECORDS if feed == REPLACED else acknowledged[feed]) - read)
    for feed, count in missing.items():
        if count > 0:
            yield f"{feed}: {count:,} of {acknowledged[feed]:,} acknowledged records were never read"


def refusals_that_were_counted(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    """Of the simulators: as many records are in quarantine as the ledger has counted."""
    counts = scene.counts()
    for feed, source in scene.traffic.sources.items():
        there, counted = len(refusals(scene, feed, [source])), counts[feed, source]["quarantined"]
        if there != counted:
            yield f"{feed}: {there:,} records are in quarantine, the ledger has counted {counted:,}"


def facts_rollups_and_ledger(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    """`make verify` of the feeds that the drill sends to; the others rest."""
    with warehouse(settings(), read_seconds=VERIFY_SECONDS) as connection:
        contracts = contracts_in_use.read_contracts(connection)
        connection.rollback()
        feeds = (*scene.traffic.sources, REPLACED)
        if unknown := [feed for feed in feeds if feed not in contracts]:
            yield f"{', '.join(unknown)}: this release cannot read the contract that the tables were made from"
        for check in verify(connection, {feed: contracts[feed] for feed in feeds if feed in contracts}):
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
    """It holds the rows that the tables hold, once each, and of replaced files none, once its job has run."""
    remote.run("spark", ["sudo", "systemctl", "start", "millrace-batch-lake"], timeout=LAKE_SECONDS)
    sent = {feed: [source] for feed, source in scene.traffic.sources.items()} | {REPLACED: scene.replacements.sent}
    for feed, sources in sent.items():
        asked = ["sudo", "-u", "spark", "/opt/millrace/venv/bin/python", "-P", "-c", IN_LAKE, feed, *map(str, sources)]
        there = json.loads(remote.run("spark", asked, timeout=LAKE_SECONDS))
        query = f"SELECT COUNT(*) AS n, COALESCE(SUM(row_no), 0) AS s FROM v_{feed} WHERE source_id = :source"
        for source, in_lake in zip(sources, there, strict=True):
            (row,) = scene.rows(query, source=source)
            if in_lake != [row["n"], row["n"], int(row["s"])]:
                rows, different, _ = in_lake
                yield f"{feed}: the lake has {rows:,} rows, {different:,} of them different, the table {row['n']:,}"


def dashboards_that_answer(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    """Their datasets give rows to a viewer, past the cache."""
    until(lambda: missing_dashboard() is None, "a viewer can open a dashboard")
    yield from empty_datasets(scene.lab)


def a_green_status(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    try:
        until(lambda: not scene.problems(), "`make status` finds nothing wrong", 120)
    except Failed:
        yield from (f"make status: {problem}" for problem in scene.problems())


CHECKS: tuple[Check, ...] = (
    the_ledger_ends_where_kafka_does,
    nothing_is_pending,
    each_appended_record,
    each_updated_record,
    only_the_newest_replacement,
    sums_that_add_up,
    refusals_that_were_counted,
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
