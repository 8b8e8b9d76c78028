"""A feed's life on the running lab: on, off, over, looked at, replayed. `shares` is the feed: off by default."""

import re
import subprocess
from collections.abc import Iterator

import orjson
import pytest

from instruments import own_feed
from instruments.failpoints import DEADLINE, Failpoints, folder_of
from instruments.own_feed import FEED as PARCEL
from instruments.tools import Warehouse, millrace, wait_until
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import settings
from lab.observe.warehouse import warehouse
from millrace.kafka.broker import Broker
from millrace.settings import Lab
from tests.lab.pipeline.test_console import produce

FEED = "shares"
OTHER = "insurance_network"
LOCAL = CHECKOUT / "lab.local.yml"
POINTS = Failpoints("kafka", "millrace", "/run/millrace-failpoints")
REQUEST = f"SELECT state FROM pipeline_request WHERE feed = '{FEED}' AND what = 'reset'"
RESET = f"sudo runuser -u millrace -- env {POINTS.setting} /usr/local/bin/millrace reset --yes {FEED}"


@pytest.fixture(scope="module")
def shares(lab: Lab) -> Iterator[None]:
    """The feed switched on; afterwards off again, and lab.local.yml as it was."""
    if FEED in lab.feeds:
        pytest.skip(f"{FEED} is on in this lab, and stays so")
    before = LOCAL.read_bytes() if LOCAL.exists() else None
    ran = millrace("feed-on", FEED)
    assert ran.code == 0, ran.err
    yield
    assert millrace("feed-off", FEED).code == 0
    if before is None:
        LOCAL.unlink(missing_ok=True)
    else:
        LOCAL.write_bytes(before)


@pytest.fixture
def points(lab: Lab) -> Iterator[None]:
    """The folder of failpoints that RESET looks into; a test that fails in between leaves no reset half done."""
    with folder_of(POINTS):
        yield
    with warehouse(settings()) as connection:
        half_done = Warehouse(connection).rows(
            f"SELECT * FROM pipeline_request WHERE feed = '{FEED}' AND what = 'reset'"
        )
    if half_done:
        millrace("reset", "--yes", FEED, timeout=600)


def kill_reset(point: str) -> None:
    """Starts the feed over, as far as that point."""
    POINTS.arm(point)
    remote.run("kafka", f"{RESET} > /dev/null 2>&1 || true", timeout=DEADLINE)
    assert POINTS.has_struck(point)


def state(mysql: Warehouse, feed: str) -> str:
    found = mysql.rows("SELECT state FROM pipeline_feed WHERE feed = :feed", feed=feed)
    return str(found[0]["state"]) if found else "unknown"


def rows(mysql: Warehouse) -> int:
    return int(mysql.one("SELECT COUNT(*) FROM v_shares"))


def unit(name: str) -> str:
    return remote.run("kafka", f"systemctl is-active {name} || true").strip()


def epoch_and_others(mysql: Warehouse) -> tuple[int, str]:
    """Changes when the streaming application is started anew."""
    return int(mysql.one("SELECT epoch FROM pipeline_app WHERE app = 'millrace-stream'")), state(mysql, OTHER)


def test_a_feed_that_is_switched_on_runs_beside_the_others(shares: None, mysql: Warehouse) -> None:
    wait_until(lambda: state(mysql, FEED) == "running", "the query runs")
    wait_until(lambda: rows(mysql) > 0, "rows are there")
    assert state(mysql, OTHER) == "running"
    assert unit(f"millrace-landing@{FEED}.path") == "active"
    assert f"  - {FEED}\n" in LOCAL.read_text()
    status = orjson.loads(millrace("status", "--json").out)
    assert FEED in {feed["feed"] for feed in status["feeds"]}


def test_its_newest_records_are_seen_beside_their_rows(shares: None, mysql: Warehouse) -> None:
    wait_until(lambda: rows(mysql) > 0, "rows are there")

    def one_is_a_row() -> bool:
        """New records come all the time, so the newest of all are still on their way."""
        found = orjson.loads(millrace("peek", FEED, "--count", "100", "--json").out)
        states = [each["became"]["state"] for each in found]
        rows = [each for each in found if each["became"]["state"] == "row"]
        assert set(states) <= {"row", "waits"}
        assert all(each["record"]["data"]["symbol"] == each["became"]["columns"]["symbol"] for each in rows)
        return bool(rows)

    wait_until(one_is_a_row, "one of the newest records is a row")
    shown = millrace("peek", FEED, "--count", "2")
    assert shown.code == 0
    assert shown.out.startswith("shares, the newest 2")
    assert "→ row" in shown.out or "→ waits" in shown.out


def test_starting_over_empties_this_feed_alone(shares: None, mysql: Warehouse) -> None:
    wait_until(lambda: rows(mysql) > 0, "rows are there")
    last_load = mysql.one("SELECT MAX(load_id) FROM pipeline_load")
    uuid = Broker(settings().kafka_account).topic_uuid(FEED)
    others = mysql.fingerprint(OTHER), epoch_and_others(mysql)
    ran = millrace("reset", "--yes", FEED, timeout=600)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, f"{FEED} has started over: see `make status`."), ran.err
    wait_until(lambda: rows(mysql) > 0, "the first data are there again")
    assert mysql.one("SELECT MIN(load_id) FROM shares") > last_load
    assert mysql.one("SELECT MIN(load_id) FROM pipeline_load WHERE feed = 'shares'") > last_load
    assert Broker(settings().kafka_account).topic_uuid(FEED) != uuid
    assert (mysql.fingerprint(OTHER), epoch_and_others(mysql)) == others
    assert mysql.one("SELECT COUNT(*) FROM pipeline_request WHERE what = 'reset'") == 0


def test_a_reset_that_is_killed_goes_on_when_typed_again(shares: None, points: None, mysql: Warehouse) -> None:
    """Killed behind one step after the other; each time the next goes on from there, and nobody loads meanwhile."""
    broker = Broker(settings().kafka_account)
    topic, had = broker.topic_uuid(FEED), rows(mysql)

    def asked() -> str:
        return "".join(row["state"] for row in mysql.rows(REQUEST))

    assert (asked(), had > 0) == ("", True)
    kill_reset("reset_hold")
    assert (asked(), broker.topic_uuid(FEED)) == ("", topic)
    assert unit(f"millrace-simulate@{FEED}.service") == "inactive", "its producers rest"
    kill_reset("reset_ask")
    wait_until(lambda: asked() == "emptied", "the stream empties the feed, whoever asked for it")
    kill_reset("reset_wait_until_empty")
    assert (asked(), broker.topic_uuid(FEED), rows(mysql)) == ("emptied", topic, 0)
    kill_reset("reset_topic_deleted")
    assert (asked(), broker.topic_uuid(FEED)) == ("emptied", None)
    kill_reset("reset_renew_topic")
    renewed = broker.topic_uuid(FEED)
    assert renewed not in {None, topic}
    assert (asked(), state(mysql, FEED)) == ("emptied", "unknown"), "closed until the journal is empty too"
    kill_reset("reset_open_again")
    assert (asked(), rows(mysql)) == ("", 0), "open, and its first data not sent"
    assert millrace("reset", "--yes", FEED, timeout=600).code == 0
    wait_until(lambda: state(mysql, FEED) == "running" and rows(mysql) > 0, "the feed runs again")
    first = mysql.one("SELECT COUNT(*) FROM shares GROUP BY source_id, row_no ORDER BY 1 DESC LIMIT 1")
    assert first == 1


def test_a_second_reset_is_refused_while_the_first_is_under_way(shares: None, points: None, mysql: Warehouse) -> None:
    POINTS.arm("reset_hold", "hold")
    with subprocess.Popen(remote.command("kafka", RESET), stdout=subprocess.PIPE, text=True) as first:
        POINTS.wait_until_struck("reset_hold")
        ran = millrace("reset", "--yes", FEED, timeout=600)
        POINTS.release("reset_hold")
        said, _ = first.communicate(timeout=600)
    assert (ran.code, ran.said) == (
        1,
        f"✗ {FEED} is being switched or started over already; wait until that is done, then try again.",
    )
    assert (first.returncode, said.splitlines()[-1]) == (0, f"{FEED} has started over: see `make status`.")
    wait_until(lambda: rows(mysql) > 0, "its first data are there again")


def test_starting_over_is_never_taken_for_granted(lab: Lab) -> None:
    ran = millrace("reset", OTHER)
    assert (ran.code, ran.said) == (
        1,
        f"✗ Starting {OTHER} over deletes all it has brought: say so with YES=1.",
    )


def test_a_feed_that_is_switched_off_stops_and_keeps_what_it_has(shares: None, mysql: Warehouse) -> None:
    before = epoch_and_others(mysql)
    assert millrace("feed-off", FEED).code == 0
    wait_until(lambda: state(mysql, FEED) == "stopped", "the query stops")
    landing, simulator = f"millrace-landing@{FEED}.path", f"millrace-simulate@{FEED}.service"
    wait_until(lambda: unit(landing) == unit(simulator) == "inactive", "folder and simulator rest")
    kept = rows(mysql)
    assert kept > 0
    assert epoch_and_others(mysql) == before
    assert f"- {FEED}\n" not in LOCAL.read_text()
    assert millrace("feed-on", FEED).code == 0
    wait_until(lambda: state(mysql, FEED) == "running", "the query runs again")
    assert rows(mysql) >= kept
    assert epoch_and_others(mysql) == before


@pytest.mark.usefixtures("parcel")
def test_a_refused_record_is_replayed_under_its_own_identity(lab: Lab, mysql: Warehouse, nonce: str) -> None:
    produce(lab, own_feed.line(Year="not a year", Name=nonce))
    mine = f"SELECT * FROM v_quarantine WHERE CONVERT(raw USING utf8mb4) LIKE '%{nonce}%'"
    wait_until(lambda: len(mysql.rows(mine)) == 1, "it is refused")
    open_before = mysql.one("SELECT COUNT(*) FROM v_quarantine WHERE feed = :f AND resolved_at IS NULL", f=PARCEL)
    ran = millrace("replay", PARCEL)
    assert ran.code == 0, ran.err
    found = re.search(r"^(\S+): ([\d,]+) sent again = ([\d,]+) taken in \+ ([\d,]+) refused as before$", ran.out, re.M)
    assert found, ran.out
    sent, taken, left = (int(number.replace(",", "")) for number in found.groups()[1:])
    assert (found[1], sent, taken + left) == (PARCEL, open_before, open_before)
    (record,) = mysql.rows(mine)
    assert record["resolved_at"] is None


@pytest.mark.usefixtures("parcel")
def test_a_split_file_lands_part_by_part(mysql: Warehouse, nonce: str) -> None:
    text = "\n".join([own_feed.HEADER, *(own_feed.record(nonce, n) for n in range(1, 8))]) + "\n"
    file = f"/var/tmp/{nonce}.csv"  # noqa: S108 - on the machine, where nobody else is
    remote.run("kafka", f"printf %s '{text}' > {file} && chmod a+r {file}")
    done = remote.run("kafka", f"millrace split {file} --lines 3 --feed {PARCEL} --every 1; rm {file}")
    assert done == f"{nonce}.csv: 3 parts in {own_feed.LANDING}.\n"
    wait_until(lambda: mysql.one(f"SELECT COUNT(*) FROM v_{PARCEL} WHERE name = '{nonce}'") == 7, "all are rows")
    assert mysql.one(f"SELECT COUNT(DISTINCT source_id) FROM v_{PARCEL} WHERE name = '{nonce}'") == 3
