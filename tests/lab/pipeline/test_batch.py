"""The batch jobs on the running lab: the lake holds what MySQL holds, killed or run twice; docs/lake.md runs."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from instruments.failpoints import heeded
from instruments.stream import POINTS
from instruments.tools import Warehouse, send, with_extra_column
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import settings
from lab.observe.warehouse import warehouse
from millrace.contract.contract import load_contract
from millrace.settings import Lab
from tests.lab.batch_jobs import jobs_at_rest
from tests.lab.commands.test_readme import shell

FEED = "insurance_network"
"""The tests' own feed is not in lab.yml, and so not in the lake."""
SAMPLE = CHECKOUT / "feeds" / FEED / "sample.csv"
LAKE = "/var/lib/spark/lake"
EXPORT = "millrace-batch-lake.service"
RUN_SECONDS = 240
NO_LIMIT = 2**62
OTHER_CITY = "Ys"
"""In no atlas, and so not among the simulator's cities, which get new rows all the time."""
WEATHER_SAMPLE = CHECKOUT / "feeds" / "weather" / "sample.csv"
WEATHER = "systemctl start millrace-batch-weather"
PAGE = (CHECKOUT / "docs" / "lake.md").read_text(encoding="utf-8")
COMMANDS = [block.strip() for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)]
# Rows per (source, row) and load, of loads up to a number: the lake's account, as JSON.
IN_LAKE = (
    """
import duckdb, json, sys
feed, through = sys.argv[1], int(sys.argv[2])
rows = duckdb.sql(f'''
    SELECT count(*), count(DISTINCT (source_id, row_no)), coalesce(max(load_id), 0)
    FROM '{lake}/{{feed}}/*/*.parquet' WHERE load_id <= {{through}}
''').fetchall()[0]
print(json.dumps(rows))
""".replace("{lake}", LAKE)
    .replace("{{", "{")
    .replace("}}", "}")
)


def lake_account(feed: str, through: int) -> tuple[int, int, int]:
    """Rows, identities and newest load that the lake has of a feed's loads up to a number."""
    script = f"/opt/millrace/venv/bin/python -P - {feed} {through} <<'END'\n{IN_LAKE}\nEND"
    rows, identities, newest = json.loads(remote.run("spark", script, timeout=120))
    return rows, identities, newest


def committed(mysql: Warehouse, feed: str) -> int:
    return int(mysql.one("SELECT committed_load_id FROM pipeline_feed WHERE feed = :feed", feed=feed))


@dataclass(frozen=True)
class Killed:
    """An export that was killed in its midst: the lake before and after, and what was committed then.

    `shown`: the newest load that readers find; `made`: every file that is there for them or not yet.
    """

    shown: tuple[int, int]
    made: tuple[set[str], set[str]]
    committed: dict[str, int]


@pytest.fixture(scope="module")
def quiet(lab: Lab) -> Iterator[Lab]:
    """Nobody starts a job beside ours, and none runs any more."""
    with jobs_at_rest():
        yield lab


@pytest.fixture(scope="module")
def killed(quiet: Lab, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """New rows came, and their export was killed when their files were there and readers had not seen them.

    Among what came is a record of a city that nobody else sends, always the same.
    """
    folder = tmp_path_factory.mktemp("new")
    send(FEED, with_extra_column(SAMPLE, folder, uuid4().hex[:12]))
    send("weather", of_another_city(folder))
    shown, made = newest_shown(), files(f".days/{FEED}")
    point = f"before_publish_{FEED}"
    with heeded(POINTS, EXPORT):
        POINTS.arm(point)
        remote.run("spark", f"sudo systemctl start {EXPORT} 2>&1 || true", timeout=RUN_SECONDS)
        assert POINTS.has_struck(point)
    with warehouse(settings()) as connection:
        mysql = Warehouse(connection)
        appending = [feed for feed in quiet.feeds if load_contract(feed).mode == "append"]
        ends = {feed: committed(mysql, feed) for feed in appending}
    return Killed((shown, newest_shown()), (set(made.split()), set(files(f".days/{FEED}").split())), ends)


@pytest.fixture(scope="module")
def jobs_ran(killed: Killed) -> str:
    """Lake and, behind it, weather have run once, by the page's own command; what that printed."""
    (command,) = (one for one in COMMANDS if WEATHER in one)
    return printed(command)


def of_another_city(folder: Path) -> Path:
    """A file of one record, whose city is OTHER_CITY."""
    head, first = WEATHER_SAMPLE.read_text(encoding="utf-8").splitlines()[:2]
    file = folder / "another-city.csv"
    file.write_text(f"{head}\n{OTHER_CITY},{first.partition(',')[2]}\n", encoding="utf-8")
    return file


def newest_shown() -> int:
    """The newest load that readers of the lake find. Files may change: the rows of a replaced source leave them."""
    return lake_account(FEED, NO_LIMIT)[2] if files(FEED) else 0


def files(folder: str) -> str:
    """Every Parquet file that is found in a folder of the lake."""
    return remote.run("spark", f"sudo find -L {LAKE}/{folder} -name '*.parquet' 2> /dev/null | sort")


def printed(command: str) -> str:
    """What a command of the page prints; it must succeed."""
    done = shell(command, timeout=RUN_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_both_jobs_ended_well(mysql: Warehouse, jobs_ran: str) -> None:
    assert re.search(r"^INFO weather: computed from [\d,]+ observations$", jobs_ran, re.M)
    states = {row["job"]: row["state"] for row in mysql.rows("SELECT job, state FROM batch_job")}
    assert states == {"lake": "done", "weather": "done"}


def test_a_killed_export_shows_nothing(killed: Killed) -> None:
    """Its files are there, and no reader finds one of them."""
    before, after = killed.made
    assert after - before
    assert killed.shown[0] == killed.shown[1]


@pytest.mark.usefixtures("jobs_ran")
def test_the_lake_holds_every_committed_row_once(mysql: Warehouse, killed: Killed) -> None:
    """Those of the killed export included: the next made it good."""
    for feed, through in killed.committed.items():
        rows = mysql.one(f"SELECT COUNT(*) FROM {feed} WHERE load_id <= :through", through=through)
        if rows:
            assert lake_account(feed, through)[:2] == (rows, rows), (feed, through)


@pytest.mark.usefixtures("jobs_ran")
def test_results_agree_with_mysql(mysql: Warehouse) -> None:
    """Of a city that gets no new rows, the batch results are those of a query."""
    results = "SELECT observations, mean_humidity FROM weather_humidity_by_city WHERE city = :city"
    expected = mysql.rows(
        "SELECT COUNT(humidity) AS observations, ROUND(AVG(humidity), 2) AS mean_humidity"
        " FROM v_weather WHERE city = :city",
        city=OTHER_CITY,
    )
    assert expected[0]["observations"] == 1
    assert mysql.rows(results, city=OTHER_CITY) == expected


@pytest.mark.usefixtures("jobs_ran")
def test_the_correlations_are_a_matrix(mysql: Warehouse) -> None:
    rows = mysql.rows("SELECT variable_x AS x, variable_y AS y, correlation AS r FROM weather_correlation")
    found = {(row["x"], row["y"]): row["r"] for row in rows}
    names = {x for x, _ in found}
    assert len(names) == 9 and len(found) == 81
    assert all(found[x, x] == 1 for x in names)
    assert all(found[x, y] == found[y, x] for x, y in found)
    assert found["temperature, °C", "dew point, °C"] > 0.5


@pytest.mark.usefixtures("jobs_ran")
@pytest.mark.parametrize("command", [one for one in COMMANDS if "make notebook" not in one and WEATHER not in one])
def test_a_command_of_the_lakes_page_succeeds(command: str) -> None:
    assert printed(command)
