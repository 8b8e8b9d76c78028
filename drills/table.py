"""Every drill: its name, what is done, by which act, and what must be seen of it beside sums that add up."""

from drills.acts import (
    broker,
    database,
    disks,
    hostile,
    lab_state,
    machines,
    network,
    senders,
    services,
    soak,
    stream,
)
from drills.drill import Drill, Effect

GOES_ON = Effect(application="goes on")
ANEW = Effect(application="starts anew")

SHORT = (
    # Kafka
    Drill("broker-killed", "kill -9 of Kafka", services.killed("kafka", "kafka"), GOES_ON),
    Drill(
        "broker-stopped",
        "Kafka stopped for 30 s",
        services.stopped("kafka", "kafka"),
        Effect(r"kafka.* does not answer|Kafka.* does not answer"),
        seconds=30,
    ),
    Drill("broker-restarted", "Kafka restarted", services.restarted("kafka", "kafka"), GOES_ON),
    Drill("broker-held", "Kafka's process held still for 20 s", services.held("kafka", "kafka"), GOES_ON, seconds=20),
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
    Drill("transactions", "transactions beside the load, given up", broker.transactions_beside, GOES_ON),
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
    Drill("stream-restarted", "the application restarted", services.restarted("spark", "millrace-stream"), ANEW),
    Drill("stream-held", "the application held still for 60 s", services.held("spark", "millrace-stream"), seconds=60),
    Drill(
        "executor-killed",
        "kill -9 of the executor",
        services.process_killed("spark", "[C]oarseGrainedExecutorBackend"),
    ),
    Drill(
        "executor-out-of-memory",
        "the memory of Spark's worker bounded below what its executor needs",
        services.out_of_memory("spark", "spark-worker", "[C]oarseGrainedExecutorBackend"),
    ),
    Drill("worker-killed", "kill -9 of Spark's worker", services.killed("spark", "spark-worker")),
    Drill("master-killed", "kill -9 of Spark's master", services.killed("spark", "spark-master")),
    Drill(
        "checkpoint-deleted",
        "working folders and checkpoints deleted, then kill -9",
        stream.disturbed(stream.DELETED),
        ANEW,
    ),
    Drill(
        "checkpoint-rubbish",
        "checkpoints overwritten with rubbish, then kill -9",
        stream.disturbed(stream.RUBBISH),
        ANEW,
    ),
    Drill("second-copy", "a second application is started", stream.second_copy, GOES_ON),
    # MySQL
    Drill("mysql-killed", "kill -9 of MySQL", services.killed("mysql", "mysql"), GOES_ON),
    Drill(
        "mysql-stopped",
        "MySQL stopped for 30 s",
        services.stopped("mysql", "mysql"),
        Effect("mysql.* does not answer"),
        seconds=30,
    ),
    Drill("mysql-held", "MySQL's process held still for 40 s", services.held("mysql", "mysql"), seconds=40),
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
        "mysql-connections-used-up", "no further connection accepted for 20 s", database.connections_used_up, seconds=20
    ),
    Drill(
        "mysql-lock",
        "a lock held that every commit of a feed needs",
        database.table_locked,
        Effect("lock"),
    ),
    Drill("mysql-deadlocks", "the locks of a commit taken in the other order", database.deadlocks, GOES_ON),
    Drill(
        "mysql-read-only",
        "MySQL read-only for 20 s",
        database.with_setting("super_read_only", "ON", "OFF; SET GLOBAL read_only = OFF"),
        Effect("does not reach MySQL|read.only"),
        seconds=20,
    ),
    Drill(
        "mysql-no-local-infile",
        "LOAD DATA LOCAL switched off",
        database.with_setting("local_infile", "OFF", "ON"),
        Effect("[Ll]ocal"),
        seconds=10,
    ),
    # The network
    Drill(
        "cut-spark-mysql",
        "no packet between spark and mysql for 30 s",
        network.cut("spark", "mysql"),
        Effect("does not reach MySQL"),
        seconds=30,
    ),
    Drill(
        "cut-spark-kafka",
        "no packet between spark and kafka for 30 s",
        network.cut("spark", "kafka"),
        Effect("Kafka|waiting"),
        seconds=30,
    ),
    Drill(
        "cut-kafka-mysql",
        "no packet between kafka and mysql for 30 s",
        network.cut("kafka", "mysql"),
        GOES_ON,
        seconds=30,
    ),
    Drill(
        "cut-superset-mysql",
        "no packet between superset and mysql for 30 s",
        network.cut("superset", "mysql"),
        GOES_ON,
        seconds=30,
    ),
    Drill(
        "slow-spark",
        "two megabits a second from spark to all others for 30 s",
        network.slow("spark", "mysql"),
        GOES_ON,
        seconds=30,
    ),
    Drill(
        "slow-kafka",
        "two megabits a second from kafka to all others for 30 s",
        network.slow("kafka", "spark"),
        GOES_ON,
        seconds=30,
    ),
    # Machines
    Drill("reboot-kafka", "the kafka machine restarted", machines.rebooted("kafka")),
    Drill("reboot-spark", "the spark machine restarted", machines.rebooted("spark"), ANEW),
    Drill("reboot-mysql", "the mysql machine restarted", machines.rebooted("mysql")),
    Drill("reboot-superset", "the superset machine restarted", machines.rebooted("superset"), GOES_ON),
    Drill(
        "reboot-all",
        "all four restarted at the same time",
        machines.rebooted("kafka", "mysql", "spark", "superset"),
        ANEW,
    ),
    Drill(
        "hard-stop-all",
        "all four switched off hard, and on again",
        machines.rebooted("kafka", "mysql", "spark", "superset", hard=True),
        ANEW,
    ),
    Drill(
        "lab-held",
        "Kafka, Spark and MySQL held still for four minutes, longer than every time-out",
        services.all_held(
            ("kafka", "kafka"), ("spark", "millrace-stream"), ("spark", "spark-worker"), ("mysql", "mysql")
        ),
        seconds=240,
    ),
    # Clocks
    Drill(
        "clock-forward",
        "the kafka machine's clock an hour forward",
        machines.clock_moved("kafka", "+1 hour"),
        seconds=30,
    ),
    Drill("clock-back", "the kafka machine's clock an hour back", machines.clock_moved("kafka", "-1 hour"), seconds=30),
    # Those who send
    Drill(
        "simulators-killed", "kill -9 of every producer of the load, three times", senders.simulators_killed, GOES_ON
    ),
    Drill(
        "send-killed",
        "kill -9 of `make send` in the midst of a file, then the same again",
        senders.send_killed,
        GOES_ON,
    ),
    Drill("two-send-one-file", "two `make send` of one file at the same time", senders.two_send_one_file, GOES_ON),
    Drill(
        "versions",
        "versions of a file in any order, replaced and beside each other",
        senders.versions_in_any_order,
        GOES_ON,
    ),
    Drill(
        "hostile-records",
        "100,000 records of wrong types, sizes, depths, names, numbers and bytes, each with what must become of it",
        hostile.records,
        GOES_ON,
    ),
    # Superset
    Drill(
        "superset-cache-full",
        "the disk of Superset's cache filled to the last byte",
        disks.full("superset", "superset", "/var/lib/superset/cache"),
        GOES_ON,
    ),
    Drill("superset-killed", "kill -9 of Superset", services.killed("superset", "superset"), GOES_ON),
)

# What loses records or changes their topic is told for a day; machines, disks and the hundred thousand take longer than
# two minutes.
NOT_IN_SOAK = {
    *("broker-cut-back", "retention-passed", "topic-made-anew", "hostile-records", "clock-forward", "clock-back"),
    *("partition-added", "broker-disk-full", "mysql-disk-full", "superset-cache-full", "lab-held"),
    *("reboot-kafka", "reboot-spark", "reboot-mysql", "reboot-superset", "reboot-all", "hard-stop-all"),
}
DRILLS = (
    *SHORT,
    Drill(
        "backup-restored",
        "a backup while records flow, more records, and the lab set back to it",
        lab_state.restored,
        Effect("was made anew"),
        by_name=True,
    ),
    Drill(
        "soak",
        "30 minutes at 1,000 events/s, another drill every two minutes, and the memory of all four stays flat",
        soak.of([drill for drill in SHORT if drill.name not in NOT_IN_SOAK]),
        by_name=True,
    ),
)
