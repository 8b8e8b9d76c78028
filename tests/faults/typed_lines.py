"""What a person types into the feed that faults are tried on, also in transactions."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from kafka import KafkaProducer

from instruments.own_feed import CONTRACT, record
from lab.observe.access import kafka_account
from tests.faults.drill import FEED

SECONDS = 60


def type_lines(lines: list[str], transaction: str = "", *, commits: bool = True) -> None:
    """Lines that a person types, in turn into every partition; or all in a transaction of that name."""
    if transaction:
        with open_transaction(lines, transaction) as producer:
            producer.commit_transaction() if commits else producer.abort_transaction()
    else:
        with closing(KafkaProducer(**kafka_account("person").client())) as producer:
            put(producer, lines)


@contextmanager
def open_transaction(lines: list[str], name: str) -> Iterator[KafkaProducer]:
    """Somebody who has sent these lines in a transaction and has not ended it yet."""
    with closing(KafkaProducer(**kafka_account("admin").client(), transactional_id=name)) as producer:
        producer.init_transactions()
        producer.begin_transaction()
        put(producer, lines)
        yield producer


def put(producer: KafkaProducer, lines: list[str]) -> None:
    """In turn into every partition, each acknowledged."""
    partitions = CONTRACT.topic.partitions
    for each in [producer.send(FEED, line.encode(), partition=n % partitions) for n, line in enumerate(lines)]:
        each.get(timeout=SECONDS)


def lines_of(name: str, count: int) -> list[str]:
    """Lines of so many records, all of that name."""
    return [record(name, number) for number in range(count)]
