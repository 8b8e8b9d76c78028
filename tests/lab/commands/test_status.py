"""`make status`, `make quarantine`, `make logs` and `make login` on the running lab."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from instruments.own_feed import FEED, line, write_file
from instruments.tools import Warehouse, millrace, run_send
from lab.host import remote
from lab.location import state_folder
from lab.observe.access import secret
from lab.observe.client_files import CLIENT_FILES
from lab.observe.machines import WARN_SECONDS
from lab.observe.services import MACHINES, SERVICES, superset_url
from millrace.settings import Lab
from millrace.waiting import ask_until

SECONDS = 300
"""More than it ever takes until what other tests have stopped runs again, and what they sent has been loaded."""


def status() -> dict[str, Any]:
    """What the command tells a script, once all is well; or at the deadline."""

    def is_well(found: dict[str, Any]) -> bool:
        return bool(found["ok"]) and all(feed["state"] == "running" for feed in found["feeds"])

    found = ask_until(lambda: orjson.loads(millrace("status", "--json").out), is_well, seconds=SECONDS)
    assert is_well(found), found["problems"] or found["feeds"]
    return dict(found)


def test_status_tells_that_all_is_well(lab: Lab) -> None:
    run = ask_until(lambda: millrace("status"), lambda run: run.code == 0, seconds=SECONDS)
    assert run.code == 0, run.out + run.err
    assert "Everything runs." in run.out
    assert "\x1b" not in run.out, "no colours where nobody looks at a terminal"


def test_status_as_json_has_machines_services_feeds_and_dashboards(lab: Lab) -> None:
    found = status()
    assert found["problems"] == []
    assert {machine["machine"] for machine in found["machines"] if machine["up"]} == set(MACHINES)
    heard = {service.unit for service in SERVICES if service.port} | {"millrace-stream"}
    assert {service["service"] for service in found["services"] if service["up"]} == heard
    assert [feed["feed"] for feed in found["feeds"]] == list(lab.feeds)
    assert all(address.startswith("http://") for address in found["dashboards"].values())


def test_status_tells_disk_memory_and_clock_of_each_machine(lab: Lab) -> None:
    machines = {one["machine"]: one["facts"] for one in status()["machines"]}
    assert machines.keys() == set(MACHINES)
    for machine, facts in machines.items():
        used, free = remote.run(machine, "df --block-size=1 --output=used,avail / | tail -1").split()
        assert abs(facts["disk_size"] - int(used) - int(free)) < 2**30, "what is written meanwhile"
        assert 0 < facts["memory_used"] < facts["memory_size"] <= lab.machines[machine].memory * 2**20
        assert (facts["failed"], facts["stopped"]) == ([], [])
        assert abs(facts["clock_ahead"]) < WARN_SECONDS


def test_status_rows_are_the_tables_rows(lab: Lab, mysql: Warehouse) -> None:
    still = set(lab.feeds) - {"insurance_plan", *lab.simulators, *lab.pollers}
    assert still

    def counted() -> dict[str, int]:
        return {feed: mysql.one(f"SELECT COUNT(*) FROM v_{feed}") for feed in still}

    def between() -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        """The tables' rows before the command, those that it tells, and the tables' after it."""
        return counted(), {feed["feed"]: feed["rows"] for feed in status()["feeds"] if feed["feed"] in still}, counted()

    before, rows, after = ask_until(between, lambda found: found[0] == found[2], seconds=SECONDS)
    assert before == after, "others send all the time"
    assert rows == after


@pytest.mark.usefixtures("parcel")
def test_quarantine_shows_column_value_and_reason(lab: Lab, tmp_path: Path, nonce: str) -> None:
    file = write_file(tmp_path, nonce, line(Sender=nonce))
    sent = run_send(FEED, file)
    assert sent.code == 0, sent.err
    assert f"See why: make quarantine FEED={FEED}" in sent.out

    shown = millrace("quarantine", "--feed", FEED)
    assert shown.code == 0
    row = next(row for row in shown.out.splitlines() if nonce in row)
    assert " ".join(row.split()).endswith(f"sender {nonce} is not a whole number")
    document = orjson.loads(millrace("quarantine", "--feed", FEED, "--json").out)
    refused = next(each for each in document["records"] if each["reasons"][0]["value"] == nonce)
    assert refused["reasons"] == [{"column": "sender", "value": nonce, "reason": "is not a whole number"}]
    assert nonce in refused["raw"]


def test_quarantine_of_an_unknown_feed_is_refused(lab: Lab) -> None:
    run = millrace("quarantine", "--feed", "insurance_rat")
    assert (run.code, run.err) == (1, "✗ There is no feed 'insurance_rat'; did you mean insurance_rate?\n")


@pytest.mark.parametrize("service", [service.unit for service in SERVICES])
def test_logs_print_a_services_journal(lab: Lab, service: str) -> None:
    run = millrace("logs", "--service", service, "--lines", "5")
    assert run.code == 0, run.err
    assert 0 < len(run.out.splitlines()) <= 6
    assert "-- No entries --" not in run.out


def test_logs_of_everything_have_every_machine_also_where_a_kind_of_service_never_ran(lab: Lab) -> None:
    run = millrace("logs")
    assert run.code == 0, run.err
    pages = re.split(r"^── (\w+) ──$", run.out, flags=re.M)
    assert tuple(pages[1::2]) == MACHINES
    assert all(page.strip() for page in pages[2::2])


def test_logs_name_the_services_there_are(lab: Lab) -> None:
    run = millrace("logs", "--service", "kafkaa")
    assert run.code == 1
    assert run.err.startswith("✗ There is no service 'kafkaa': the lab has kafka, millrace-metrics, mysql, ")


def test_login_shows_users_and_passwords(lab: Lab) -> None:
    run = millrace("login")
    assert run.code == 0
    for user in ("admin", "viewer"):
        assert secret(f"superset_{user}_password") in run.out
    assert f"{superset_url(lab)}/" in run.out
    assert secret("kafka_person_password") in run.out
    assert secret("mysql_reader_password") in run.out
    assert secret("kafka_admin_password") not in run.out
    for name in CLIENT_FILES:
        file = state_folder() / name
        assert file.stat().st_mode & 0o777 == 0o600
        assert secret("kafka_person_password") in file.read_text()
