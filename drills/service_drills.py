"""Drills of Kafka, Spark and MySQL, in the order in which records pass them."""

from drills.acts import broker, database, disks, services, stream
from drills.drill import ANEW, GOES_ON, Drill, Effect
from instruments.tools import EXECUTOR_PROCESS

OF_SERVICES = (
    # Kafka
    Drill("broker-killed", "kill -9 of Kafka", services.killed("kafka", "kafka"), GOES_ON),
    Drill(
        "broker-stopped",
        "Kafka stopped for 30 s",
        services.stopped("kafka", "kafka"),
        Effect(r"kafka.* does not answer|Kafka.* does not answer", stands_still=True),
        seconds=30,
    ),
    Drill("broker-restarted", "Kafka restarted", services.restarted("kafka", "kafka"), GOES_ON),
    Drill(
        "broker-held",
        "Kafka's process held still for 20 s",
        services.held("kafka", "kafka"),
        Effect(r"[Kk]afka.* does not answer|wait", application="goes on", stands_still=True),
        seconds=20,
    ),
    Drill(
        "broker-cut-back",
        "Kafka loses records that it had acknowledged, and that are loaded",
        broker.cut_back,
        Effect("has lost records"),
    ),
    Drill(
        "broker-disk-full",
        "Kafka's disk filled to the last byte",
        disks.full("kafka", "kafka", "/var/lib/kafka"),
        Effect("disk"),
        seconds=20,
    ),
    Drill(
        "transactions",
        "transactions beside the traffic, every second one given up",
        broker.transactions_beside,
        GOES_ON,
    ),
    Drill("records-deleted", "what is loaded is deleted from a topic", broker.records_deleted_behind, GOES_ON),
    Drill(
        "retention-passed",
        "records dropped from a topic before anybody has read them",
        broker.retention_passed,
        Effect("has dropped records", stays=True),
    ),
    Drill("partition-added", "a partition added to a topic", broker.partition_added, GOES_ON),
    Drill("topic-made-anew", "a topic deleted and made again", broker.made_anew, Effect("was made anew", stays=True)),
    # Spark
    Drill(
        "stream-killed",
        "kill -9 of the application",
        services.killed("spark", "millrace-stream"),
        ANEW,
    ),
    Drill(
        "stream-killed-at-each-step",
        "kill -9 after the pending row, before and after the commit",
        stream.killed_at_each_step,
        ANEW,
    ),
    Drill(
        "stream-killed-beside-a-commit",
        "kill -9 while a load is committed and the next one cleaned already",
        stream.killed_beside_a_commit,
        ANEW,
    ),
    Drill("stream-restarted", "the application restarted", services.restarted("spark", "millrace-stream"), ANEW),
    Drill(
        "stream-held",
        "the application held still for 60 s",
        services.held("spark", "millrace-stream"),
        Effect("streaming application does not run", stands_still=True),
        seconds=60,
    ),
    Drill(
        "executor-killed",
        "kill -9 of the executor",
        services.process_killed("spark", EXECUTOR_PROCESS),
    ),
    Drill(
        "executor-out-of-memory",
        "no byte of memory more for the executor",
        services.out_of_memory("spark", EXECUTOR_PROCESS),
    ),
    Drill("worker-killed", "kill -9 of Spark's worker", services.killed("spark", "spark-worker")),
    Drill(
        "worker-stopped",
        "Spark's worker stopped for 20 s",
        services.stopped("spark", "spark-worker"),
        Effect("no executor", stands_still=True),
        seconds=20,
    ),
    Drill("master-killed", "kill -9 of Spark's master", services.master_killed, GOES_ON),
    Drill(
        "checkpoint-deleted",
        "working folders and checkpoints deleted, then kill -9",
        stream.disturbed(stream.DELETED),
        ANEW,
    ),
    Drill(
        "checkpoint-rubbish",
        "working folders and checkpoints overwritten with rubbish, then kill -9",
        stream.disturbed(stream.RUBBISH),
        ANEW,
    ),
    Drill("zombie-task", "a task that lives on when its executor is killed", stream.zombie),
    Drill(
        "cut-at-commit",
        "no packet between spark and mysql for 30 s, from a COMMIT on",
        stream.cut_at_commit,
        Effect("does not reach MySQL", stands_still=True),
        seconds=30,
    ),
    Drill("second-copy", "a second application is started", stream.second_copy, GOES_ON),
    # MySQL
    Drill("mysql-killed", "kill -9 of MySQL", services.killed("mysql", "mysql"), GOES_ON),
    Drill(
        "mysql-stopped",
        "MySQL stopped for 30 s",
        services.stopped("mysql", "mysql"),
        Effect("mysql.* does not answer", stands_still=True),
        seconds=30,
    ),
    Drill(
        "mysql-held",
        "MySQL's process held still for 40 s",
        services.held("mysql", "mysql"),
        Effect("mysql.* does not answer|ledger cannot be read", stands_still=True),
        seconds=40,
    ),
    Drill(
        "mysql-disk-full",
        "MySQL's disk filled to the last byte",
        disks.full("mysql", "mysql", "/var/lib/mysql"),
        Effect("disk"),
        seconds=20,
    ),
    Drill(
        "mysql-connections-killed",
        "every connection of the stream killed, five times",
        database.connections_killed,
        GOES_ON,
    ),
    Drill(
        "mysql-connections-used-up",
        "no further connection accepted for 20 s",
        database.connections_used_up,
        Effect("Too many connections|ledger cannot be read", stands_still=True),
        seconds=20,
    ),
    Drill(
        "mysql-lock",
        "a lock held that every commit of a feed needs",
        database.table_locked,
        Effect("lock", stands_still=True),
    ),
    Drill("mysql-deadlocks", "the locks of a commit taken in the other order", database.deadlocks, GOES_ON),
    Drill(
        "mysql-read-only",
        "MySQL read-only for 20 s",
        database.with_setting("super_read_only", "ON", "OFF; SET GLOBAL read_only = OFF"),
        Effect("does not reach MySQL|read.only", stands_still=True),
        seconds=20,
    ),
    Drill(
        "mysql-no-local-infile",
        "LOAD DATA LOCAL switched off",
        database.with_setting("local_infile", "OFF", "ON"),
        Effect("[Ll]ocal", stands_still=True),
        seconds=10,
    ),
    Drill(
        "column-dropped",
        "a column of a fact table gone for 10 s: it has another name meanwhile",
        database.column_gone,
        Effect("Unknown column", stands_still=True),
        seconds=10,
    ),
)
