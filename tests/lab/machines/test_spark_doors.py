"""Who may run code on Spark: the streaming application on the cluster, a person in a process of their own."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from instruments.tools import Warehouse, wait_until
from lab.host import remote
from lab.observe.access import secret
from lab.observe.services import APPLICATION_PORT
from millrace.kafka_account import PEOPLES
from millrace.settings import Lab
from tests.lab.journals import journal, machine_time

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
# Asks its own page to end what it runs, then lets that end by itself. Spark hears of one thing after the other: once a
# second job has run, it has heard of the end of the first.
KILLED = """
import os, sys, threading, time, urllib.request
from pyspark.sql import SparkSession
context = SparkSession.builder.getOrCreate().sparkContext
end, *kinds = sys.argv[1:]
ended = []
def wait(_):
    while not os.path.exists(end):
        time.sleep(0.1)
def run():
    try:
        context.parallelize([1], 1).foreach(wait)
        ended.append("finished")
    except Exception:
        ended.append("killed")
job = threading.Thread(target=run)
job.start()
while not context.statusTracker().getActiveStageIds():
    time.sleep(0.1)
for kind in kinds:
    urllib.request.urlopen(f"{context.uiWebUrl}/{kind}/kill/?id=0&terminate=true", data=b"")
context.parallelize([1], 1).count()
open(end, "w").close()
job.join()
print("was", *ended)
"""
KINDS = ("jobs/job", "stages/stage")
"""What a page of an application would end, one by one."""
ASKED = """thing="{thing}"
sudo test -e "$thing" || exit 9
sudo setpriv {options} sh -c '[ -r "$0" ] || [ -w "$0" ]' "$thing" && echo open || echo closed
"""
# The notebooks' account comes with JupyterLab. Where that was never asked for, one that has no more than it would.
PEOPLE = {
    "vagrant": "--reuid=vagrant --regid=vagrant --init-groups",
    "notebook": "$(id notebook > /dev/null 2>&1 && echo --reuid=notebook --regid=notebook --init-groups"
    " || echo --reuid=nobody --regid=nogroup --groups=people)",
}
SECONDS = 120


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
@pytest.mark.parametrize(
    "thing",
    [
        "/etc/millrace/millrace-stream.env",
        "/run/credentials/millrace-stream.service/millrace-stream.env",
        "/proc/$(systemctl show --property=MainPID --value millrace-stream.service)/environ",
        "/var/lib/millrace/.",
        "/var/lib/spark/scratch/.",
    ],
)
def test_what_is_the_streams_is_closed_to_people(lab: Lab, who: str, thing: str) -> None:
    assert asked(who, thing) == "closed"


@pytest.mark.parametrize("who", PEOPLE)
def test_what_is_peoples_is_open_to_them(lab: Lab, who: str) -> None:
    assert asked(who, str(PEOPLES)) == "open"


def asked(who: str, thing: str) -> str:
    """Whether they may read or write it."""
    return remote.run("spark", ASKED.format(options=PEOPLE[who], thing=thing)).strip()


def of_the_stream(lab: Lab, what: str) -> Any:
    """What the streaming application's page tells."""
    api = f"http://{lab.address('spark')}:{APPLICATION_PORT}/api/v1/applications"
    (app,) = httpx.get(api, timeout=30).raise_for_status().json()
    return httpx.get(f"{api}/{app['id']}/{what}", timeout=30).raise_for_status().json()


def test_the_parts_of_the_cluster_encrypt_what_they_say(lab: Lab) -> None:
    found = dict(of_the_stream(lab, "environment")["sparkProperties"])
    assert (found["spark.authenticate"], found["spark.network.crypto.enabled"]) == ("true", "true")


@pytest.mark.parametrize(
    ("options", "kinds", "becomes"),
    [("", KINDS, "finished"), *(("--conf spark.ui.killEnabled=true", [kind], "killed") for kind in KINDS)],
)
def test_a_job_cannot_be_ended_from_its_page(lab: Lab, options: str, kinds: Sequence[str], becomes: str) -> None:
    script = f"""cat > /tmp/killed.py <<'END'
{KILLED}
END
folder=$(mktemp -d)
timeout {SECONDS} spark-submit --master "local[2]" {options} /tmp/killed.py "$folder/end" {" ".join(kinds)} 2>&1
rm -r "$folder"
"""
    assert f"was {becomes}" in remote.run("spark", script, timeout=SECONDS + 60).splitlines()


def test_nothing_of_the_streams_can_be_ended_from_its_page(lab: Lab) -> None:
    """What the property does, test_a_job_cannot_be_ended_from_its_page tries, with it and without."""
    assert dict(of_the_stream(lab, "environment")["sparkProperties"])["spark.ui.killEnabled"] == "false"


def test_nothing_can_be_ended_from_the_masters_page(lab: Lab, mysql: Warehouse) -> None:
    master = f"http://{lab.address('spark')}:8080"
    (app,) = httpx.get(f"{master}/json/", timeout=20).raise_for_status().json()["activeapps"]
    epoch = "SELECT MAX(epoch) FROM pipeline_app"
    before = mysql.one(epoch)
    httpx.post(f"{master}/app/kill/", params={"id": app["id"], "terminate": "true"}, timeout=20)
    (still,) = httpx.get(f"{master}/json/", timeout=20).raise_for_status().json()["activeapps"]
    assert (still["id"], still["state"], mysql.one(epoch)) == (app["id"], "RUNNING", before)
