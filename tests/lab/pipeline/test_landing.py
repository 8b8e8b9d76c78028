"""Files that people put into a landing folder of the running lab."""

import csv
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator

import orjson
import pytest

from instruments.own_feed import FEED, HEADER, WATCH, record, topic_ends
from instruments.own_feed import LANDING as FOLDER
from instruments.tools import Warehouse, millrace, wait_until
from lab.host import remote
from millrace.settings import Lab
from tests.lab.journals import journal, machine_time
from tests.unit.producer.files.workbooks import xlsx

pytestmark = pytest.mark.usefixtures("parcel")
STUCK = ("folder", "link.csv", "private.csv")


def rows(mysql: Warehouse, name: str) -> int:
    return int(mysql.one(f"SELECT COUNT(*) FROM v_{FEED} WHERE name = :name", name=name))


def lies(where: str, name: str) -> bool:
    return remote.run("kafka", f"sudo test -e {FOLDER}/{where}{name} && echo yes || true").strip() == "yes"


def content(name: str, *numbers: int) -> str:
    return "\n".join([HEADER, *(record(name, number) for number in numbers)]) + "\n"


def put(name: str, text: str) -> None:
    """As the person who is on the machine, like scp: the file is written where it lands."""
    remote.run("kafka", f"printf %s '{text}' > {FOLDER}/{name}")


def notices() -> dict[str, str]:
    """What `make status` tells of the folder."""
    found = orjson.loads(millrace("status", "--json").out)["notices"]
    return {each["name"]: each["message"] for each in found if (each["feed"], each["place"]) == (FEED, "landing")}


@pytest.fixture
def clean(lab: Lab) -> Iterator[None]:
    yield
    remote.run("kafka", f"sudo rm -rf {' '.join(f'{FOLDER}/{name}' for name in STUCK)}")


def test_a_file_that_lands_is_loaded_and_archived(mysql: Warehouse, nonce: str) -> None:
    put(f"{nonce}.csv", content(nonce, 1, 2))
    wait_until(lambda: rows(mysql, nonce) == 2, "both records are rows")
    wait_until(lambda: lies("archive/", f"{nonce}.csv"), "the file is in archive/")
    assert not lies("", f"{nonce}.csv")


def test_a_workbook_that_lands_is_loaded_and_archived(mysql: Warehouse, nonce: str) -> None:
    table = [list(row) for row in csv.reader([HEADER, record(nonce, 1), record(nonce, 2)])]
    packed = b64encode(xlsx({"One": table})).decode()
    remote.run("kafka", f"echo {packed} | base64 --decode > {FOLDER}/{nonce}.xlsx")
    wait_until(lambda: rows(mysql, nonce) == 2, "both records are rows")
    wait_until(lambda: lies("archive/", f"{nonce}.xlsx"), "the workbook is in archive/")


@pytest.fixture
def written(nonce: str) -> Iterator[Callable[[], None]]:
    """A file that somebody is still writing and has been noted as such; the call given writes its end and closes it."""
    first, second = content(nonce, 1), f"{record(nonce, 2)}\n"
    writes = f"exec 3> {FOLDER}/{nonce}.csv; printf %s '{first}' >&3; read -r _; printf %s '{second}' >&3"
    with subprocess.Popen(remote.command("kafka", writes), stdin=subprocess.PIPE) as writer:
        wait_until(lambda: waits(nonce), "it is noted")
        yield lambda: writer.communicate(b"\n")


def waits(name: str) -> bool:
    """Whether the last look at the folder met a file of that name that is not done."""
    noted = orjson.loads(remote.run("kafka", f"cat {FOLDER}/quarantine/.notes 2> /dev/null || echo []"))
    return any(note["name"] == f"{name}.csv" and note["message"] == "it is still being written" for note in noted)


def test_a_file_that_is_still_written_waits_and_is_sent_once(
    mysql: Warehouse, nonce: str, written: Callable[[], None]
) -> None:
    before = sum(topic_ends().values())
    other = f"{nonce}-other"
    put(f"{other}.csv", content(other, 1))
    wait_until(lambda: lies("archive/", f"{other}.csv"), "a look has met both files, and sent the one that is done")
    assert waits(nonce)
    assert sum(topic_ends().values()) == before + 1

    written()
    wait_until(lambda: lies("archive/", f"{nonce}.csv"), "the file is in archive/")
    wait_until(lambda: rows(mysql, nonce) == 2, "both records are rows")
    assert sum(topic_ends().values()) == before + 3
    assert mysql.one(f"SELECT COUNT(DISTINCT source_id) FROM {FEED} WHERE name = :name", name=nonce) == 1


def test_a_wrong_file_lies_in_quarantine_with_its_reason(lab: Lab, nonce: str) -> None:
    put(f"{nonce}.csv", "A,B\n1,2\n")
    wait_until(lambda: lies("quarantine/", f"{nonce}.csv"), "the file is in quarantine/")
    reason = remote.run("kafka", f"cat {FOLDER}/quarantine/{nonce}.csv.reason")
    assert reason.startswith(f"{nonce}.csv: the columns Year, ")
    assert reason.endswith("the header has A, B.\n")


def test_what_cannot_be_sent_stays_is_told_and_holds_up_nothing(mysql: Warehouse, nonce: str, clean: None) -> None:
    began = machine_time("kafka")
    remote.run(
        "kafka", f"cd {FOLDER} && mkdir folder && ln -s /etc/hostname link.csv && (umask 077; echo x > private.csv)"
    )
    put(f"{nonce}.csv", content(nonce, 1))
    wait_until(lambda: rows(mysql, nonce) == 1, "the good file is loaded")
    wait_until(lambda: set(STUCK) <= notices().keys(), "all three are told")
    assert notices()["folder"] == "folder stays in the landing folder: it is a folder; put single files here"
    status = millrace("status")
    assert status.code == 1
    assert f"feed {FEED}: link.csv stays in the landing folder: it is a link; put the file itself here" in status.said
    said = journal("kafka", f"millrace-landing@{FEED}", began)
    assert "private.csv stays in the landing folder: the user millrace may not read it; `chmod a+r` it" in said
    remote.run("kafka", f"cd {FOLDER} && rm -rf {' '.join(STUCK)}")
    wait_until(lambda: not notices(), "nothing is told any more")


@pytest.fixture
def failed_watch(lab: Lab) -> Iterator[None]:
    """The watch has failed, as systemd lets it where a folder changes too often: here the second change is too much."""
    drop_in = f"/run/systemd/system/{WATCH}.d/limit.conf"
    limit = "[Path]\\nTriggerLimitIntervalSec=1h\\nTriggerLimitBurst=1\\n"
    add = f"mkdir -p {drop_in.rpartition('/')[0]} && printf '{limit}' > {drop_in} && systemctl daemon-reload"
    remote.run("kafka", ["sudo", "sh", "-c", f"{add} && systemctl restart {WATCH}"])

    def has_failed() -> bool:
        remote.run("kafka", f": > {FOLDER}/.change; rm {FOLDER}/.change")
        return is_active(WATCH) == "failed"

    wait_until(has_failed, "the watch has failed")
    remote.run("kafka", ["sudo", "sh", "-c", f"rm {drop_in} && systemctl daemon-reload"])
    yield
    remote.run("kafka", ["sudo", "systemctl", "start", WATCH])


def is_active(unit: str) -> str:
    return remote.run("kafka", f"systemctl is-active {unit} || true").strip()


def test_a_watch_that_has_failed_is_started_again(failed_watch: None, nonce: str) -> None:
    """By a service whose timer waits for its next minute; here it is started at once."""
    timer = "systemctl show --value --property=Unit --property=SubState millrace-landing.timer"
    waits = {"millrace-landing.service", "waiting"}
    wait_until(lambda: set(remote.run("kafka", timer).split()) == waits, "the timer waits, for that service")
    remote.run("kafka", ["sudo", "systemctl", "start", "millrace-landing.service"])
    assert is_active(WATCH) == "active"
    put(f"{nonce}.csv", content(nonce, 1))
    wait_until(lambda: lies("archive/", f"{nonce}.csv"), "a file lands")


def test_a_timer_asks_whether_kafka_holds_what_was_sent() -> None:
    timer = "systemctl show --value --property=Unit --property=SubState millrace-resend.timer"
    assert set(remote.run("kafka", timer).split()) == {"millrace-resend.service", "waiting"}
    remote.run("kafka", ["sudo", "systemctl", "start", "millrace-resend.service"])
    assert is_active("millrace-resend.service") == "inactive"
