"""What one writes on the first day: kafka-python, json.loads, and executemany of a thousand rows a commit."""

import json
import sys

import mysql.connector
from kafka import KafkaConsumer, TopicPartition

from bench.peers.table import HEADERS, NAMES
from bench.peers.task import TABLE, Start, Task, from_environment, in_environment

NAME = "kafka-python, executemany"
ROWS_PER_COMMIT = 1_000


def ready() -> None:
    """The checkout's own Python has all it needs."""


def start(task: Task) -> Start:
    """See Peer."""
    return Start([sys.executable, "-m", __name__], in_environment(task))


def main(task: Task) -> None:
    """Reads every record of the task once; MySQL turns the texts into the columns' types."""
    consumer = KafkaConsumer(**task.kafka.client())
    consumer.assign([TopicPartition(task.topic, partition) for partition in task.first])
    for partition, offset in task.first.items():
        consumer.seek(TopicPartition(task.topic, partition), offset)
    connection = mysql.connector.connect(**task.mysql())
    cursor = connection.cursor()
    placeholders = ", ".join(["%s"] * (2 + len(NAMES)))
    insert = f"INSERT INTO {TABLE} (source_id, row_no, {', '.join(NAMES)}) VALUES ({placeholders})"
    rows, left = [], task.rows
    for message in consumer:
        event = json.loads(message.value)
        rows.append((event["source"], event["row"], *(event["data"][header] for header in HEADERS)))
        if len(rows) == min(ROWS_PER_COMMIT, left):
            cursor.executemany(insert, rows)
            connection.commit()
            left -= len(rows)
            rows = []
        if not left:
            break


if __name__ == "__main__":
    main(from_environment())
