"""The rules of Kafka's authorizer, by the sentences that a person reads of them."""

from millrace.kafka.declared_rights import declared_rights, of_feed, sentence
from tests.unit.lab_in_memory import KAFKA, LAB, SPARK

EVERYWHERE = {
    f"producer: describe topic * from {KAFKA}",
    f"stream: describe topic * from {SPARK}",
    f"stream: read group spark-kafka-source-* from {SPARK}",
    "reader: describe topic *",
    "reader: describe configs topic *",
    "person: describe topic *",
    "person: describe configs topic *",
    "person: read group *",
    *(f"person: {what} topic words" for what in ("create", "delete", "read", "write")),
}


def sentences(feed: str, *, is_typed: bool) -> set[str]:
    return set(map(sentence, of_feed(LAB, feed, is_typed=is_typed)))


def test_each_account_may_do_its_own_and_nothing_else() -> None:
    always = {f"stream: read topic sales from {SPARK}", f"producer: write topic sales from {KAFKA}"}
    always |= {"reader: read topic sales", "person: read topic sales"}
    assert sentences("sales", is_typed=False) == always
    assert sentences("sales", is_typed=True) == {*always, "person: write topic sales"}


def test_a_lab_has_the_rules_of_its_feeds_and_those_that_are_of_none() -> None:
    found = set(map(sentence, declared_rights(LAB, ["sales", "shares"])))
    assert found == EVERYWHERE | sentences("sales", is_typed=False) | sentences("shares", is_typed=True)


def test_nobody_may_do_anything_with_a_topic_that_is_no_feeds() -> None:
    """What may be done with every topic is to see that it is there."""
    everywhere = {rule for rule in map(sentence, declared_rights(LAB, [])) if " topic * " in f"{rule} "}
    assert {rule.split(": ")[1].split(" from ")[0] for rule in everywhere} == {
        "describe topic *",
        "describe configs topic *",
    }
