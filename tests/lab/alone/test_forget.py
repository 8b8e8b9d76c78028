"""Of two feeds that a person proposed one is edited, and `make up` carries it out; the other is not wanted, and
`make forget` takes it away."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from instruments.own_feed import COLOUR
from instruments.tools import Warehouse, millrace, wait_until
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import kafka_account, settings
from millrace.kafka.accounts import Accounts
from millrace.kafka.broker import Broker
from millrace.settings import Lab

THROWN, KEPT = "trial_thrown", "trial_kept"
LOCAL = CHECKOUT / "lab.local.yml"
UP_SECONDS = 1800
pytestmark = [pytest.mark.full, pytest.mark.timeout(4 * UP_SECONDS)]
RECORDS = "Sold at,Article,Pieces,Price\n" + "".join(
    f"2026-11-{day:02d} 09:14,Tea {day % 3},{day},4.50\n" for day in range(1, 29)
)


@pytest.fixture(scope="module")
def two(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Both proposed, brought up and sent to; afterwards neither is there, and lab.local.yml is as it was."""
    file = tmp_path_factory.mktemp("own") / "my.csv"
    file.write_text(RECORDS)
    before = LOCAL.read_bytes() if LOCAL.exists() else None
    try:
        for feed in (THROWN, KEPT):
            ran = millrace("new-feed", "--name", feed, "--", str(file))
            assert ran.code == 0, ran.err
        assert millrace("up", timeout=UP_SECONDS).code == 0
        for feed in (THROWN, KEPT):
            assert millrace("send", "--", feed, str(file)).code == 0
        yield file
    finally:
        for feed in (THROWN, KEPT):
            millrace("forget", "--yes", "--", feed, timeout=UP_SECONDS)
        if before is None:
            LOCAL.unlink(missing_ok=True)
        else:
            LOCAL.write_bytes(before)


def dashboards() -> str:
    return remote.run("mysql", "sudo mysql --batch --skip-column-names -e 'SELECT slug FROM superset.dashboards'")


def test_what_is_edited_in_a_contract_make_up_carries_out(two: Path, mysql: Warehouse, tmp_path: Path) -> None:
    """A column more, while the application and with it all other feeds go on."""
    epoch = "SELECT MAX(epoch) FROM pipeline_app"
    before, contract = mysql.one(epoch), CHECKOUT / "feeds" / KEPT / "contract.yaml"
    edited = yaml.safe_load(contract.read_text(encoding="utf-8"))
    edited["columns"].append(COLOUR)
    contract.write_text(yaml.safe_dump(edited, sort_keys=False, allow_unicode=True), encoding="utf-8")
    ran = millrace("up", timeout=UP_SECONDS)
    assert ran.code == 0, ran.err
    more = tmp_path / "more.csv"
    more.write_text("Sold at,Article,Pieces,Price,Colour\n2026-11-30 09:14,Tea 4,1,4.50,green\n")
    ran = millrace("send", "--", KEPT, str(more))
    assert ran.code == 0, ran.err
    coloured = f"SELECT COUNT(*), COUNT(colour) FROM v_{KEPT}"
    assert tuple(mysql.rows(coloured)[0].values()) == (29, 1)
    assert mysql.one(epoch) == before


def test_one_is_forgotten_and_the_other_goes_on(two: Path, mysql: Warehouse) -> None:
    assert THROWN.replace("_", "-") in dashboards()
    ran = millrace("forget", "--yes", "--", THROWN, timeout=UP_SECONDS)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, f"{THROWN} is forgotten."), ran.err
    named = "SELECT COUNT(*) FROM information_schema.tables WHERE table_name REGEXP :name"
    assert mysql.one(named, name=f"^(v_)?{THROWN}") == 0
    for table in ("pipeline_feed", "pipeline_contract", "pipeline_load", "pipeline_source", "quarantine"):
        assert mysql.one(f"SELECT COUNT(*) FROM {table} WHERE feed = :feed", feed=THROWN) == 0
    broker = Broker(settings().kafka_account)
    assert THROWN not in broker.topics()
    broker.close()
    with closing(Accounts(kafka_account("admin"))) as accounts:
        assert [rule for rule in accounts.rights("producer") if rule.resource_pattern.resource_name == THROWN] == []
    assert THROWN.replace("_", "-") not in dashboards()
    assert KEPT.replace("_", "-") in dashboards()
    assert not (CHECKOUT / "feeds" / THROWN).exists()
    folders = f"ls -d /var/lib/millrace/landing/{THROWN} /var/lib/spark/lake/{THROWN} 2> /dev/null || true"
    assert remote.run("kafka", folders) == remote.run("spark", folders) == ""
    assert mysql.one(f"SELECT COUNT(*) FROM v_{KEPT}") == 29
    state = "SELECT state FROM pipeline_feed WHERE feed = :feed"
    wait_until(lambda: mysql.one(state, feed=KEPT) == "running", "the other runs")


def test_its_name_is_free_again(two: Path, mysql: Warehouse) -> None:
    assert millrace("new-feed", "--name", THROWN, "--", str(two)).code == 0
    assert millrace("up", timeout=UP_SECONDS).code == 0
    ran = millrace("send", "--", THROWN, str(two))
    assert (ran.code, ran.out.splitlines()[-1]) == (
        0,
        f"{THROWN}: 28 sent = 28 loaded + 0 updated + 0 duplicates + 0 quarantined",
    )
    assert mysql.one(f"SELECT COUNT(*) FROM v_{THROWN}") == 28
