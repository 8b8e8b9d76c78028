"""A task for a peer."""

from pathlib import Path

from pydantic import SecretStr

from bench.peers.task import Task
from millrace.kafka_account import KafkaAccount


def task_in(folder: Path, rows: int = 3_000) -> Task:
    """Records of two partitions, behind others."""
    return Task(
        kafka=KafkaAccount(address="kafka:9092", user="person", password=SecretStr("secret-of-kafka")),
        topic="insurance_rate",
        first={0: 100, 1: 200},
        ends={0: 100 + rows // 2, 1: 200 + rows - rows // 2},
        file=folder / "rates.csv",
        source=42,
        mysql_host="mysql",
        mysql_port=3306,
        user="bench",
        password=SecretStr("secret-of-mysql"),
        database="bench",
        folder=folder,
    )
