"""The feed of the tests' own, `parcel`: on for a run, then taken away without a trace; nobody else writes to it.

The checkout, its release and lab.yml stay as they are, so that a provisioning meanwhile has nothing to change. On the
host MILLRACE_FEEDS names its folder; on the machines its contract is laid beside those of the release.
"""

import shlex
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from instruments.tools import Warehouse, as_root, wait_until
from lab.host import remote
from lab.observe.access import kafka_account, settings
from lab.observe.ledger import feed_state
from lab.observe.warehouse import warehouse
from millrace.contract.contract import Contract, read_contract
from millrace.feed_names import VARIABLE
from millrace.kafka.accounts import Accounts
from millrace.kafka.broker import Broker
from millrace.kafka.declared_rights import of_feed
from millrace.settings import Lab, load_lab
from sql.verify import Comparison, verify

FEED = "parcel"
ROLLUP = "parcel_by_sender"
FOLDER = Path(__file__).parent / "feeds"
CONTRACT = read_contract(FOLDER / FEED / "contract.yaml")
GOOD = {
    "Year": "2014",
    "State": "AK",
    "Sender": "21989",
    "Weight": "6",
    "Posted": "3/19/2014 7:06",
    "Name": "Plain",
    "Route": "AKN001",
    "Fragile": "",
}
HEADER = ",".join(GOOD)
COLOUR = {"from": "Colour", "name": "colour", "type": "varchar(10)", "comment": "Its colour"}
"""A column that its contract may get."""
LANDING = f"/var/lib/millrace/landing/{FEED}"
WATCH = f"millrace-landing@{FEED}.path"

READERS = ("kafka", "mysql", "spark")
"""The machines on which the contract is read."""
RELEASES = "/opt/millrace/releases"
OF_FEED = (
    *("quarantine", "pipeline_source", "pipeline_replaced", "pipeline_sample", "pipeline_load", "pipeline_feed"),
    *("pipeline_contract", "pipeline_load_partition", "pipeline_jump", "pipeline_event"),
)
"""The ledger's tables with rows of a feed; those of a load's sources are found by it, so they go first."""
DEADLINE = 150


def line(**changes: str) -> str:
    """A good record's line with some fields put in as they stand, quotes included."""
    return ",".join({**GOOD, **changes}.values())


def record(name: str, number: int = 1) -> str:
    """A good record's line; the number tells it from others of the name."""
    return line(Name=name, Weight=str(number))


def write_file(folder: Path, name: str, *lines: str, header: str = HEADER) -> Path:
    """`name`.csv of those lines below the header."""
    file = folder / f"{name}.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return file


def rows(query: str) -> list[dict[str, object]]:
    """What the read-only account sees, over a connection of its own."""
    with warehouse(settings()) as connection:
        return Warehouse(connection).rows(query)


def state() -> str:
    """The feed's state in the ledger; empty where it was never opened."""
    found = rows(f"SELECT state FROM pipeline_feed WHERE feed = '{FEED}'")
    return str(found[0]["state"]) if found else ""


def is_run() -> bool:
    """Whether the application that runs now has opened the feed and not stopped it since."""
    of_it = "JOIN pipeline_app a ON a.app = 'millrace-stream' AND f.updated_at >= a.started_at"
    return bool(rows(f"SELECT f.feed FROM pipeline_feed f {of_it} WHERE f.feed = '{FEED}' AND f.state <> 'stopped'"))


def topic_ends() -> dict[int, int]:
    """The offset behind the last record of each partition of its topic."""
    broker = Broker(kafka_account("admin"))
    try:
        return broker.latest_offsets(FEED)
    finally:
        broker.close()


def committed_ends() -> dict[int, int]:
    """How far the ledger has it, per partition."""
    with warehouse(settings()) as connection:
        found = feed_state(connection, FEED)
    return found.committed if found else {}


def switch_on() -> None:
    """Tables, contract and topic, in the order that the stream needs them; returns when its query runs."""
    lay((FOLDER / FEED / "contract.yaml").read_text(encoding="utf-8"))
    broker = Broker(kafka_account("admin"))
    broker.ensure_topics([CONTRACT], {FEED: CONTRACT.topic.retention_bytes})
    broker.close()
    with closing(Accounts(kafka_account("admin"))) as accounts:
        accounts.add(of_feed(load_lab(), FEED, is_typed=True))
    remote.run("kafka", f"sudo install -d -o millrace -g millrace -m 3777 {LANDING}")
    as_root(
        "INSERT INTO millrace.pipeline_request (feed, what, state, asked_at)"
        f" VALUES ('{FEED}', 'run', 'on', CURRENT_TIMESTAMP(3))"
    )
    wait_until(lambda: state() == "running", f"{FEED} runs", DEADLINE)


def lay(contract: str) -> None:
    """Puts the contract's text beside those of the release, and has the tables follow it, as `make up` does."""
    folder = f"$(readlink -f /opt/millrace/app)/feeds/{FEED}"
    for machine in READERS:
        text = shlex.quote(contract)
        remote.run(machine, f"sudo mkdir -p {folder} && printf %s {text} | sudo tee {folder}/contract.yaml")
    remote.run("mysql", "sudo millrace-migrate")


def tables() -> list[str]:
    """Its tables, also those of rollups that a test has added."""
    of_feed = f"table_schema = 'millrace' AND table_type = 'BASE TABLE' AND table_name REGEXP '^{FEED}(_|$)'"
    return as_root(f"SELECT table_name FROM information_schema.tables WHERE {of_feed}").split()


def take_away() -> None:
    """All of it, also what is left of a run that was killed."""
    remote.run("kafka", f"sudo systemctl stop {WATCH} millrace-landing@{FEED}.service; sudo rm -rf {LANDING}")
    as_root(f"DELETE FROM millrace.pipeline_request WHERE feed = '{FEED}'")
    wait_until(lambda: not is_run(), f"{FEED} has stopped", DEADLINE)
    for machine in READERS:
        remote.run(machine, f"sudo sh -c 'rm -rf {RELEASES}/*/feeds/{FEED}'")
    own = f"IN (SELECT load_id FROM pipeline_load WHERE feed = '{FEED}')"
    gone = [f"DELETE FROM pipeline_load_source WHERE load_id {own}"]
    gone += [f"DELETE FROM {table} WHERE feed = '{FEED}'" for table in (*OF_FEED, "pipeline_notice")]
    gone += [f"DROP VIEW IF EXISTS v_{FEED}", *(f"DROP TABLE {table}" for table in tables())]
    as_root(f"USE millrace; {'; '.join(gone)}")
    forget = f"from lab.operate.sender import *; open_journal(Settings()).forget('{FEED}')"
    remote.run("kafka", f"cd / && sudo -u millrace /opt/millrace/venv/bin/python -P -c {shlex.quote(forget)}")
    broker = Broker(kafka_account("admin"))
    if FEED in broker.topics():
        broker.delete_topic(FEED)
    broker.close()
    with closing(Accounts(kafka_account("admin"))) as accounts:
        accounts.remove(of_feed(load_lab(), FEED, is_typed=True))


def differences(contract: dict[str, Any]) -> list[Comparison]:
    """What `make verify` would find wrong with the feed's tables under that contract."""
    with warehouse(settings()) as connection:
        return [each for each in verify(connection, {FEED: Contract.model_validate(contract)}) if not each.right]


@contextmanager
def on_the_lab() -> Iterator[None]:
    """The feed is on, and gone without a trace afterwards."""
    take_away()
    try:
        switch_on()
        yield
    finally:
        take_away()


@pytest.fixture(scope="session")
def own_feed() -> Iterator[None]:
    """The feed on the lab's machines for as long as the tests run."""
    with on_the_lab():
        yield


@contextmanager
def landing() -> Iterator[None]:
    """The feed is known to the commands of the host, and its landing folder watched."""
    remote.run("kafka", ["sudo", "systemctl", "start", WATCH])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(FOLDER))
        yield


@pytest.fixture(scope="module")
def parcel(lab: Lab, own_feed: None) -> Iterator[None]:
    """The feed on the lab and on the host, for the tests of a file."""
    with landing():
        yield
