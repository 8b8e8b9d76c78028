"""A JVM that crashes leaves a report of itself: no secret stands in it, and the lab comes back by itself."""

import pytest
import yaml

from instruments.tools import wait_until
from lab.host import remote
from lab.location import state_folder
from millrace.settings import Lab
from tests.faults.all_feeds.test_boot_order import problems
from tests.lab.journals import journal, machine_time
from tests.lab.secret_search import names_in, words

JVMS = {
    "broker": ("kafka", "kafka.Kafka ", "kafka"),
    "master": ("spark", "deploy.master.Master ", "spark-master"),
    "worker": ("spark", "deploy.worker.Worker ", "spark-worker"),
    "executor": ("spark", "CoarseGrainedExecutorBackend ", "spark-worker"),
    "stream": ("spark", "deploy.SparkSubmit .*spark/app/stream.py", "millrace-stream"),
}
"""By name: the machine, what of its arguments tells it from others, and the unit that it belongs to."""
FIND = """
found() {{
    for pid in $(pgrep -x java); do
        tr '\\0' ' ' < /proc/$pid/cmdline | grep -q '{of}' && echo $pid && return
    done
}}
for _ in $(seq 120); do pid=$(found); [ -n "$pid" ] && break; sleep 0.5; done
echo $pid
"""
# The report lies where the process ran; a process that is writing one is still there.
CRASH = """
name=$(tr '\\0' '\\n' < /proc/{pid}/cmdline | sed -n 's/^-XX:ErrorFile=//p' | tail -1)
report=$(sudo readlink /proc/{pid}/cwd)/${{name:-hs_err_pid{pid}.log}}
sudo kill -SEGV {pid}
for _ in $(seq 60); do [ -d /proc/{pid} ] || break; sleep 0.5; done
sudo cat "$report" && sudo rm "$report"
"""


@pytest.mark.full
@pytest.mark.parametrize("name", JVMS)
def test_no_secret_stands_in_the_report(lab: Lab, name: str) -> None:
    machine, of, unit = JVMS[name]
    known, since = problems(), machine_time(machine)
    pid = remote.run(machine, FIND.format(of=of), timeout=120).strip()
    report = remote.run(machine, CRASH.format(pid=pid), timeout=120)
    assert "SIGSEGV" in report and "Environment Variables:" in report, report[:2000]
    secrets = words(yaml.safe_load((state_folder() / "secrets.yml").read_text(encoding="utf-8")))
    # Spark hands its executors the cluster's secret in their environment, of which a report names other words alone.
    assert names_in(report.encode(), secrets) == []
    assert names_in(journal(machine, unit, since).encode(), secrets) == []
    assert remote.run(machine, FIND.format(of=of), timeout=120).strip() not in {"", pid}, "it does not come back"
    wait_until(lambda: not problems() - known, "`make status` finds nothing wrong but what it did before", 120)
