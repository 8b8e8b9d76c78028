"""Who may run code on Spark: the streaming application on the cluster, a person in a process of their own."""

import re

import pytest

from instruments.tools import wait_until
from lab.host import remote
from lab.observe.access import secret
from millrace.kafka_account import PEOPLES
from millrace.settings import Lab
from tests.lab.journals import journal, machine_time
from tests.lab.machines.spark.spark_machine import (
    AS_WHOM,
    NOTEBOOKS_ACCOUNT,
    OF_THE_STREAM,
    SECONDS,
    access_of,
    of_the_master,
    of_the_stream,
)

CONF = "/etc/spark/cluster.conf"
PROGRAM = f"""
import getpass
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
try:
    found = open("{CONF}").read()
except PermissionError:
    found = "not readable"
print("ran on", spark.sparkContext.master, "as", getpass.getuser(), found, spark.range(10).count())
"""
REFUSED = "Failed to connect to master"
PLAINLY = "spark.authenticate=false --conf spark.network.crypto.enabled=false"
# A driver that waits to be spoken to, and one that asks it for its heartbeats' receiver, as an executor does first.
DRIVER = """
import time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("listens at", spark.conf.get("spark.driver.port"), flush=True)
time.sleep(100)
"""
STRANGER = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
jvm = spark._jvm
there = jvm.org.apache.spark.rpc.RpcAddress(sys.argv[1], int(sys.argv[2]))
try:
    print("reached", jvm.org.apache.spark.SparkEnv.get().rpcEnv().setupEndpointRef(there, "HeartbeatReceiver"))
except Exception as error:
    print("refused", type(error).__name__)
"""
ENCRYPTING = {"spark.authenticate": "true", "spark.network.crypto.enabled": "true"}
WORKER = f"""
shown() {{ systemctl show --value --property="$1" spark-worker.service; }}
tr '\\0' ' ' < "/proc/$(shown MainPID)/cmdline"; echo
date --date="$(shown ExecMainStartTimestamp)" +%s
stat --format=%Y {CONF}
sudo grep --extended-regexp '^spark[.](authenticate|network[.]crypto[.]enabled) ' {CONF}
"""
# The notebooks' own account comes with JupyterLab: commands/test_notebooks.py tries it where that is.
PEOPLE = [who for who in AS_WHOM if who != NOTEBOOKS_ACCOUNT]


def submit(*options: str, until: str = "ran on") -> str:
    """What a person's program prints on the spark machine, to the line with `until`; then it is ended."""
    words = " ".join(options)
    script = f"""cat > /tmp/door.py <<'END'
{PROGRAM}
END
coproc program {{ exec timeout {SECONDS} spark-submit {words} /tmp/door.py 2>&1; }}
sed '/{until}/q' <&${{program[0]}}
kill $program_PID 2> /dev/null || true
"""
    return remote.run("spark", script, timeout=SECONDS + 60)


def test_a_persons_program_runs_as_that_person(lab: Lab) -> None:
    assert "ran on local[1] as vagrant not readable 10" in submit()


def test_who_does_not_know_the_secret_runs_nothing_on_the_cluster(lab: Lab) -> None:
    began = machine_time("spark")
    said = submit("--master", f"spark://{lab.address('spark')}:7077", "--conf", PLAINLY, until=REFUSED)
    assert "ran on" not in said
    assert REFUSED in said
    wait_until(lambda: "SaslMessage" in journal("spark", "spark-master", began), "the master has refused it")
    assert "Registered app" not in journal("spark", "spark-master", began)


@pytest.mark.parametrize(("victim", "becomes"), [("", "refused"), (f"--conf {PLAINLY}", "reached")])
def test_a_driver_speaks_to_no_stranger(lab: Lab, victim: str, becomes: str) -> None:
    script = f"""cat > /tmp/driver.py <<'END'
{DRIVER}
END
cat > /tmp/stranger.py <<'END'
{STRANGER}
END
coproc driver {{ exec timeout {SECONDS} spark-submit {victim} --conf spark.ui.enabled=false /tmp/driver.py 2>&1; }}
port=$(sed -n '/^listens at/{{s/.* //;p;q}}' <&${{driver[0]}})
timeout {SECONDS} spark-submit --conf {PLAINLY} --conf spark.ui.enabled=false --conf spark.rpc.lookupTimeout=20s \
  /tmp/stranger.py {lab.address("spark")} "$port" 2>&1 || true
kill $driver_PID 2> /dev/null || true
"""
    said = remote.run("spark", script, timeout=SECONDS + 60)
    assert [line.split()[0] for line in said.splitlines() if line.startswith(("reached", "refused"))] == [becomes]


def test_the_secret_is_the_services_alone(lab: Lab) -> None:
    assert remote.run("spark", f"sudo stat --format '%a %U %G' {CONF}").split() == ["640", "root", "spark"]
    word = secret("spark_secret")
    seen = remote.run(
        "spark", ["sudo", "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '; journalctl --boot"], timeout=120
    )
    assert word not in seen


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("thing", OF_THE_STREAM)
def test_what_is_the_streams_is_closed_to_people(lab: Lab, who: str, thing: str) -> None:
    assert access_of(who, thing) == "closed"


@pytest.mark.parametrize("who", PEOPLE)
def test_what_is_peoples_is_open_to_them(lab: Lab, who: str) -> None:
    assert access_of(who, str(PEOPLES)) == "open"


def test_driver_and_master_run_with_what_encrypts(lab: Lab) -> None:
    """By what they say themselves."""
    assert dict(of_the_stream(lab, "environment")["sparkProperties"]).items() >= ENCRYPTING.items()
    assert of_the_master(lab).items() >= ENCRYPTING.items()


def test_the_worker_was_started_with_what_encrypts(lab: Lab) -> None:
    """It has no page that says so: by the file that its process names, which is older than the process."""
    arguments, began, changed, *lines = remote.run("spark", WORKER).splitlines()
    assert f" --properties-file {CONF} " in arguments
    assert not re.search(r"-Dspark\.(authenticate|network)", arguments), "what would count before the file"
    assert int(changed) <= int(began)
    assert dict(line.split() for line in lines) == ENCRYPTING
