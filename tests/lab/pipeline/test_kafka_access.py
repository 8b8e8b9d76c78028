"""The table of docs/security.md on Kafka: each account, from where it is used, does what it says and nothing else."""

import json
import re
from collections.abc import Iterator

import pytest
from kafka.admin import ACLOperation
from kafka.errors import TopicAuthorizationFailedError

from instruments.own_feed import CONTRACT, FEED
from instruments.tools import wait_until
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import kafka_account
from millrace.kafka.accounts import Accounts
from millrace.kafka.broker import Broker
from millrace.kafka.declared_rights import USERS, of_feed, sentence
from millrace.settings import Lab
from tests.lab.journals import machine_time
from tests.lab.pipeline.kafka_acts import (
    ACTS,
    HOST,
    NOBODYS,
    PYTHON,
    REFUSED,
    SILENT_MS,
    SPARE,
    account_of,
    address_of,
    refusal,
    tried,
    unsaid,
)

pytestmark = pytest.mark.usefixtures("parcel")
PAGE = (CHECKOUT / "docs" / "security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `?(\w+)`? \| ([\w, ]+) \|[^|]*\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def rows() -> list[tuple[str, str, dict[str, bool]]]:
    """Account, machine, and by act whether it may."""
    return [
        (user, machine, {name: cells[act.column].strip() in act.words for name, act in ACTS.items()})
        for user, machines, *cells in ROW.findall(PAGE)
        if user != "account"
        for machine in machines.replace("anywhere", "kafka, spark, host").split(", ")
    ]


@pytest.fixture
def spare(lab: Lab) -> Iterator[None]:
    """A topic that is made as a feed's, for the test alone: who may not delete it has to be refused that."""
    broker = Broker(kafka_account("admin"))
    broker.ensure_topics([CONTRACT.model_copy(update={"feed": SPARE})], {SPARE: CONTRACT.topic.retention_bytes})
    try:
        yield
    finally:
        broker.delete_topic(SPARE)
        broker.close()


def test_the_table_names_every_account() -> None:
    assert {user for user, *_ in rows()} == {*USERS, "nobody"}


@pytest.mark.usefixtures("spare")
@pytest.mark.parametrize(("user", "machine", "may"), rows(), ids=lambda value: value if isinstance(value, str) else "")
def test_an_account_may_do_what_its_line_says(lab: Lab, user: str, machine: str, may: dict[str, bool]) -> None:
    patience = [SILENT_MS] if user == "nobody" else []
    began, outcomes = machine_time("kafka"), tried(machine, account_of(user), *patience)
    assert {act: outcomes[act] == "done" for act in ACTS} == may, outcomes
    if user == "nobody":
        assert unsaid([r"Unexpected Kafka request of type \w+ during SASL handshake"], began) == []
        return
    refused = [act for act in ACTS if not may[act]]
    assert {outcomes[act] for act in refused} <= REFUSED, outcomes
    assert unsaid([refusal(user, act, address_of(lab, machine)) for act in refused], began) == []


@pytest.mark.usefixtures("spare")
@pytest.mark.parametrize(
    ("user", "machine"), [("producer", "spark"), ("producer", HOST), ("stream", "kafka"), ("stream", HOST)]
)
def test_an_account_may_do_nothing_from_another_machine(lab: Lab, user: str, machine: str) -> None:
    began, outcomes = machine_time("kafka"), tried(machine, account_of(user))
    assert "done" not in outcomes.values(), outcomes
    address = re.escape(address_of(lab, machine))
    line = f"Principal = User:{user} is Denied operation = [A-Z]+ from host = {address} .* Topic:LITERAL:{FEED} "
    assert unsaid([line], began) == []


def test_a_wrong_password_is_no_password(lab: Lab) -> None:
    began = machine_time("kafka")
    stranger = account_of("admin").model_copy(update={"password": account_of("reader").password})
    outcomes = tried(HOST, stranger, SILENT_MS)
    assert "done" not in outcomes.values()
    assert unsaid(["Failed authentication with"], began) == []


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
    assert unsaid([refusal("person", "writes", address_of(lab, HOST))], began) == []
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
