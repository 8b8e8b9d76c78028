"""The network between Spark and MySQL cut, and what else keeps a load from ending: it is told while it lasts, and
afterwards the tables end as in an undisturbed run.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from instruments.failpoints import DEADLINE
from instruments.own_feed import record, write_file
from instruments.stream import POINTS
from instruments.tools import as_root, millrace, source_of, wait_until
from lab.host import remote
from tests.faults.drill import FEED, Drill, Outcome, Report

TABLE = "inet millrace_drill"
CUT = (
    f"nft add table {TABLE};"
    f' for hook in input output; do nft add chain {TABLE} $hook "{{ type filter hook $hook priority 0; }}"; done;'
    f" nft add rule {TABLE} output ip daddr %s drop; nft add rule {TABLE} input ip saddr %s drop"
)
LONGEST_CUT = "5min"
UNHEARD = (
    "SELECT lease_until < NOW(3) - INTERVAL 15 SECOND FROM pipeline_app WHERE app = 'millrace-stream'"
    " AND lease_until IS NOT NULL"
)
ARSENIC, MANY, PLACE = "arsenic", 3_000, 1_234


@contextmanager
def cut_off(machine: str, address: str) -> Iterator[None]:
    """Nothing passes between the machine and the address; a timer on the machine ends that, should nobody else."""
    heal = f"nft delete table {TABLE}"
    timer = f"systemd-run --quiet --collect --on-active={LONGEST_CUT} --unit=millrace-drill-heal"
    remote.run(machine, f"sudo {timer} {heal}")
    remote.run(machine, ["sudo", "sh", "-c", CUT % (address, address)])
    try:
        yield
    finally:
        remote.run(machine, f"sudo {heal}; sudo systemctl stop millrace-drill-heal.timer")


@pytest.mark.full
def test_the_network_to_mysql_cut(
    drill: Drill, expect: Callable[[Drill], Outcome], file: Path, record_property: Report
) -> None:
    """For more than 30 s after the last sign of life, while a task holds its load in an open transaction."""
    expected, epoch = expect(drill), drill.epoch

    def disturb() -> None:
        POINTS.wait_until_struck("during_load")
        with cut_off("spark", drill.lab.address("mysql")):
            POINTS.release("during_load")
            wait_until(lambda: drill.one(UNHEARD) == 1, "the stream is not heard any more", DEADLINE)
            status = millrace("status")
        assert "the streaming application does not run, or does not reach MySQL" in status.err
        assert status.code == 1
        record_property("recovery_seconds", drill.seconds_until_landed(file))

    POINTS.arm("during_load", "hold")
    assert drill.run(file, disturb) == expected
    assert drill.epoch == epoch, "the application went on"


def test_a_lock_is_told_while_it_lasts(drill: Drill, expect: Callable[[Drill], Outcome], file: Path) -> None:
    expected = expect(drill)

    def disturb() -> None:
        row.wait_until_met()
        wait_until(lambda: drill.state_and_message()[0] == "waiting", "the feed says that it waits", DEADLINE)
        wait_until(
            lambda: "a lock that root@localhost (connection " in drill.state_and_message()[1], "and for whom", DEADLINE
        )
        row.release()

    with drill.locked_row(file) as row:
        assert drill.run(file, disturb) == expected
    wait_until(lambda: drill.runs(FEED), "the feed runs again", DEADLINE)


@pytest.mark.full
def test_what_mysql_refuses_is_told_while_it_lasts(
    drill: Drill, expect: Callable[[Drill], Outcome], file: Path
) -> None:
    """No record is blamed for it."""
    expected = expect(drill)

    def disturb() -> None:
        wait_until(lambda: drill.state_and_message()[0] == "retrying", "the feed says that it fails", DEADLINE)
        seen = set()

        def has_tried_again() -> bool:
            seen.add(drill.state_and_message())
            return bool(drill.one(FAILED) > failed)

        failed = drill.one(FAILED)
        wait_until(has_tried_again, "it has tried again", DEADLINE)
        assert {state for state, _ in seen} == {"retrying"}
        assert all("Loading local data is disabled" in message for _, message in seen)
        as_root("SET GLOBAL local_infile = ON")

    as_root("SET GLOBAL local_infile = OFF")
    try:
        assert drill.run(file, disturb) == expected
    finally:
        as_root("SET GLOBAL local_infile = ON")
    wait_until(lambda: drill.runs(FEED), "the feed runs again", DEADLINE)


FAILED = f"SELECT COUNT(*) FROM pipeline_load WHERE feed = '{FEED}' AND state = 'undone'"


@pytest.mark.full
def test_a_poisonous_record_is_refused_alone(drill: Drill, tmp_path: Path, nonce: str) -> None:
    """Its load fails each time; the feed goes on without it, and says why it is in quarantine."""
    lines = [record(ARSENIC if number == PLACE else nonce, number) for number in range(1, MANY + 1)]
    file = write_file(tmp_path, f"poison-{nonce}", *lines)
    POINTS.arm("poison", ARSENIC)
    with drill.sending(file) as ended:
        done = ended()
    assert done.code == 0, done.out + done.err
    assert f"{MANY:,} sent = {MANY - 1:,} loaded + 0 updated + 0 duplicates + 1 quarantined" in done.out
    refused = drill.rows("SELECT row_no, reasons FROM v_quarantine WHERE source_id = :s", s=source_of(FEED, file))
    assert [row["row_no"] for row in refused] == [PLACE]
    (reason,) = orjson.loads(refused[0]["reasons"])
    assert reason["reason"] == f"a record of rows.tsv has '{ARSENIC}'"
    drill.check_ledger()
