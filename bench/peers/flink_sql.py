"""Flink SQL: a table on Kafka, a table on JDBC with a key (upsert), and INSERT INTO … SELECT between them."""

from bench.peers.table import COLUMNS
from bench.peers.task import TABLE, Start, Task, write_secret
from bench.peers.trees import java, tree
from millrace.contract.column import Column

NAME = "Flink SQL, JDBC upsert"
JARS, HEAP, SCRIPT = "flink", "2g", "drain.sql"
PARALLEL, ROWS_PER_STATEMENT = 2, 5_000
OPENED = ("java.lang", "java.net", "java.io", "java.nio", "java.text", "java.time", "java.util", "java.util.concurrent")
"""What Flink's own scripts open of Java 17."""
CONFIG = f"""\
execution.target: local
table.dml-sync: true
parallelism.default: {PARALLEL}
execution.checkpointing.interval: 10 s
table.local-time-zone: UTC
"""
STATEMENTS = """\
CREATE TABLE events (
  source BIGINT,
  `row` BIGINT,
  `data` ROW<{texts}>
) WITH (
  'connector' = 'kafka',
  'topic' = '{topic}',
  {kafka},
  'scan.startup.mode' = 'specific-offsets',
  'scan.startup.specific-offsets' = '{offsets}',
  'scan.bounded.mode' = 'latest-offset',
  'format' = 'json'
);
CREATE TABLE rates (
  source_id BIGINT,
  row_no BIGINT,
  {columns},
  PRIMARY KEY (source_id, row_no) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '{jdbc}',
  'table-name' = '{table}',
  'username' = '{user}',
  'password' = {password},
  'sink.buffer-flush.max-rows' = '{rows}',
  'sink.buffer-flush.interval' = '1 s'
);
INSERT INTO rates SELECT source, `row`, {values} FROM events;
"""


def ready() -> None:
    """See Peer."""
    tree(JARS)


def start(task: Task) -> Start:
    """See Peer."""
    script = write_secret(task.folder / SCRIPT, statements(task))
    (task.folder / "config.yaml").write_text(CONFIG)
    opens = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
    client = java(tree(JARS), HEAP, "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", *opens)
    # The client keeps what was typed, by default in the user's home: a password stands in it.
    files = ["-f", str(script), "-hist", str(task.folder / "history")]
    command = [*client, "org.apache.flink.table.client.SqlClient", "embedded", *files]
    return Start(command, {"FLINK_CONF_DIR": str(task.folder)})


def statements(task: Task) -> str:
    """Two tables and the query, as a person types them into its client."""
    return STATEMENTS.format(
        texts=", ".join(f"`{column.from_}` STRING" for column in COLUMNS),
        topic=task.topic,
        kafka=",\n  ".join(f"'properties.{name}' = {quoted(value)}" for name, value in task.kafka.java().items()),
        offsets=";".join(f"partition:{partition},offset:{offset}" for partition, offset in task.first.items()),
        columns=",\n  ".join(f"{column.name} {flink_type(column)}" for column in COLUMNS),
        jdbc=task.jdbc,
        table=TABLE,
        user=task.user,
        password=quoted(task.password.get_secret_value()),
        rows=ROWS_PER_STATEMENT,
        values=", ".join(f"CAST(`data`.`{column.from_}` AS {flink_type(column)})" for column in COLUMNS),
    )


def quoted(text: str) -> str:
    """A text of SQL's."""
    return "'" + text.replace("'", "''") + "'"


def flink_type(column: Column) -> str:
    """The type that the table's column has, as Flink calls it."""
    return "STRING" if "char" in column.type else column.type.upper().replace("DATETIME", "TIMESTAMP(0)")
