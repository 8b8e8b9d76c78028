"""`make login`: addresses, users and passwords of Superset, MySQL and Kafka, on request only."""

from collections.abc import Sequence

from lab.location import CHECKOUT, need_host
from lab.observe.access import kafka_account, secret, settings
from lab.observe.client_files import write_client_files
from lab.observe.services import superset_url
from lab.screen.output import say, table
from lab.sentences import general as sentences
from millrace.settings import load_lab

USERS = ("admin", "viewer")


def login() -> None:
    """Shows how to sign in to Superset, and what other clients of MySQL and Kafka have to know."""
    need_host("make login")
    lab = load_lab()
    site, signed = f"{superset_url(lab)}/", sentences.SIGNED if lab.encrypts else ""
    person, reads = kafka_account("person"), settings()
    mysql = f"{reads.mysql_host}:{reads.mysql_port}"
    _show(
        sentences.SUPERSET_LOGIN.format(signed=signed),
        [[site, user, secret(f"superset_{user}_password")] for user in USERS],
    )
    _show(sentences.MYSQL_LOGIN, [[mysql, reads.mysql_user, reads.mysql_password.get_secret_value()]])
    kafka = sentences.KAFKA_LOGIN.format(protocol=person.protocol, mechanism=person.mechanism, signed=signed)
    _show(kafka, [[person.address, person.user, person.password.get_secret_value()]])
    java, kcat = (file.relative_to(CHECKOUT) for file in write_client_files())
    say(sentences.CLIENT_FILES.format(java=java, kcat=kcat))


def _show(where: str, accounts: Sequence[Sequence[object]]) -> None:
    table(where, ["address", "user", "password"], accounts)
    say("")
