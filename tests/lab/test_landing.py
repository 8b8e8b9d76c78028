"""Files that people put into a landing folder of the running lab."""

from collections.abc import Iterator

import orjson
import pytest

from feeds.settings import Lab
from lab import remote
from tests.lab.test_send import HEADER, record
from tests.lab.tools import Warehouse, millrace, wait_until

FEED = "insurance_network"
FOLDER = f"/var/lib/millrace/landing/{FEED}"
STUCK = ("folder", "link.csv", "private.csv")


def rows(mysql: Warehouse, name: str) -> int:
    return int(mysql.one(f"SELECT COUNT(*) FROM v_{FEED} WHERE network_name = :name", name=name))


def lies(where: str, name: str) -> bool:
    return remote.run("kafka", f"sudo test -e {FOLDER}/{where}{name} && echo yes || true").strip() == "yes"


def content(name: str, *numbers: int) -> str:
    return "\n".join([HEADER, *(record(name, number) for number in numbers)]) + "\n"


def put(name: str, text: str) -> None:
    """As the person who is on the machine, like scp: the file is written where it lands."""
    remote.run("kafka", f"printf %s '{text}' > {FOLDER}/{name}")


def notices() -> dict[str, str]:
    """What `make status` tells of the folder."""
    told = orjson.loads(millrace("status", "--json").out)["notices"]
    return {notice["name"]: notice["message"] for notice in told if notice["feed"] == FEED}


@pytest.fixture
def clean(lab: Lab) -> Iterator[None]:
    yield
    remote.run("kafka", f"sudo rm -rf {' '.join(f'{FOLDER}/{name}' for name in STUCK)}")


def test_a_file_that_lands_is_loaded_and_archived(mysql: Warehouse, nonce: str) -> None:
    put(f"{nonce}.csv", content(nonce, 1, 2))
    wait_until(lambda: rows(mysql, nonce) == 2, "both records are rows")
    wait_until(lambda: lies("archive/", f"{nonce}.csv"), "the file is in archive/")
    assert not lies("", f"{nonce}.csv")


def test_a_file_that_is_still_written_waits_and_is_sent_once(mysql: Warehouse, nonce: str) -> None:
    first, second = content(nonce, 1), f"{record(nonce, 2)}\n"
    file = f"{FOLDER}/{nonce}.csv"
    remote.run(
        "kafka", f"(exec 3> {file}; printf %s '{first}' >&3; sleep 15; printf %s '{second}' >&3) > /dev/null 2>&1 &"
    )
    wait_until(lambda: f"{nonce}.csv" in remote.run("kafka", f"cat {FOLDER}/.notes || true"), "it is noted", 14)
    assert rows(mysql, nonce) == 0
    wait_until(lambda: rows(mysql, nonce) == 2, "both records are rows")
    wait_until(lambda: lies("archive/", f"{nonce}.csv"), "the file is in archive/")
    assert mysql.one("SELECT COUNT(DISTINCT source_id) FROM insurance_network WHERE network_name = :n", n=nonce) == 1


def test_a_wrong_file_lies_in_quarantine_with_its_reason(lab: Lab, nonce: str) -> None:
    put(f"{nonce}.csv", "A,B\n1,2\n")
    wait_until(lambda: lies("quarantine/", f"{nonce}.csv"), "the file is in quarantine/")
    reason = remote.run("kafka", f"cat {FOLDER}/quarantine/{nonce}.csv.reason")
    assert reason.startswith(f"{nonce}.csv: the columns BusinessYear, ")
    assert reason.endswith("the header has A, B.\n")


def test_what_cannot_be_sent_stays_is_told_and_holds_up_nothing(mysql: Warehouse, nonce: str, clean: None) -> None:
    remote.run(
        "kafka", f"cd {FOLDER} && mkdir folder && ln -s /etc/hostname link.csv && (umask 077; echo x > private.csv)"
    )
    put(f"{nonce}.csv", content(nonce, 1))
    wait_until(lambda: rows(mysql, nonce) == 1, "the good file is loaded")
    wait_until(lambda: set(STUCK) <= notices().keys(), "all three are told")
    assert notices()["folder"] == "folder stays in the landing folder: it is a folder; put single files here"
    told = millrace("status")
    assert told.code == 1
    assert f"feed {FEED}: link.csv stays in the landing folder: it is a link; put the file itself here" in told.said
    journal = remote.run("kafka", f"sudo journalctl --unit=millrace-landing@{FEED} --lines=200 --output=cat --no-pager")
    assert "private.csv stays in the landing folder: the user millrace may not read it; `chmod a+r` it" in journal
    remote.run("kafka", f"cd {FOLDER} && rm -rf {' '.join(STUCK)}")
    wait_until(lambda: not notices(), "nothing is told any more")


def test_a_watch_that_has_failed_is_started_again(lab: Lab, nonce: str) -> None:
    unit = f"millrace-landing@{FEED}.path"
    remote.run("kafka", ["sudo", "systemctl", "stop", unit])
    remote.run("kafka", ["sudo", "systemctl", "start", unit])
    folder = f"{FOLDER}/.storm"
    remote.run("kafka", f"for n in $(seq 1500); do : > {folder}; done; rm -f {folder}", timeout=120)
    wait_until(
        lambda: remote.run("kafka", f"systemctl is-active {unit} || true").strip() == "active", "the folder is watched"
    )
    put(f"{nonce}.csv", content(nonce, 1))
    wait_until(lambda: lies("archive/", f"{nonce}.csv"), "a file lands")
