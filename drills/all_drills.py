"""Every drill: its name, what is done, by which act, and what must be seen of it beside sums that add up."""

from drills.acts import contracts, disks, hostile, lab_state, machines, network, senders, services, soak
from drills.drill import ANEW, GOES_ON, Drill, Effect
from drills.service_drills import OF_SERVICES

SHORT = (
    *OF_SERVICES,
    # The network
    Drill(
        "cut-spark-mysql",
        "no packet between spark and mysql for 30 s",
        network.cut("spark", "mysql"),
        Effect("does not reach MySQL", stands_still=True),
        seconds=30,
    ),
    Drill(
        "cut-spark-kafka",
        "no packet between spark and kafka for 30 s",
        network.cut("spark", "kafka"),
        Effect("Kafka does not answer the spark machine", stands_still=True),
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
        screens=True,
    ),
    Drill(
        "cut-superset-kafka",
        "no packet between superset and kafka for 30 s",
        network.cut("superset", "kafka"),
        GOES_ON,
        seconds=30,
    ),
    Drill(
        "cut-superset-spark",
        "no packet between superset and spark for 30 s",
        network.cut("superset", "spark"),
        GOES_ON,
        seconds=30,
    ),
    Drill(
        "slow-spark",
        "two megabits a second from spark to all others for 30 s, 1 % lost",
        network.slow("spark", "mysql"),
        GOES_ON,
        seconds=30,
    ),
    Drill(
        "slow-kafka",
        "two megabits a second from kafka to all others for 30 s, 1 % lost",
        network.slow("kafka", "spark"),
        GOES_ON,
        seconds=30,
    ),
    Drill(
        "slow-mysql",
        "two megabits a second from mysql to all others for 30 s, 1 % lost",
        network.slow("mysql", "spark"),
        GOES_ON,
        seconds=30,
    ),
    Drill(
        "late-network",
        "packets of kafka, spark and mysql come 100 ms late, 1 % are lost, for 30 s",
        network.late("kafka", "spark", "mysql"),
        GOES_ON,
        seconds=30,
    ),
    # Machines
    Drill("reboot-kafka", "the kafka machine restarted", machines.rebooted("kafka")),
    Drill("reboot-spark", "the spark machine restarted", machines.rebooted("spark"), ANEW),
    Drill("reboot-mysql", "the mysql machine restarted", machines.rebooted("mysql")),
    Drill("reboot-superset", "the superset machine restarted", machines.rebooted("superset"), GOES_ON, screens=True),
    Drill(
        "reboot-all",
        "all four restarted at the same time",
        machines.rebooted("kafka", "mysql", "spark", "superset"),
        ANEW,
        screens=True,
    ),
    Drill(
        "hard-stop-all",
        "all four switched off hard, and on again",
        machines.rebooted("kafka", "mysql", "spark", "superset", hard=True),
        ANEW,
        screens=True,
    ),
    Drill(
        "lab-held",
        "Kafka, Spark and MySQL held still for 320 s, longer than anybody waits for what hangs: 300 s",
        services.all_held(
            ("kafka", "kafka"), ("spark", "millrace-stream"), ("spark", "spark-worker"), ("mysql", "mysql")
        ),
        Effect("does not answer", application="starts anew", stands_still=True),
        seconds=320,
    ),
    # Those who send
    Drill(
        "simulators-killed", "kill -9 of every producer of the traffic, three times", senders.simulators_killed, GOES_ON
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
    Drill(
        "beyond-memory",
        "a record of some kilobytes that unpacks to more than an executor's memory",
        hostile.beyond_memory,
        GOES_ON,
    ),
    # Contracts
    Drill("contract-evolved", "a column added to a contract while records are typed", contracts.evolved, GOES_ON),
    Drill("contract-mended", "refused records replayed after their contract was mended", contracts.mended, GOES_ON),
    Drill(
        "contract-older", "a contract changed while a load of the older one is pending", contracts.changed_under_a_load
    ),
    Drill(
        "compacted",
        "a topic from which Kafka has compacted records, unread ones and those loaded last",
        contracts.compacted,
        ANEW,
    ),
    # Superset
    Drill(
        "superset-cache-full",
        "the disk of Superset's cache filled to the last byte",
        disks.full("superset", "superset", "/var/lib/superset/cache", for_screens=True),
        GOES_ON,
    ),
    Drill("superset-killed", "kill -9 of Superset", services.killed("superset", "superset"), GOES_ON, screens=True),
    Drill(
        "spark-clock",
        "the streaming application's clock an hour forward, then an hour back",
        machines.clock_moved("spark", 1, -1),
        seconds=15,
    ),
    Drill("mysql-clock-back", "MySQL's clock an hour back", machines.clock_moved("mysql", -1), seconds=30),
    Drill("mysql-clock-forward", "MySQL's clock an hour forward", machines.clock_moved("mysql", 1), seconds=30),
    # Last: what was sent by a clock that went ahead counts as the newest version of its key for that long.
    Drill("clock-back", "the kafka machine's clock an hour back", machines.clock_moved("kafka", -1), seconds=30),
    Drill("clock-forward", "the kafka machine's clock an hour forward", machines.clock_moved("kafka", 1), seconds=30),
)

# What loses records or changes their topic is told for a day; machines, disks and the hundred thousand take longer than
# two minutes.
NOT_IN_SOAK = {
    *("broker-cut-back", "retention-passed", "topic-made-anew", "hostile-records", "clock-forward", "clock-back"),
    *("spark-clock", "mysql-clock-forward", "mysql-clock-back"),
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
        "30 minutes at 1,000 events/s and a drill every two minutes, 20 without; the memory of all four stays flat",
        soak.of([drill for drill in SHORT if drill.name not in NOT_IN_SOAK]),
        by_name=True,
    ),
)
