"""Kills and restarts on the running lab, and what must be the same after them."""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import orjson

from instruments.failpoints import DEADLINE
from instruments.own_feed import CONTRACT, FEED, HEADER, ROLLUP, line, write_file
from instruments.stream import EXECUTOR, check_chain
from instruments.tools import Run, WarehouseAfresh, as_root, source_of, wait_until
from lab.host import remote
from lab.location import CHECKOUT
from millrace.errors import Refused
from millrace.settings import Lab
from tests.faults.row_lock import RowLock

Report = Callable[[str, object], None]
"""pytest's record_property: what is measured is told, never asserted."""
GOOD, BAD_EVERY = 12_000, 1000
STUCK_AT = 5_500
"""One of the good rows, and not the first that any task loads."""
OWNED = (
    "SELECT COUNT(*) FROM millrace.pipeline_app a JOIN information_schema.processlist p ON p.id = a.connection_id"
    " WHERE a.app = 'millrace-stream' AND a.lease_until > NOW(3)"
)
PENDING = "SELECT COUNT(*) FROM pipeline_load WHERE state = 'pending'"


def drill_file(folder: Path, nonce: str) -> Path:
    """Twelve thousand parcels, every thousandth to a state that is none; files differ in one unknown column."""
    lines = (
        line(
            State="Alaska" if number % BAD_EVERY == 0 else "AK",
            Weight=str(number),
            Name=f"Drill é\\N {number}",
            Route=f"AKN{number % 50:03}",
        )
        for number in range(GOOD)
    )
    return write_file(folder, nonce, *(f"{each},{nonce}" for each in lines), header=f"{HEADER},Nonce")


@dataclass(frozen=True)
class Outcome:
    """What a file left behind, apart from its identity: rows, refusals, and what it added to the rollup."""

    rows: tuple[int, str]
    quarantine: tuple[int, str]
    rollup: dict[tuple[Any, ...], int]


class Drill(WarehouseAfresh):
    """One drill: a file is sent, something is broken, and the outcome is compared."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def locked_row(self, file: Path) -> RowLock:
        """One of the file's rows, which its LOAD DATA will wait for."""
        return RowLock(FEED, source_of(FEED, file), STUCK_AT)

    @property
    def epoch(self) -> int:
        """One more with every start of the application."""
        return int(self.one("SELECT epoch FROM pipeline_app WHERE app = 'millrace-stream'"))

    @property
    def executor(self) -> str:
        """Its process; empty while there is none."""
        return remote.run("spark", f"{EXECUTOR} || true").strip()

    @property
    def mysql_started(self) -> datetime:
        """When MySQL started, by its own clock; the first moment there is while it does not answer."""
        try:
            seconds = self.one(
                "SELECT variable_value FROM performance_schema.global_status WHERE variable_name='Uptime'"
            )
        except Refused:
            return datetime.min
        now: datetime = self.one("SELECT NOW()")
        return now - timedelta(seconds=int(seconds))

    def seconds_until_landed(self, file: Path) -> float:
        """How long from now until every record of the file is in a committed load."""
        began, source = monotonic(), source_of(FEED, file)
        landed = "SELECT COALESCE(SUM(read_count), 0) FROM pipeline_source WHERE feed = :feed AND source_id = :source"
        wait_until(lambda: self._is(GOOD, landed, feed=FEED, source=source), "every record is in MySQL", DEADLINE)
        seconds = round(monotonic() - began, 1)
        print(f"\nrecovered in {seconds} s")
        return seconds

    def _is(self, value: object, query: str, **values: Any) -> bool:
        try:
            return bool(self.one(query, **values) == value)
        except Refused:
            return False

    def state_and_message(self) -> tuple[str, str]:
        """The feed's state and message in the ledger."""
        (row,) = self.rows("SELECT state, COALESCE(message, '') AS message FROM pipeline_feed WHERE feed = :f", f=FEED)
        return str(row["state"]), str(row["message"])

    def kill_application(self) -> None:
        """Returns when it has started again."""
        before = self.epoch
        remote.run("spark", "sudo systemctl kill --kill-whom=main --signal=KILL millrace-stream")
        wait_until(lambda: self.epoch == before + 1, "another application has taken over", DEADLINE)

    def kill_executor(self) -> None:
        """Returns when another has taken its place."""
        before = self.executor
        remote.run("spark", ["sudo", "kill", "-9", before])
        wait_until(lambda: self.executor not in {"", before}, "another executor is there", DEADLINE)

    @contextmanager
    def sending(self, file: Path) -> Iterator[Callable[[], Run]]:
        """`make send` in the background; the call given waits for its end."""
        command = [sys.executable, "-m", "lab", "send", "--", FEED, str(file)]
        with subprocess.Popen(
            command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:

            def ended() -> Run:
                out, err = process.communicate(timeout=DEADLINE)
                return Run(process.returncode, out, err)

            try:
                yield ended
            finally:
                process.kill()

    def run(self, file: Path, disturb: Callable[[], None] = lambda: None) -> Outcome:
        """Sends the file, disturbs, waits for its end; the sum must add up whatever happened."""
        before = self.rollup()
        with self.sending(file) as ended:
            disturb()
            done = ended()
        assert done.code == 0, done.out + done.err
        bad = GOOD // BAD_EVERY
        expected = f"{GOOD:,} sent = {GOOD - bad:,} loaded + 0 updated + 0 duplicates + {bad:,} quarantined"
        assert expected in done.out, done.out
        self.check_ledger()
        return self.outcome(source_of(FEED, file), before)

    def outcome(self, source: int, before: dict[tuple[Any, ...], int]) -> Outcome:
        columns = ", ".join(("row_no", *CONTRACT.names))
        rows = self.rows(f"SELECT {columns} FROM v_{FEED} WHERE source_id = :source", source=source)
        refused = self.rows("SELECT row_no, feed, reasons FROM v_quarantine WHERE source_id = :s", s=source)
        after = self.rollup()
        added = {key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key, 0)}
        return Outcome(digest(rows), digest(refused), added)

    def rollup(self) -> dict[tuple[Any, ...], int]:
        rows = self.rows(f"SELECT * FROM {ROLLUP}")
        return {tuple(value for key, value in row.items() if key != "parcels"): int(row["parcels"]) for row in rows}

    def check_ledger(self) -> None:
        """Nothing is pending, loads follow each other, no row belongs to an undone load, the rollup is a GROUP BY."""
        assert self.one("SELECT COUNT(*) FROM pipeline_load WHERE feed = :f AND state = 'pending'", f=FEED) == 0
        committed = "SELECT * FROM pipeline_load WHERE feed = :f AND state = 'committed' ORDER BY load_id"
        jumps = self.rows("SELECT * FROM pipeline_jump WHERE feed = :f ORDER BY jump_id", f=FEED)
        check_chain(self.rows(committed, f=FEED), jumps)
        orphans = f"SELECT COUNT(*) FROM {FEED} f JOIN pipeline_load l USING (load_id) WHERE l.state <> 'committed'"
        assert self.one(orphans) == 0
        keys = "year, state, sender, route"
        grouped = self.rows(f"SELECT {keys}, COUNT(*) AS parcels FROM {FEED} GROUP BY {keys}")
        counted = {tuple(v for k, v in row.items() if k != "parcels"): int(row["parcels"]) for row in grouped}
        assert self.rollup() == counted

    def is_owned(self) -> bool:
        """The application holds its lease over a connection that is there; where MySQL was away, it is so again."""
        return as_root(OWNED) == "1\n"

    def runs(self, *feeds: str) -> bool:
        """Each of those feeds runs, nothing waits in its topic, and no load is under way."""
        rows = self.rows("SELECT feed, state, end_offsets, latest_offsets FROM pipeline_feed")
        running = {row["feed"] for row in rows if row["state"] == "running" and has_loaded_all(row)}
        return running >= set(feeds) and not self.one(PENDING)


def has_loaded_all(feed: dict[str, Any]) -> bool:
    """Whether the ledger ends where the topic does; of a partition without records it knows nothing."""
    committed, latest = (orjson.loads(feed[name] or "{}") for name in ("end_offsets", "latest_offsets"))
    return all(committed.get(partition, 0) == end for partition, end in latest.items())


def digest(rows: list[dict[str, Any]]) -> tuple[int, str]:
    """How many, and a digest of all values in the order of their numbers."""
    ordered = sorted(rows, key=lambda row: row["row_no"])
    return len(rows), hashlib.sha256(repr([list(row.values()) for row in ordered]).encode()).hexdigest()
