"""What an account of Kafka's may do, tried as that account and from the machine where it is used."""

import json
import re
import shlex
import subprocess
import sys
from operator import not_
from typing import NamedTuple

from instruments.own_feed import FEED, record
from lab.host import remote
from lab.observe.access import kafka_account
from millrace.kafka_account import AUTHORITY, KafkaAccount
from millrace.settings import Lab
from millrace.waiting import ask_until
from tests.lab.journals import journal

NOBODYS = "nobodys"
"""A topic that no rule names; it is never there for long."""
SPARE = "spare"
"""A topic that is there for who may delete topics."""
PYTHON = "/opt/millrace/venv/bin/python"
HOST = "host"
SILENT_MS = 10_000
"""For whom the broker does not know; that it was asked and has refused stands in its journal."""
REFUSED = {"TopicAuthorizationFailedError", "ClusterAuthorizationFailedError", "PermissionError"}
SAID_SECONDS = 150


class Act(NamedTuple):
    """One thing that is tried: by which words of which column it may be done, and how the journal names a refusal."""

    column: int
    words: set[str]
    operation: str
    resource: str
    request: str = r"\w+"


READS, WRITES, SETTINGS, TOPICS = range(4)
"""The columns of docs/security.md, in their order."""
OF_FEED, OF_CLUSTER = f"Topic:LITERAL:{FEED}", "Cluster:LITERAL:kafka-cluster"
ACTS = {
    "reads": Act(READS, {"yes"}, "READ", OF_FEED),
    "writes": Act(WRITES, {"yes", "those that `typing` opens"}, "WRITE", OF_FEED),
    "sees settings": Act(SETTINGS, {"yes", "reads"}, "DESCRIBE_CONFIGS", OF_FEED),
    "changes settings": Act(SETTINGS, {"yes"}, "ALTER_CONFIGS", OF_FEED),
    "makes a topic": Act(TOPICS, {"yes"}, "CREATE", f"Topic:LITERAL:{NOBODYS}"),
    "deletes a topic": Act(TOPICS, {"yes"}, "DELETE", f"Topic:LITERAL:{SPARE}", "DeleteTopics"),
    "deletes records": Act(TOPICS, {"yes"}, "DELETE", OF_FEED, "DeleteRecords"),
    "gives a right": Act(TOPICS, {"yes"}, "ALTER", OF_CLUSTER, "CreateAcls"),
    "changes a password": Act(TOPICS, {"yes"}, "ALTER", OF_CLUSTER, "AlterUserScramCredentials"),
}

# Does everything once, side by side, as whom nobody knows waits long for each answer; and prints what became of it. Who
# gets through leaves all as it was: settings, rights and passwords are set to what they are, no record stands before
# offset 0, and the topic is one that is made for this. It is told the account by its standard input.
TRY = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ConfigResource, ResourcePattern, ResourceType
from kafka.admin import UserScramCredentialUpsertion
account, feed, line, nobodys, spare, other, password = json.load(sys.stdin)

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

def sees_settings(admin):
    found = admin.describe_configs([ConfigResource("TOPIC", feed)], config_filter="all")
    if not found.get("topic", {}).get(feed):
        raise PermissionError("no settings")

def changes_settings(admin):
    as_it_is = ConfigResource("TOPIC", feed, {"retention.ms": "-1"})
    said = admin.alter_configs([as_it_is], raise_on_unknown=False)["topic"][feed]
    if said != "OK":
        raise PermissionError(said)

def makes(admin):
    admin.create_topics({nobodys: {"num_partitions": 1, "replication_factor": 1}})
    admin.delete_topics([nobodys])

def gives(admin):
    topic = ResourcePattern(ResourceType.TOPIC, feed)
    as_it_is = ACL("User:person", "*", ACLOperation.READ, ACLPermissionType.ALLOW, topic)
    for failed in admin.create_acls([as_it_is])["failed"]:
        raise failed

def changes_password(admin):
    as_it_is = UserScramCredentialUpsertion(other, "SCRAM-SHA-512", password)
    said = admin.alter_user_scram_credentials([as_it_is])[other]
    if said:
        raise PermissionError(said)

def asks(question):
    admin = KafkaAdminClient(**account)
    try:
        question(admin)
    finally:
        admin.close()

acts = {
    "reads": reads,
    "writes": writes,
    "sees settings": lambda: asks(sees_settings),
    "changes settings": lambda: asks(changes_settings),
    "makes a topic": lambda: asks(makes),
    "deletes a topic": lambda: asks(lambda admin: admin.delete_topics([spare])),
    "deletes records": lambda: asks(lambda admin: admin.delete_records({TopicPartition(feed, 0): 0})),
    "gives a right": lambda: asks(gives),
    "changes a password": lambda: asks(changes_password),
}

def became(act):
    try:
        act()
    except Exception as error:
        return type(error).__name__
    return "done"

with ThreadPoolExecutor(len(acts)) as pool:
    print(json.dumps(dict(zip(acts, pool.map(became, acts.values())))))
"""


def account_of(user: str) -> KafkaAccount:
    known = kafka_account("reader")
    return KafkaAccount(address=known.address, ca=known.ca) if user == "nobody" else kafka_account(user)


def tried(machine: str, account: KafkaAccount, patience_ms: int = 60_000) -> dict[str, str]:
    """What became of each act there; to whom the broker does not know it says nothing, until the patience is over."""
    script = shlex.join([PYTHON, "-P", "-c", TRY])
    command = [sys.executable, "-c", TRY] if machine == HOST else remote.command(machine, script)
    there = account.model_copy(update={"ca": AUTHORITY}) if account.ca and machine != HOST else account
    client = there.client() | {"bootstrap_timeout_ms": patience_ms}
    other = kafka_account("reader" if account.user == "person" else "person")
    given = [client, FEED, record("who may"), NOBODYS, SPARE, other.user, other.password.get_secret_value()]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    outcomes: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return outcomes


def address_of(lab: Lab, machine: str) -> str:
    """From where the broker is spoken to."""
    return f"{lab.subnet}.1" if machine == HOST else lab.address(machine)


def refusal(user: str, act: str, address: str) -> str:
    """What the broker's journal says where the account was refused that, as a pattern."""
    what = ACTS[act]
    where = f"from host = {re.escape(address)} on resource = {what.resource} for request = {what.request} "
    return f"Principal = User:{user} is Denied operation = {what.operation} {where}"


def unsaid(patterns: list[str], since: str) -> list[str]:
    """Those that the broker's journal has not, though they were waited for."""

    def missing() -> list[str]:
        said = journal("kafka", "kafka", since)
        return [pattern for pattern in patterns if not re.search(pattern, said)]

    return ask_until(missing, not_, seconds=SAID_SECONDS)
