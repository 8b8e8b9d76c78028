"""Each account of MySQL is let in from its own machine, encrypted, and from nowhere else; clients know the server."""

import json
import re
from pathlib import Path

import mysql.connector
import pytest
from mysql.connector import errorcode

from instruments.tools import run_python, wait_until
from lab.host import remote
from lab.observe.access import secret, settings
from millrace.settings import Lab
from sql.connection import reading_connection
from tests.lab.journals import journal, machine_time
from tests.lab.ledger.scratch import account

MACHINES = ("kafka", "mysql", "spark", "superset")
COMES_FROM = {
    "migrate": ("mysql",),
    "producer": ("kafka",),
    "reader": MACHINES,
    "spark": ("spark",),
    "superset": ("superset",),
}
# Prints for each account the number of MySQL's refusal; 0: it was let in.
KNOCK = """
import json, sys, mysql.connector
host, accounts = json.load(sys.stdin)
trusted = {"ssl_ca": "/etc/millrace/ca.pem", "ssl_verify_cert": True, "ssl_verify_identity": True}
found = {}
for user, password in accounts.items():
    database = "superset" if user == "superset" else "millrace"
    try:
        mysql.connector.connect(host=host, user=user, password=password, database=database, **trusted).close()
        found[user] = 0
    except mysql.connector.Error as error:
        found[user] = error.errno
print(json.dumps(found))
"""

FORBIDDEN = [
    "DELETE FROM insurance_rate LIMIT 1",
    "UPDATE pipeline_feed SET committed_load_id = 0 WHERE feed = 'none'",
    "DELETE FROM pipeline_event",
    "DELETE FROM pipeline_seal",
    "UPDATE pipeline_seal SET older_ends = '{}'",
    "INSERT INTO quarantine (source_id, row_no) VALUES (1, 1)",
    "DROP TABLE pipeline_request",
    "CREATE TABLE mine (x INT)",
]
REFUSALS = {errorcode.ER_TABLEACCESS_DENIED_ERROR, errorcode.ER_DBACCESS_DENIED_ERROR}
READS, READS_SUPERSETS = "SELECT 1 FROM pipeline_feed", "SELECT 1 FROM superset.ab_user"
RIGHTS = {
    "spark": ("spark", "millrace", READS, ["CREATE TABLE mine (x INT)", "DROP TABLE mine", READS_SUPERSETS]),
    "superset": (
        *("superset", "superset", "SELECT 1 FROM ab_user"),
        ["SELECT 1 FROM millrace.pipeline_feed", "CREATE TABLE millrace.mine (x INT)", "SELECT 1 FROM mysql.user"],
    ),
    "migrate": ("mysql", "millrace", READS, [READS_SUPERSETS, "DROP TABLE superset.mine", "SELECT 1 FROM mysql.user"]),
    "reader": ("spark", "millrace", READS, [*FORBIDDEN, READS_SUPERSETS, "SELECT 1 FROM mysql.user"]),
}
"""Where each is used, and with which database; what it may do, and what not."""
# Prints the number of MySQL's refusal of each statement; 0: it was done.
TRY = """
import json, sys, mysql.connector
host, user, password, database, statements = json.load(sys.stdin)
trusted = {"ssl_ca": "/etc/millrace/ca.pem", "ssl_verify_cert": True, "ssl_verify_identity": True}
found = []
with mysql.connector.connect(host=host, user=user, password=password, database=database, **trusted) as mysql:
    for statement in statements:
        try:
            with mysql.cursor(buffered=True) as cursor:
                cursor.execute(statement)
            found.append(0)
        except Exception as error:
            found.append(error.errno)
    mysql.rollback()
print(json.dumps(found))
"""


@pytest.mark.parametrize("machine", MACHINES)
def test_an_account_comes_from_its_own_machine(lab: Lab, machine: str) -> None:
    passwords, began = {user: secret(f"mysql_{user}_password") for user in COMES_FROM}, machine_time("mysql")
    found = json.loads(run_python(machine, KNOCK, [lab.address("mysql"), passwords]))
    refused = errorcode.ER_ACCESS_DENIED_ERROR
    assert found == {user: 0 if machine in machines else refused for user, machines in COMES_FROM.items()}
    strangers = {user for user, machines in COMES_FROM.items() if machine not in machines}
    denied = re.compile(rf"Access denied for user '(\w+)'@'{re.escape(lab.address(machine))}'")
    wait_until(lambda: strangers <= {*denied.findall(journal("mysql", "mysql", began))}, "MySQL says whom it refused")


@pytest.mark.parametrize(
    ("user", "database", "refused"),
    [
        ("spark", "millrace", errorcode.ER_DBACCESS_DENIED_ERROR),
        ("migrate", "millrace", errorcode.ER_DBACCESS_DENIED_ERROR),
        ("superset", "superset", errorcode.ER_ACCESS_DENIED_ERROR),
        ("producer", "millrace", errorcode.ER_ACCESS_DENIED_ERROR),
    ],
)
def test_on_the_host_none_but_the_reader_sees_the_lab(lab: Lab, user: str, database: str, refused: int) -> None:
    with pytest.raises(mysql.connector.Error) as caught:
        reading_connection(account(user).model_copy(update={"mysql_database": database}))
    assert caught.value.errno == refused


def test_who_does_not_encrypt_is_refused(lab: Lab) -> None:
    known = settings()
    with pytest.raises(mysql.connector.Error) as caught:
        mysql.connector.connect(
            host=known.mysql_host,
            user="reader",
            password=known.mysql_password.get_secret_value(),
            ssl_disabled=True,
            use_pure=True,
        )
    assert caught.value.errno == errorcode.ER_SECURE_TRANSPORT_REQUIRED


def test_another_server_is_not_spoken_to(lab: Lab, tmp_path: Path) -> None:
    """One whose certificate is not of this lab: here by a client that trusts another authority."""
    other = tmp_path / "other.pem"
    other.write_text(remote.run("mysql", ["sudo", "cat", "/var/lib/mysql/ca.pem"]))
    reading_connection(settings()).close()
    with pytest.raises(mysql.connector.Error, match="certificate verify failed"):
        reading_connection(settings().model_copy(update={"mysql_ca": other}))


def test_the_producers_may_tell_and_ask_and_nothing_else(lab: Lab) -> None:
    allowed = "INSERT INTO pipeline_event (kind, message) SELECT kind, message FROM pipeline_event LIMIT 0"
    first, *others = tried(lab, "producer", "kafka", "millrace", [allowed, *FORBIDDEN])
    assert first == 0
    assert set(others) <= REFUSALS


@pytest.mark.parametrize("user", RIGHTS)
def test_an_account_has_its_own_database_and_rights(lab: Lab, user: str) -> None:
    machine, database, allowed, forbidden = RIGHTS[user]
    first, *others = tried(lab, user, machine, database, [allowed, *forbidden])
    assert first == 0
    assert set(others) <= REFUSALS, dict(zip(forbidden, others, strict=True))


def tried(lab: Lab, user: str, machine: str, database: str, statements: list[str]) -> list[int]:
    """The number of MySQL's refusal of each."""
    given = [lab.address("mysql"), user, secret(f"mysql_{user}_password"), database, statements]
    found: list[int] = json.loads(run_python(machine, TRY, given))
    return found
