"""MySQL or Kafka away while a file is sent: it goes through late or one sentence says why; never lost, never twice."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from feeds.kafka import Broker
from feeds.settings import Lab
from lab import remote
from lab.access import answers, settings, warehouse
from lab.place import CHECKOUT
from tests.lab.tools import Run, Sum, Warehouse, printed_sum, run_send, send, source_of, wait_until

FEED = "insurance_network"
HEADER = (
    "BusinessYear,StateCode,IssuerId,SourceName,VersionNum,ImportDate,IssuerId2,StateCode2,NetworkName,NetworkId,"
    "NetworkURL,RowNumber,MarketCoverage,DentalOnlyPlan"
)
SMALL, LARGE = 50, 60_000
DEADLINE = 120


def network_file(folder: Path, nonce: str, records: int) -> Path:
    """A file of good records that is like no other."""
    file = folder / f"{nonce}.csv"
    lines = (f"2014,AK,21989,HIOS,6,3/19/2014 7:06,21989,AK,{nonce},AKN001,,{number},," for number in range(records))
    file.write_text("\n".join([HEADER, *lines]) + "\n")
    return file


@contextmanager
def stopped(lab: Lab, machine: str, unit: str, port: int) -> Iterator[None]:
    """The service is stopped within the block, and answers again after it."""
    remote.run(machine, ["sudo", "systemctl", "stop", unit], timeout=DEADLINE)
    try:
        yield
    finally:
        remote.run(machine, ["sudo", "systemctl", "start", unit], timeout=DEADLINE)
        wait_until(lambda: answers(lab.address(machine), port), f"{unit} answers again", DEADLINE)


@contextmanager
def sending(file: Path) -> Iterator[Callable[[], Run]]:
    """`make send` in the background; the call given waits for its end."""
    command = [sys.executable, "-m", "lab", "send", "--", FEED, str(file)]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:

        def ended() -> Run:
            out, err = process.communicate(timeout=300)
            return Run(process.returncode, out, err)

        try:
            yield ended
        finally:
            process.kill()


def rows(mysql: Warehouse, file: Path) -> int:
    return int(mysql.one(f"SELECT COUNT(*) FROM v_{FEED} WHERE source_id = :source", source=source_of(FEED, file)))


@pytest.fixture
def again(lab: Lab, tmp_path: Path, nonce: str) -> Iterator[Path]:
    """A small file; whatever happened to it in the test, sent again at the end it is in the table once."""
    file = network_file(tmp_path, nonce, SMALL)
    yield file
    result = printed_sum(run_send(FEED, file))
    assert result.sent == SMALL
    assert (result.loaded + result.duplicates, result.quarantined) == (SMALL, 0)


def test_nothing_is_sent_while_mysql_is_away(lab: Lab, again: Path) -> None:
    address = f"{lab.address('mysql')}:3306"
    with stopped(lab, "mysql", "mysql", 3306):
        run = run_send(FEED, again)
    assert (run.code, run.said) == (
        1,
        f"✗ Nothing was sent: MySQL does not answer at {address}: see `make status`, and start the lab with `make up`.",
    )


def test_one_sentence_while_kafka_is_away(lab: Lab, again: Path) -> None:
    with stopped(lab, "kafka", "kafka", 9092):
        run = run_send(FEED, again)
    assert run.code == 1
    assert run.said.startswith(f"✗ Kafka at {lab.address('kafka')}:9092 does not answer (")
    assert len(run.said.splitlines()) == 1


@pytest.mark.parametrize("service", [("mysql", "mysql", 3306), ("kafka", "kafka", 9092)])
def test_a_service_restarted_in_the_middle_changes_nothing(
    service: tuple[str, str, int], lab: Lab, large: Path
) -> None:
    machine, unit, port = service
    broker = Broker(f"{lab.address('kafka')}:9092")
    before = sum(broker.latest_offsets(FEED).values())
    with sending(large) as ended:
        wait_until(
            lambda: sum(broker.latest_offsets(FEED).values()) > before, "the first records are in Kafka", DEADLINE
        )
        with stopped(lab, machine, unit, port):
            wait_until(lambda: not answers(lab.address(machine), port), f"{unit} is away", DEADLINE)
        run = ended()
    assert (run.code, printed_sum(run)) == (0, Sum(LARGE, LARGE, 0, 0, 0))
    with warehouse(settings()) as connection:
        assert rows(Warehouse(connection), large) == LARGE


@pytest.fixture
def large(tmp_path: Path, nonce: str) -> Iterator[Path]:
    """A file that takes seconds to send; all but one of its records leave the table again after the test."""
    file = network_file(tmp_path, nonce, LARGE)
    yield file
    network_file(tmp_path, nonce, 1)
    assert send(FEED, file, "--replace") == Sum(1, 1, 0, 0, 0)
