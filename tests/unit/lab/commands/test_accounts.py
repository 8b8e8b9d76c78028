"""`millrace accounts`: what it tells the broker, by lab.yml and the passwords here; it prints names, no password."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.commands import accounts as module
from millrace.kafka.declared_rights import USERS, declared_rights, of_feed, sentence
from millrace.kafka_account import AUTHORITY, KafkaAccount
from tests.unit.lab_in_memory import LAB


class InMemory:
    """A broker that lets nobody in yet, and has a rule for a feed that has gone."""

    def __init__(self, admin: KafkaAccount) -> None:
        self.admin, self.rules, self.users = admin, of_feed(LAB, "gone", is_typed=True), list[KafkaAccount]()
        self.is_closed = False

    def ensure_users(self, wanted: Iterable[KafkaAccount]) -> list[str]:
        self.users = list(wanted)
        return [user.user for user in self.users]

    def rights(self, user: str) -> set[Any]:
        return {rule for rule in self.rules if rule.principal == f"User:{user}"}

    def add(self, rules: set[Any]) -> None:
        self.rules |= rules

    def remove(self, rules: set[Any]) -> None:
        self.rules -= rules

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[InMemory]:
    """Who is asked; a lab of two feeds, into one of which people may type."""
    made: list[InMemory] = []

    def make(admin: KafkaAccount) -> InMemory:
        made.append(InMemory(admin))
        return made[-1]

    secrets = tmp_path / "secrets.yml"
    secrets.write_text(yaml.safe_dump({f"kafka_{user}_password": f"hush-{user}" for user in USERS}))
    monkeypatch.setattr(module, "SECRETS", secrets)
    monkeypatch.setattr(module, "Accounts", make)
    monkeypatch.setattr(module, "known_feeds", lambda: ("sales", "shares"))
    monkeypatch.setattr(module, "load_lab", lambda: LAB)
    return made


def test_the_broker_has_what_is_declared_and_nothing_else(
    broker: list[InMemory], capsys: pytest.CaptureFixture[str]
) -> None:
    module.accounts("loopback:2", "k:1")
    (asked,) = broker
    assert (asked.admin.address, asked.admin.mechanism, asked.admin.user) == ("loopback:2", "PLAIN", "admin")
    assert {(one.user, one.address, one.password.get_secret_value()) for one in asked.users} == {
        (user, "k:1", f"hush-{user}") for user in USERS
    }
    assert asked.rules == declared_rights(LAB, ("sales", "shares"))
    assert asked.is_closed
    said = capsys.readouterr().out
    printed = json.loads(said)
    assert printed["removed"] == sorted(map(sentence, of_feed(LAB, "gone", is_typed=True)))
    assert "person: write topic shares" in printed["added"]
    assert "person: write topic sales" not in printed["added"]
    assert "hush" not in said
    assert asked.admin.ca is None and {one.ca for one in asked.users} == {None}


def test_where_the_lab_encrypts_only_the_loopback_address_is_spoken_to_plainly(
    broker: list[InMemory], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "load_lab", lambda: LAB.model_copy(update={"encrypt": True}))
    module.accounts("loopback:2", "k:1")
    (asked,) = broker
    assert asked.admin.ca is None and {one.ca for one in asked.users} == {AUTHORITY}
