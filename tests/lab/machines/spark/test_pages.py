"""What runs on Spark cannot be ended from a web page: no job, no application, no worker."""

import json
from collections.abc import Sequence

import httpx
import pytest

from instruments.tools import Warehouse, run_python, wait_until
from lab.doctor.service_probes import master
from lab.host import remote
from lab.observe.services import STREAM_UNIT
from millrace.settings import Lab
from tests.lab.machines.spark.spark_machine import SECONDS, master_page, of_the_master, of_the_stream

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
CLOSED = {"spark.ui.killEnabled": "false", "spark.master.ui.decommission.allow.mode": "DENY"}
EPOCH = f"SELECT epoch FROM pipeline_app WHERE app = '{STREAM_UNIT}'"
LEASE = f"SELECT lease_until FROM pipeline_app WHERE app = '{STREAM_UNIT}'"
NOBODY = ("app-0", "nobodys")
"""An application and the host of a worker, of which there are none."""
DONE, GONE, NO_PAGE, DENIED = 302, 404, 405, 403
"""How a page answers: it has ended that; there was none; nothing is to be posted there; not for you."""
# A master of a person's own, which nobody but its own machine reaches: prints how its page answers.
OWN_MASTER = r"""
import http.client, json, os, re, subprocess, sys, tempfile
properties, posts = json.load(sys.stdin)
with open("/etc/spark/environment") as lines:
    settings = dict(line.rstrip().split("=", 1) for line in lines if "=" in line)
with tempfile.NamedTemporaryFile("w") as conf:
    conf.writelines(f"{name} {value}\n" for name, value in properties.items())
    conf.flush()
    where = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0", "--properties-file", conf.name]
    start = ["timeout", "100", "/opt/spark/bin/spark-class", "org.apache.spark.deploy.master.Master", *where]
    environment = {**os.environ, **settings, "SPARK_LOCAL_IP": "127.0.0.1"}
    with subprocess.Popen(start, env=environment, stderr=subprocess.PIPE, text=True) as own:
        said = map(re.compile(r"MasterWebUI.* started at .*:(\d+)$").search, own.stderr)
        port = next(int(found[1]) for found in said if found)
        answers = []
        for path in posts:
            page = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            page.request("POST", path)
            answers.append(page.getresponse().status)
            page.close()
        own.terminate()
print(json.dumps(answers))
"""


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


def ending(app: str, host: str) -> list[str]:
    """What would end an application, and the workers of a host, where it is posted to a master's page."""
    return [f"/app/kill/?id={app}&terminate=true", f"/workers/kill/?host={host}"]


@pytest.mark.parametrize(
    ("properties", "answers"), [({}, [DONE, GONE]), (CLOSED, [NO_PAGE, DENIED])], ids=["open", "closed"]
)
def test_a_masters_page_ends_nothing_where_its_properties_say_so(
    lab: Lab, properties: dict[str, str], answers: list[int]
) -> None:
    """No master has the page for workers unless it is told so, and then it is for its own machine: so it is here."""
    given = [properties | {"spark.decommission.enabled": "true"}, ending(*NOBODY)]
    assert json.loads(run_python("spark", OWN_MASTER, given, timeout=SECONDS + 60)) == answers


def test_nothing_can_be_ended_from_the_masters_page(lab: Lab, mysql: Warehouse) -> None:
    assert of_the_master(lab).items() >= CLOSED.items()
    # First what there is none of: a page that would end things is noticed before it ends any.
    assert refusals(lab, *NOBODY) == [NO_PAGE, NO_PAGE]
    app, host, before = stream_on(lab), worker_of(lab), mysql.one(EPOCH)
    assert refusals(lab, app, host) == [NO_PAGE, NO_PAGE]
    wait_for_renewal(mysql)
    wait_for_renewal(mysql)
    assert (stream_on(lab), worker_of(lab), mysql.one(EPOCH)) == (app, host, before)


def wait_for_renewal(mysql: Warehouse) -> None:
    """Until the application has renewed its lease: it goes on."""
    until = mysql.one(LEASE)
    wait_until(lambda: bool(mysql.one(LEASE) > until), "the application renews its lease")


def refusals(lab: Lab, app: str, host: str) -> list[int]:
    """How the lab's master answers who would end these."""
    return [httpx.post(master_page(lab) + path, timeout=30).status_code for path in ending(app, host)]


def stream_on(lab: Lab) -> str:
    """The streaming application's id, by the master that has it run."""
    apps = master(lab.address("spark"))["activeapps"]
    (found,) = (app["id"] for app in apps if (app["name"], app["state"]) == (STREAM_UNIT, "RUNNING"))
    return str(found)


def worker_of(lab: Lab) -> str:
    """The host of the one worker that lives."""
    (found,) = (worker["host"] for worker in master(lab.address("spark"))["workers"] if worker["state"] == "ALIVE")
    return str(found)
