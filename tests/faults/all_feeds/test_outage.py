"""MySQL or Kafka away while a file is sent: it goes through late or one sentence says why; never lost, never twice."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from instruments.own_feed import FEED, record, topic_ends, write_file
from instruments.tools import Run, Sum, Warehouse, printed_sum, run_send, send, source_of, wait_until
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import answers, settings
from lab.observe.warehouse import warehouse
from millrace.errors import Refused
from millrace.settings import Lab

pytestmark = pytest.mark.usefixtures("parcel")
SMALL, LARGE = 50, 300_000
DEADLINE = 120


def file_of(folder: Path, nonce: str, records: int) -> Path:
    """A file of good records that is like no other."""
    return write_file(folder, nonce, *(record(nonce, number % 1000) for number in range(records)))


def sent_since(before: dict[int, int]) -> int:
    """How many records the topic has taken since."""
    return sum(topic_ends().values()) - sum(before.values())


@contextmanager
def stopped(lab: Lab, machine: str, unit: str, port: int) -> Iterator[None]:
    """The service is stopped within the block, and answers again after it."""
    remote.run(machine, ["sudo", "systemctl", "stop", unit], timeout=DEADLINE)
    try:
        assert remote.run(machine, f"systemctl is-active {unit} || true").strip() == "inactive"
        yield
    finally:
        remote.run(machine, ["sudo", "systemctl", "start", unit], timeout=DEADLINE)
        wait_until(lambda: answers(lab.address(machine), port), f"{unit} answers again", DEADLINE)


def hold(file: Path) -> None:
    """Stops the process on the kafka machine that sends the file; sudo, above it, then stops itself."""
    remote.run("kafka", f"sudo pkill -STOP -u millrace -f '/{file.stem}[.]csv'")


def let_go(file: Path) -> None:
    """The process goes on, then sudo: the other way round it would find its command stopped, and stop again."""
    for whose in ("-u millrace", ""):
        remote.run("kafka", f"sudo pkill -CONT {whose} -f '/{file.stem}[.]csv'")


@contextmanager
def half_sent(file: Path, before: dict[int, int]) -> Iterator[Callable[[], Run]]:
    """`make send` in the background, stopped in the midst of the file; the call given waits for its end."""
    command = [sys.executable, "-m", "lab", "send", "--", FEED, str(file)]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:

        def ended() -> Run:
            out, err = process.communicate(timeout=300)
            return Run(process.returncode, out, err)

        try:
            wait_until(lambda: sent_since(before) > 0, "the first records are in Kafka", DEADLINE)
            hold(file)
            assert 0 < sent_since(before) < LARGE
            yield ended
        finally:
            process.kill()
            with suppress(Refused):  # where it has ended, as it should
                let_go(file)


@pytest.fixture
def unsent(lab: Lab, tmp_path: Path, nonce: str) -> Iterator[Path]:
    """A small file of which the test sends nothing; sent again at the end, all of it is new."""
    file, before = file_of(tmp_path, nonce, SMALL), topic_ends()
    yield file
    assert sent_since(before) == 0
    assert send(FEED, file) == Sum(SMALL, SMALL, 0, 0, 0)


def test_nothing_is_sent_while_mysql_is_away(lab: Lab, unsent: Path) -> None:
    address = f"{lab.address('mysql')}:3306"
    with stopped(lab, "mysql", "mysql", 3306):
        run = run_send(FEED, unsent)
    assert (run.code, run.said) == (
        1,
        f"✗ Nothing was sent: MySQL does not answer at {address}: see `make status`, and start the lab with `make up`.",
    )


def test_one_sentence_while_kafka_is_away(lab: Lab, unsent: Path) -> None:
    with stopped(lab, "kafka", "kafka", 9092):
        run = run_send(FEED, unsent)
    assert run.code == 1
    assert run.said.startswith(f"✗ Kafka at {lab.address('kafka')}:9092 does not answer (")
    assert len(run.said.splitlines()) == 1


@pytest.mark.full
@pytest.mark.parametrize(
    "service",
    [
        pytest.param(("mysql", "mysql", 3306), id="mysql"),
        pytest.param(("kafka", "kafka", 9092), id="kafka"),
    ],
)
def test_a_service_restarted_in_the_middle_changes_nothing(
    service: tuple[str, str, int], lab: Lab, tmp_path: Path, nonce: str
) -> None:
    machine, unit, port = service
    file, before = file_of(tmp_path, nonce, LARGE), topic_ends()
    with half_sent(file, before) as ended:
        with stopped(lab, machine, unit, port):
            let_go(file)
            if unit == "mysql":
                wait_until(lambda: sent_since(before) == LARGE, "all records are in Kafka", DEADLINE)
        run = ended()
    assert (run.code, printed_sum(run)) == (0, Sum(LARGE, LARGE, 0, 0, 0))
    assert sent_since(before) == LARGE
    with warehouse(settings()) as connection:
        found = f"SELECT COUNT(*) FROM v_{FEED} WHERE source_id = :source"
        assert Warehouse(connection).one(found, source=source_of(FEED, file)) == LARGE
