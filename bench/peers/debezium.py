"""Debezium's JDBC sink on Kafka Connect, standalone, tuned as its documentation allows."""

from collections.abc import Mapping

import orjson
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from bench.peers.table import COLUMNS
from bench.peers.task import TABLE, Start, Task, write_secret
from bench.peers.trees import java, tree

NAME = "Debezium's JDBC sink"
CONNECTOR = "millrace-bench"
GROUP = f"connect-{CONNECTOR}"
JARS, HEAP, ROWS_PER_STATEMENT = "debezium", "2g", 5_000
RENAMES = {"source": "source_id", "row": "row_no"} | {f"data.{column.from_}": column.name for column in COLUMNS}


def ready() -> None:
    """See Peer."""
    tree(JARS)


def start(task: Task) -> Start:
    """See Peer. Its consumers begin where their group stands: that is set here."""
    place_group(task)
    worker = write_secret(task.folder / "worker.properties", properties(worker_settings(task)))
    connector = write_secret(task.folder / "connector.properties", properties(connector_settings(task)))
    run = java(tree(JARS), HEAP, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
    return Start([*run, "org.apache.kafka.connect.cli.ConnectStandalone", str(worker), str(connector)], {})


def place_group(task: Task) -> None:
    """The group's next offsets are the task's first."""
    consumer = KafkaConsumer(**task.kafka.client(), group_id=GROUP, enable_auto_commit=False)
    offsets = {TopicPartition(task.topic, partition): offset for partition, offset in task.first.items()}
    consumer.assign(list(offsets))
    consumer.commit({topic_partition: OffsetAndMetadata(offset, "", -1) for topic_partition, offset in offsets.items()})
    consumer.close()


def worker_settings(task: Task) -> dict[str, object]:
    """Kafka Connect's. The converter is told what the records look like, as they carry no schema."""
    texts = [{"field": column.from_, "type": "string", "optional": True} for column in COLUMNS]
    numbers: list[dict[str, object]] = [{"field": name, "type": "int64"} for name in ("source", "row")]
    schema = {"type": "struct", "fields": [*numbers, {"field": "data", "type": "struct", "fields": texts}]}
    as_person = task.kafka.java()
    return {
        **as_person,
        **{f"consumer.{name}": value for name, value in as_person.items()},
        "listeners": "http://127.0.0.1:0",
        "plugin.path": tree(JARS) / "plugins",
        "offset.storage.file.filename": task.folder / "offsets",
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "value.converter.schemas.enable": "true",
        "value.converter.schema.content": orjson.dumps(schema).decode(),
    }


def connector_settings(task: Task) -> dict[str, object]:
    """The sink's: a task per partition, large batches, each one statement; the table is there already."""
    return {
        "name": CONNECTOR,
        "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
        "tasks.max": len(task.first),
        "topics": task.topic,
        "connection.url": task.jdbc,
        "connection.username": task.user,
        "connection.password": task.password.get_secret_value(),
        "collection.name.format": TABLE,
        "insert.mode": "upsert",
        "primary.key.mode": "record_value",
        "primary.key.fields": "source_id,row_no",
        "schema.evolution": "none",
        "use.time.zone": "UTC",
        "batch.size": ROWS_PER_STATEMENT,
        "consumer.override.max.poll.records": ROWS_PER_STATEMENT,
        "consumer.override.fetch.min.bytes": 1 << 20,
        "consumer.override.max.partition.fetch.bytes": 8 << 20,
        "transforms": "flat,named",
        "transforms.flat.type": "org.apache.kafka.connect.transforms.Flatten$Value",
        "transforms.named.type": "org.apache.kafka.connect.transforms.ReplaceField$Value",
        "transforms.named.renames": ",".join(f"{old}:{new}" for old, new in RENAMES.items()),
    }


def properties(settings: Mapping[str, object]) -> str:
    """As Java reads them: a backslash must be doubled."""
    return "".join(f"{name}={str(value).replace(chr(92), chr(92) * 2)}\n" for name, value in settings.items())
