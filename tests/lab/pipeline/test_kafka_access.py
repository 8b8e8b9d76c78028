"""The table of docs/security.md on Kafka: each account, from where it is used, does what it says and nothing else."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial

import pytest
from kafka.admin import ACLOperation
from kafka.errors import TopicAuthorizationFailedError

from instruments.own_feed import FEED, record
from instruments.tools import wait_until
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import kafka_account
from millrace.kafka.accounts import Accounts
from millrace.kafka.declared_rights import USERS, WORDS, of_feed, sentence
from millrace.kafka_account import AUTHORITY, KafkaAccount
from millrace.settings import Lab
from tests.lab.journals import journal, machine_time

pytestmark = pytest.mark.usefixtures("parcel")
PAGE = (CHECKOUT / "docs" / "security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `?(\w+)`? \| ([\w, ]+) \|[^|]*\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ACTS = {"reads": "READ", "writes": "WRITE", "settings": "DESCRIBE_CONFIGS", "topics": "CREATE"}
"""The columns, in their order, and what the broker's journal calls them."""
NOBODYS = "nobodys"
"""A topic that no rule names; it is never there for long."""
PYTHON = "/opt/millrace/venv/bin/python"
HOST = "host"
SILENT_MS = 10_000
"""For whom the broker does not know; that it was asked and has refused stands in its journal."""

# Runs where the account is used: does everything once, side by side, as whom nobody knows waits long for each answer;
# and prints what became of it. It is told the account by its standard input.
TRY = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource
account, feed, line, nobodys = json.load(sys.stdin)

def reads():
    consumer = KafkaConsumer(**account, enable_auto_commit=False)
    try:
        # Who may not even see the topic would wait for its records, and be refused nothing.
        if not consumer.partitions_for_topic(feed):
            raise PermissionError("no such topic")
        partition = TopicPartition(feed, 0)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        consumer.poll(timeout_ms=5000)
    finally:
        consumer.close()

def writes():
    producer = KafkaProducer(**account, enable_idempotence=False)
    try:
        producer.send(feed, line.encode(), partition=0).get(timeout=60)
    finally:
        producer.close()

def asks(question):
    admin = KafkaAdminClient(**account)
    try:
        question(admin)
    finally:
        admin.close()

def creates(admin):
    admin.create_topics({nobodys: {"num_partitions": 1, "replication_factor": 1}})
    admin.delete_topics([nobodys])

def describes(admin):
    found = admin.describe_configs([ConfigResource("TOPIC", feed)], config_filter="all")
    if not found.get("topic", {}).get(feed):
        raise PermissionError("no settings")

acts = {"reads": reads, "writes": writes, "settings": lambda: asks(describes), "topics": lambda: asks(creates)}

def became(act):
    try:
        act()
    except Exception as error:
        return type(error).__name__
    return "done"

with ThreadPoolExecutor() as pool:
    print(json.dumps(dict(zip(acts, pool.map(became, acts.values())))))
"""


def rows() -> list[tuple[str, str, dict[str, bool]]]:
    """Account, machine, and by act whether it may."""
    return [
        (user, machine, {act: cell.strip() not in {"no", f"`{WORDS}`"} for act, cell in zip(ACTS, cells, strict=True)})
        for user, machines, *cells in ROW.findall(PAGE)
        if user != "account"
        for machine in machines.replace("anywhere", "kafka, spark, host").split(", ")
    ]


def account_of(user: str) -> KafkaAccount:
    known = kafka_account("reader")
    return KafkaAccount(address=known.address, ca=known.ca) if user == "nobody" else kafka_account(user)


def tried(machine: str, account: KafkaAccount, patience_ms: int = 60_000) -> dict[str, str]:
    """What became of each act there; to whom the broker does not know it says nothing, until the patience is over."""
    command = (
        [sys.executable, "-c", TRY] if machine == HOST else remote.command(machine, f"{PYTHON} -P -c {quoted(TRY)}")
    )
    there = account.model_copy(update={"ca": AUTHORITY}) if account.ca and machine != HOST else account
    client = there.client() | {"bootstrap_timeout_ms": patience_ms}
    given = json.dumps([client, FEED, record("who may"), NOBODYS])
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    outcomes: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return outcomes


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"


def says(line: re.Pattern[str], since: str) -> bool:
    return line.search(journal("kafka", "kafka", since)) is not None


def test_the_table_names_every_account() -> None:
    assert {user for user, *_ in rows()} == {*USERS, "nobody"}


@pytest.mark.parametrize(("user", "machine", "may"), rows(), ids=lambda value: value if isinstance(value, str) else "")
def test_an_account_may_do_what_its_line_says(lab: Lab, user: str, machine: str, may: dict[str, bool]) -> None:
    patience = [SILENT_MS] if user == "nobody" else []
    began, outcomes = machine_time("kafka"), tried(machine, account_of(user), *patience)
    assert {act: outcomes[act] == "done" for act in ACTS} == may, outcomes
    if user == "nobody":
        line = re.compile(r"Unexpected Kafka request of type \w+ during SASL handshake")
        wait_until(partial(says, line, began), f"the broker says {line.pattern}")
        return
    for act in (act for act, is_allowed in may.items() if not is_allowed):
        topic = NOBODYS if act == "topics" else FEED
        line = re.compile(f"Principal = User:{user} is Denied operation = {ACTS[act]} .* Topic:LITERAL:{topic} ")
        wait_until(partial(says, line, began), f"the broker says {line.pattern}")


@pytest.mark.parametrize(
    ("user", "machine"), [("producer", "spark"), ("producer", HOST), ("stream", "kafka"), ("stream", HOST)]
)
def test_an_account_may_do_nothing_from_another_machine(lab: Lab, user: str, machine: str) -> None:
    began, outcomes = machine_time("kafka"), tried(machine, account_of(user))
    assert "done" not in outcomes.values(), outcomes
    address = re.escape(f"{lab.subnet}.1" if machine == HOST else lab.address(machine))
    line = re.compile(
        f"Principal = User:{user} is Denied operation = [A-Z]+ from host = {address} .* Topic:LITERAL:{FEED} "
    )
    wait_until(partial(says, line, began), f"the broker says {line.pattern}")


def test_a_wrong_password_is_no_password(lab: Lab) -> None:
    began = machine_time("kafka")
    stranger = account_of("admin").model_copy(update={"password": account_of("reader").password})
    outcomes = tried(HOST, stranger, SILENT_MS)
    assert "done" not in outcomes.values()
    wait_until(lambda: "Failed authentication with" in journal("kafka", "kafka", began), "the broker says so")


@pytest.fixture
def admin() -> Iterator[Accounts]:
    found = Accounts(kafka_account("admin"))
    yield found
    found.close()


def test_a_right_that_is_not_declared_is_taken_back_and_nothing_else_changes(lab: Lab, admin: Accounts) -> None:
    (given,) = (rule for rule in admin.rights("person") if sentence(rule) == f"person: write topic {FEED}")
    given.resource_pattern.resource_name = NOBODYS
    assert given.operation == ACLOperation.WRITE
    admin.add([given])
    addresses = f"--loopback=127.0.0.1:9094 --kafka={account_of('reader').address}"
    command = f"sudo {PYTHON} -P -m lab accounts {addresses}"
    done = json.loads(remote.run("kafka", command, timeout=120))
    assert done == {"users": [], "added": [], "removed": [f"person: write topic {NOBODYS}"]}
    assert json.loads(remote.run("kafka", command, timeout=120)) == {"users": [], "added": [], "removed": []}


def test_into_a_feed_that_is_not_opened_for_typing_a_person_writes_nothing(lab: Lab, admin: Accounts) -> None:
    """What `typing` leaves out has all of the rules but one."""
    (right,) = of_feed(lab, FEED, is_typed=True) - of_feed(lab, FEED, is_typed=False)
    assert sentence(right) == f"person: write topic {FEED}"
    began = machine_time("kafka")
    admin.remove([right])
    try:
        wait_until(lambda: right not in admin.rights("person"), "the right is gone")
        outcomes = tried(HOST, account_of("person"))
    finally:
        admin.add([right])
    assert (outcomes["reads"], outcomes["writes"]) == ("done", TopicAuthorizationFailedError.__name__)
    line = re.compile(f"Principal = User:person is Denied operation = WRITE .* Topic:LITERAL:{FEED} ")
    wait_until(partial(says, line, began), f"the broker says {line.pattern}")
    wait_until(lambda: right in admin.rights("person"), "the right is back")


def test_kafkas_tools_are_a_person_and_roots_are_admin(lab: Lab) -> None:
    said = remote.run("kafka", f"kafka-topics.sh --create --topic {NOBODYS} 2>&1 || true", timeout=120)
    assert "TopicAuthorizationException" in said
    assert "Created topic" in remote.run("kafka", f"sudo kafka-topics.sh --create --topic {NOBODYS}", timeout=120)
    remote.run("kafka", f"sudo kafka-topics.sh --delete --topic {NOBODYS}", timeout=120)


def test_a_person_makes_fills_reads_and_deletes_the_topic_of_the_word_count(lab: Lab) -> None:
    """With the commands of docs/wordcount.md."""
    page = (CHECKOUT / "docs" / "wordcount.md").read_text(encoding="utf-8")
    typed = re.findall(r"(kafka-[a-z-]+\.sh [^\n`]+)", page)
    create, produce, consume, delete = (line.replace("192.168.33.13", lab.address("kafka")) for line in typed)
    try:
        assert "Created topic words." in remote.run("kafka", create, timeout=120)
        remote.run("kafka", f"echo the quick brown fox | {produce}", timeout=120)
        assert "quick brown" in remote.run("kafka", f"{consume} --max-messages 1 --timeout-ms 60000", timeout=120)
    finally:
        remote.run("kafka", delete, timeout=120)
