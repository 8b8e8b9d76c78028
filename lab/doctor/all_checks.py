"""The table of checks. What is fatal keeps the lab from working, the rest is a warning."""

from lab.doctor import host_probes as host
from lab.doctor import machine_probes as machine
from lab.doctor import pipeline_probes as pipeline
from lab.doctor import service_probes as service
from lab.doctor.examination import Check

HOST, MACHINES, SERVICES, PIPELINE = "Host", "Machines", "Services", "Pipeline"
WARN, FATAL = False, True

CHECKS = (
    Check(HOST, "lab.yml and lab.local.yml are valid", host.settings_that_are_wrong, "mend that line", FATAL),
    Check(HOST, "provider, memory, disk and subnet will do", host.what_preflight_refuses, "as it says", FATAL),
    Check(HOST, "every box is built", host.boxes_to_build, "make boxes", WARN),
    Check(HOST, "the commands' packages are current", host.packages_of_another_time, "make up", WARN),
    Check(HOST, "its disk is below 80 %", host.disk_that_fills, "make room on this host", WARN),
    Check(HOST, "it reaches the lab's network", host.no_way_to_the_machines, "make up makes the network", FATAL),
    Check(HOST, "passwords are closed to others", host.open_secrets, "chmod go= that file", FATAL),
    Check(HOST, "machines fit this checkout", host.machines_that_are_behind, "make up", WARN),
    Check(MACHINES, "each answers", machine.silent_machines, "make up", FATAL),
    Check(MACHINES, "each tells how it is", machine.machines_without_facts, "make up provisions it", WARN),
    Check(MACHINES, "no disk is full", machine.full_disks, "docs/troubleshooting.md, no space left", FATAL),
    Check(MACHINES, "disks are below 80 %", machine.filling_disks, "docs/troubleshooting.md, no space left", WARN),
    Check(
        MACHINES,
        "disks are as large as lab.yml says",
        machine.disks_smaller_than_declared,
        "less `disk` in lab.local.yml, then make up; or a larger disk",
        WARN,
    ),
    Check(MACHINES, "memory is below 80 %", machine.filling_memory, "more `memory` in lab.local.yml", WARN),
    Check(MACHINES, "clocks are right", machine.wrong_clocks, "vagrant ssh … -c timedatectl", WARN),
    Check(MACHINES, "no unit or timer has failed", machine.failed_units, "make logs MACHINE=…", FATAL),
    Check(MACHINES, "no unit or timer is stopped", machine.stopped_units, "sudo systemctl start … there", WARN),
    Check(SERVICES, "each answers", service.silent_services, "make logs SERVICE=…", FATAL),
    Check(SERVICES, "every feed has its topic", service.missing_topics, "make up makes it", FATAL),
    Check(
        SERVICES,
        "topics are as contracts ask",
        service.topics_of_another_kind,
        "kafka-configs.sh --alter on the kafka machine, or the contract",
        WARN,
    ),
    Check(SERVICES, "Kafka lets accounts in", service.accounts_kafka_refuses, "vagrant provision kafka", FATAL),
    Check(SERVICES, "MySQL takes files", service.files_that_mysql_refuses, "vagrant provision mysql", FATAL),
    Check(SERVICES, "MySQL lets accounts in", service.accounts_that_are_closed, "vagrant provision mysql", FATAL),
    Check(SERVICES, "the schema is this release's", service.schema_that_is_behind, "make up", FATAL),
    Check(SERVICES, "Spark has who works", service.spark_without_hands, "make logs SERVICE=spark-worker", FATAL),
    Check(PIPELINE, "the ledger can be read", pipeline.unreadable_ledger, "make logs SERVICE=mysql", FATAL),
    Check(PIPELINE, "every feed runs", pipeline.feeds_that_do_not_run, "make logs SERVICE=millrace-stream", FATAL),
    Check(PIPELINE, "nothing waits for a person", pipeline.what_waits_for_a_person, "as it says", FATAL),
    Check(PIPELINE, "tables fit their contracts", pipeline.contracts_that_differ, "make up", WARN),
    Check(PIPELINE, "no load hangs", pipeline.loads_that_hang, "make logs SERVICE=millrace-stream", WARN),
    Check(PIPELINE, "nothing was refused lately", pipeline.growing_quarantine, "make quarantine FEED=…", WARN),
    Check(PIPELINE, "records need a seal", pipeline.seals_not_required, "make logs SERVICE=millrace-seals", WARN),
    Check(PIPELINE, "batch jobs end well", pipeline.jobs_that_failed, "make logs SERVICE=millrace-batch-…", WARN),
)
"""In the order in which one is the other's reason."""
