"""Accounts and rules are brought in line with what is declared, and a second time nothing is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kafka.errors import NoError, SecurityDisabledError
from pydantic import SecretStr

from millrace.errors import Refused
from millrace.kafka.accounts import Accounts
from millrace.kafka.declared_rights import declared_rights, of_feed, sentence
from millrace.kafka_account import KafkaAccount
from tests.unit.lab_in_memory import KAFKA, LAB

RIGHT = "right"


def account(user: str, password: str = RIGHT) -> KafkaAccount:
    return KafkaAccount(address="k:1", user=user, password=SecretStr(password))


class InMemory(Accounts):
    """A broker that knows passwords and rules, and takes those that it is told."""

    def __init__(self, **passwords: str) -> None:
        super().__init__(account("admin"))
        self.passwords, self.rules, self.changed = passwords, set[Any](), list[str]()
        self.refuses = ""

    @contextmanager
    def asking(self) -> Iterator[Any]:
        yield self

    def describe_user_scram_credentials(self) -> dict[str, Any]:
        return dict.fromkeys(self.passwords)

    def alter_user_scram_credentials(self, changes: list[Any]) -> dict[str, str | None]:
        self.changed += [change.user for change in changes]
        return {change.user: self.refuses or None for change in changes}

    def _is_let_in(self, account: KafkaAccount) -> bool:
        return self.passwords[account.user] == account.password.get_secret_value()

    def describe_acls(self, wanted: Any) -> tuple[list[Any], Any]:
        return [rule for rule in self.rules if rule.principal == wanted.principal], NoError

    def create_acls(self, rules: list[Any]) -> dict[str, list[Any]]:
        self.changed.append("add")
        self.rules |= set(rules)
        return {"failed": [SecurityDisabledError] if self.refuses else []}

    def delete_acls(self, filters: list[Any]) -> None:
        self.changed.append("remove")
        gone = {(each.principal, each.operation, each.resource_pattern.resource_name) for each in filters}
        self.rules = {
            rule
            for rule in self.rules
            if (rule.principal, rule.operation, rule.resource_pattern.resource_name) not in gone
        }


def test_who_is_not_let_in_gets_the_password_of_this_lab() -> None:
    broker = InMemory(stream="right", person="of another lab")
    assert broker.ensure_users([account("stream"), account("person"), account("reader")]) == ["person", "reader"]
    assert broker.changed == ["person", "reader"]


def test_who_is_let_in_keeps_what_there_is() -> None:
    broker = InMemory(stream="right")
    assert broker.ensure_users([account("stream")]) == []
    assert broker.changed == []


def test_a_password_that_kafka_does_not_take_is_no_silence() -> None:
    broker = InMemory()
    broker.refuses = "too few iterations"
    with pytest.raises(Refused) as refused:
        broker.ensure_users([account("stream", "hush")])
    assert str(refused.value) == "Kafka at k:1 does not take the password of stream: too few iterations."


def test_rules_are_added_and_removed_and_those_of_others_stay() -> None:
    broker = InMemory()
    others, wanted = of_feed(LAB, "sales", is_typed=True), declared_rights(LAB, ["shares"])
    broker.add(others | wanted)
    assert set(map(sentence, broker.rights("producer"))) == {
        f"producer: describe topic * from {KAFKA}",
        f"producer: write topic sales from {KAFKA}",
        f"producer: write topic shares from {KAFKA}",
    }
    broker.remove(others)
    assert broker.rights("producer") | broker.rights("person") <= wanted


def test_nothing_to_change_asks_for_nothing() -> None:
    broker = InMemory()
    broker.add(set())
    broker.remove(set())
    assert broker.changed == []


def test_a_rule_that_kafka_does_not_take_is_no_silence() -> None:
    broker = InMemory()
    broker.refuses = "no authorizer"
    with pytest.raises(Refused, match=r"Kafka at k:1 does not take a rule \(SecurityDisabledError\)\."):
        broker.add(of_feed(LAB, "sales", is_typed=False))
