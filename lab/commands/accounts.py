"""`millrace-accounts`: Kafka's accounts and who may do what, as lab.yml and this machine's passwords have it.

Ansible calls it on kafka as root. It comes in by the loopback address, where the broker lets `admin` in before it knows
any account.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from lab.screen.output import print_json
from millrace.feed_names import known_feeds
from millrace.kafka.accounts import Accounts
from millrace.kafka.declared_rights import USERS, declared_rights, sentence
from millrace.kafka_account import AUTHORITY, KafkaAccount
from millrace.settings import load_lab
from millrace.yaml_file import read_yaml

SECRETS = Path("/etc/millrace/secrets.yml")


def accounts(
    loopback: Annotated[str, typer.Option(help="host:port at which the broker lets `admin` in")],
    kafka: Annotated[str, typer.Option(help="host:port at which it lets everybody in who has an account")],
) -> None:
    """Gives accounts their passwords and rights, and takes other rights from them; prints what was done as JSON."""
    secrets = read_yaml(SECRETS)
    admin = account(secrets, "admin", loopback).model_copy(update={"mechanism": "PLAIN"})
    lab, feeds, broker = load_lab(), known_feeds(), Accounts(admin)
    ca = AUTHORITY if lab.encrypts else None
    try:
        users = broker.ensure_users(account(secrets, user, kafka).model_copy(update={"ca": ca}) for user in USERS)
        wanted = declared_rights(lab, feeds)
        there = set().union(*(broker.rights(user) for user in USERS))
        broker.add(wanted - there)
        broker.remove(there - wanted)
    finally:
        broker.close()
    changes = {"added": wanted - there, "removed": there - wanted}
    print_json({"users": users, **{what: sorted(map(sentence, rules)) for what, rules in changes.items()}})


def account(secrets: Mapping[str, str], user: str, address: str) -> KafkaAccount:
    """One of the accounts whose passwords this machine has."""
    return KafkaAccount(address=address, user=user, password=SecretStr(secrets[f"kafka_{user}_password"]))
