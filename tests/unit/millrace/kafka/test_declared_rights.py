"""The rules of Kafka's authorizer, by the sentences that a person reads of them."""

from millrace.kafka.declared_rights import declared_rights, of_feed, sentence

EVERYWHERE = {
    "producer: describe topic *",
    "stream: describe topic *",
    "stream: read group spark-kafka-source-*",
    "reader: describe topic *",
    "reader: describe configs topic *",
    "person: describe topic *",
    "person: describe configs topic *",
    "person: read group *",
    *(f"person: {what} topic words" for what in ("create", "delete", "read", "write")),
}


def sentences(feed: str, *, is_typed: bool) -> set[str]:
    return set(map(sentence, of_feed(feed, is_typed=is_typed)))


def test_each_account_may_do_its_own_and_nothing_else() -> None:
    reads = {f"{user}: read topic sales" for user in ("stream", "reader", "person")}
    assert sentences("sales", is_typed=False) == {*reads, "producer: write topic sales"}
    assert sentences("sales", is_typed=True) == {*reads, "producer: write topic sales", "person: write topic sales"}


def test_a_lab_has_the_rules_of_its_feeds_and_those_that_are_of_none() -> None:
    found = set(map(sentence, declared_rights(["sales", "shares"], ["shares"])))
    assert found == EVERYWHERE | sentences("sales", is_typed=False) | sentences("shares", is_typed=True)


def test_nobody_may_do_anything_with_a_topic_that_is_no_feeds() -> None:
    """What may be done with every topic is to see that it is there."""
    everywhere = {rule for rule in map(sentence, declared_rights([], [])) if rule.endswith("topic *")}
    assert {rule.split(": ")[1] for rule in everywhere} == {"describe topic *", "describe configs topic *"}
