"""`make login`: Superset's and Kafka's addresses, users and passwords, on request only."""

from lab.location import CHECKOUT, need_host
from lab.observe.access import kafka_account, secret
from lab.observe.client_files import write_client_files
from lab.observe.services import SUPERSET_PORT
from lab.screen.output import say, table
from lab.sentences import general as sentences
from millrace.settings import load_lab

USERS = ("admin", "viewer")


def login() -> None:
    """Shows how to sign in to Superset, and what another client of Kafka's has to know."""
    need_host("make login")
    address = f"http://{load_lab().address('superset')}:{SUPERSET_PORT}/"
    rows = [[address, user, secret(f"superset_{user}_password")] for user in USERS]
    table("Superset", ["address", "user", "password"], rows)
    person = kafka_account("person")
    table(
        sentences.KAFKA_LOGIN.format(mechanism=person.mechanism),
        ["address", "user", "password"],
        [[person.address, person.user, person.password.get_secret_value()]],
    )
    java, kcat = (file.relative_to(CHECKOUT) for file in write_client_files())
    say(sentences.CLIENT_FILES.format(java=java, kcat=kcat))
