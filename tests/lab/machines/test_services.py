"""What systemd says of every service: it runs, it starts at boot, it comes back, it is bounded, it is not root's."""

import pytest

from instruments.tools import wait_until
from lab.host import remote
from lab.observe.services import MACHINES, SERVICES, Service
from millrace.errors import Refused
from millrace.settings import Lab
from tests.unit.vagrant.test_secrets import OWN

# How many processes of each unit the kernel has ended for want of memory, as control groups of either version count it.
STARVED = (
    "grep -rsE --include=memory.oom_control --include=memory.events '^oom_kill [0-9]'"
    " /sys/fs/cgroup/memory/system.slice /sys/fs/cgroup/system.slice || true"
)

# Runs on the kafka machine: every class of the tools' table, looked for in the jars.
MISSING_CLASSES = """
import pathlib, zipfile
found = {name for jar in pathlib.Path("/opt/kafka/jars").glob("*.jar") for name in zipfile.ZipFile(jar).namelist()}
rows = [line.split("\\t") for line in pathlib.Path("/opt/kafka/tools.tsv").read_text().splitlines()]
print(len(rows), *[row[1] for row in rows if row[1].replace(".", "/") + ".class" not in found])
"""

# Prints what the producer says, up to the broker's answer: it would ask again for a minute.
MISTYPED = """
coproc producer { exec timeout 240 kafka-console-producer.sh --topic insurance_rates 2>&1; }
echo x >&${producer[1]}
sed '/UNKNOWN_TOPIC_OR_PARTITION/q' <&${producer[0]}
kill $producer_PID 2> /dev/null || true
"""


def properties(service: Service) -> dict[str, str]:
    """What systemd knows of a unit."""
    names = "ActiveState,SubState,UnitFileState,Restart,MemoryMax,User,StandardOutput"
    shown = remote.run(service.machine, ["systemctl", "show", f"{service.unit}.service", f"--property={names}"])
    return dict(line.split("=", 1) for line in shown.splitlines())


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.unit)
def test_service_runs_starts_at_boot_and_is_bounded(lab: Lab, service: Service) -> None:
    found = properties(service)
    assert found["ActiveState"] == "active"
    assert found["UnitFileState"] == "enabled"
    assert found["Restart"] in {"always", "on-failure"}
    assert found["MemoryMax"].isdigit(), "no memory limit"
    assert found["StandardOutput"] == "journal"
    assert found["User"] not in {"", "root"}


@pytest.mark.parametrize("machine", MACHINES)
def test_no_unit_stays_failed(lab: Lab, machine: str) -> None:
    """Tests beside these make some fail, which come back."""
    failed = ["systemctl", "list-units", "--failed", "--no-legend", "--plain"]
    wait_until(lambda: not remote.run(machine, failed), f"no unit of {machine} is failed")


@pytest.mark.parametrize("machine", MACHINES)
def test_no_unit_has_run_out_of_memory(lab: Lab, machine: str) -> None:
    counts = remote.run(machine, STARVED).splitlines()
    assert counts, "nobody counts"
    assert [line for line in counts if not line.endswith(" 0")] == []


@pytest.mark.parametrize("machine", MACHINES)
def test_machine_has_its_own_passwords_and_no_others(lab: Lab, machine: str) -> None:
    text = remote.run(machine, ["sudo", "cat", "/etc/millrace/secrets.yml"])
    assert {line.split(":")[0] for line in text.splitlines() if ":" in line} == OWN[machine]


@pytest.mark.parametrize("machine", MACHINES)
def test_passwords_are_closed_to_everyone_else(lab: Lab, machine: str) -> None:
    files = "/etc/millrace/secrets.yml /etc/millrace/*.env"
    for file in remote.run(machine, f"sudo sh -c 'ls {files}'").split():
        for reader in ("cat", "sudo -u nobody cat"):
            with pytest.raises(Refused, match="Permission denied"):
                remote.run(machine, f"{reader} {file}")


def test_who_logs_in_to_mysql_reads_and_changes_nothing(lab: Lab) -> None:
    found = remote.run("mysql", ["mysql", "millrace", "-Ne", "SELECT feed FROM v_feed_health"])
    assert set(lab.feeds) <= set(found.split())
    with pytest.raises(Refused, match=r"1142|denied"):
        remote.run("mysql", ["mysql", "millrace", "-e", "DELETE FROM quarantine LIMIT 1"])


def test_every_kafka_tool_has_its_class(lab: Lab) -> None:
    count, *missing = remote.run("kafka", ["python3", "-P", "-c", MISSING_CLASSES]).split()
    assert int(count) > 20
    assert missing == []


def test_kafka_tools_name_the_lab_broker_themselves(lab: Lab) -> None:
    assert set(lab.feeds) <= set(remote.run("kafka", ["kafka-topics.sh", "--list"]).split())
    assert "Cluster ID:" in remote.run("kafka", ["kafka-cluster.sh", "cluster-id"])


def test_mistyped_topic_is_an_error_and_no_new_topic(lab: Lab) -> None:
    assert "insurance_rates=UNKNOWN_TOPIC_OR_PARTITION" in remote.run("kafka", MISTYPED, timeout=300)
    assert "insurance_rates" not in remote.run("kafka", ["kafka-topics.sh", "--list"]).split()


@pytest.mark.parametrize(
    ("machine", "command", "answer"),
    [
        ("spark", "spark-submit --version", "version 4.2.0"),
        ("spark", "pyspark --version", "version 4.2.0"),
        ("mysql", "mysql --version", "9.7"),
        ("superset", "superset version", "6.1.0"),
        ("kafka", "millrace --help", "Usage:"),
    ],
)
def test_usual_tools_are_on_the_path(lab: Lab, machine: str, command: str, answer: str) -> None:
    assert answer in remote.run(machine, f"{command} 2>&1", timeout=120)
