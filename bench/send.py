"""`make send` of one large file: rows a second from the first record sent to the last load committed."""

import csv
import itertools
import tempfile
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import text

from bench.report.figures import Measured, Name, Options, WrongCount
from feeds.insurance_rate import simulator as rates
from feeds.insurance_rate.market import blocks
from instruments.failpoints import PRODUCERS, resting
from instruments.tools import SUM, Sum, printed_sum, run_send, source_of
from lab.host import remote
from lab.observe.access import settings
from lab.observe.services import BATCH_JOBS
from lab.observe.warehouse import warehouse
from lab.screen.output import complain
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.waiting import ask_until

ROWS_PER_SECOND = Name("from send to MySQL", "rows/s")
COMMAND_SECONDS = Name("make send", "s")
ANY_YEAR = range(9999)
BATCH_JOB_SECONDS = 900
TIMERS = "millrace-*.timer"
RUNNING = ["systemctl", "list-units", "--plain", "--no-legend", "--state=activating,active"]

# From the moment its first record was sent until its last load was committed.
TOOK = (
    "SELECT TIMESTAMPDIFF(MICROSECOND, (SELECT MIN(sent_at) FROM insurance_rate WHERE source_id = :source),"
    " MAX(l.finished_at)) / 1e6 FROM pipeline_load l JOIN pipeline_load_source s USING (load_id)"
    " WHERE s.source_id = :source AND l.state = 'committed'"
)
COUNT = "SELECT COUNT(*) FROM v_insurance_rate WHERE source_id = :source"


def measure(options: Options, _number: int) -> Measured:
    """Sends a file of made-up rates under a fresh seed. All of them must be new rows, and in the table."""
    wait_for_batch_jobs()
    with rates_file(options.rows) as file:
        began = time.monotonic()
        printed = sent(file)
        seconds = time.monotonic() - began
        kept = int(asked(COUNT, file))
        if printed != Sum(options.rows, options.rows, 0, 0, 0) or kept != options.rows:
            raise WrongCount(f"Of {options.rows:,} rows {kept:,} are in the table, and `make send` says {printed}.")
        return {ROWS_PER_SECOND: options.rows / asked(TOOK, file), COMMAND_SECONDS: seconds}


def sent(file: Path, *flags: str) -> Sum:
    """What `make send` says; refuses with its own sentence where it says no sum."""
    run = run_send(rates.FEED, file, *flags, timeout=3600)
    if not SUM.search(run.out):
        raise Refused(run.said)
    return printed_sum(run)


@contextmanager
def rates_file(rows: int, years: Container[int] = ANY_YEAR) -> Iterator[Path]:
    """A file that no lab has seen, of plans of these years; after it one row of what it brought stays, not all."""
    seed = int(uuid4().hex, 16) % 10**9
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"bench-{seed}.csv"
        write_rates(file, seed, rows, years)
        try:
            yield file
        finally:
            try:
                leave_one_row(file, seed)
            except Refused as why:  # a wrong count must be told, whatever becomes of the rows
                complain(f"The benchmark's rows stay in {rates.FEED}: {why}")


def leave_one_row(file: Path, seed: int) -> None:
    """Puts one of its rows in place of all it brought."""
    if asked(COUNT, file):
        write_rates(file, seed, 1)
        sent(file, "--replace")


def write_rates(file: Path, seed: int, rows: int, years: Container[int] = ANY_YEAR) -> None:
    """Made-up rates as the CSV file their publisher would write."""
    headers = [column.from_ for column in load_contract(rates.FEED).columns]
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, headers)
        writer.writeheader()
        chosen = (block for block in blocks(seed) if block.cell.year in years)
        writer.writerows(itertools.islice(rates.rate_records(chosen), rows))


def asked(query: str, file: Path) -> float:
    """The one number that MySQL answers about a file's records."""
    with warehouse(settings()) as connection:
        return float(connection.execute(text(query), {"source": source_of(rates.FEED, file)}).scalar_one())


@contextmanager
def quiet() -> Iterator[None]:
    """Meanwhile nobody sends by himself, no timer starts anything, and no batch job runs."""
    with resting("kafka", *PRODUCERS, TIMERS), resting("spark", TIMERS):
        wait_for_batch_jobs()
        yield


def wait_for_batch_jobs() -> None:
    """Returns when none runs: those that were due while the machines were halted start with them, for minutes."""
    command = [*RUNNING, f"{BATCH_JOBS.unit}.service"]
    running = ask_until(
        lambda: remote.run("spark", command).split(), lambda units: not units, seconds=BATCH_JOB_SECONDS, pause=1
    )
    if running:
        raise Refused(f"{running[0]} runs for more than {BATCH_JOB_SECONDS} s: measure when it has ended.")
