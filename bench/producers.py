"""CSV file → Kafka: `make send`, one process and two, beside Kafka's own tool and kcat on the same lines."""

import csv
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import text

from bench.report.figures import Measured, Name, Options, WrongCount
from bench.send import quiet, rates_file, sent
from feeds.insurance_rate.simulator import FEED
from instruments.tools import Sum, source_of
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import settings
from lab.observe.warehouse import warehouse
from millrace.errors import Refused
from millrace.kafka.declared_rights import WORDS
from millrace.record.event import encode_event, timestamp

KAFKAS, KCAT = "kafka-producer-perf-test", "kcat"
LINES_ON_KAFKA = "/tmp/millrace-bench.jsonl"  # noqa: S108 - on a machine of the lab
PAYLOADS = 20_000
"""Lines that Kafka's tool draws from; it holds them in memory."""
TOOL_SECONDS = 1800
RESULTS = re.compile(r"^(?P<records>\d+) records sent, (?P<rate>[\d.]+) records/sec", re.MULTILINE)
SPAN = (
    "SELECT TIMESTAMPDIFF(MICROSECOND, MIN(sent_at), MAX(sent_at)) / 1e6 FROM insurance_rate"
    " WHERE source_id IN :sources"
)


def measure(options: Options, _number: int) -> Measured:
    """All four, each acknowledged by Kafka as `make send` wants it (acks=all)."""
    figures: dict[Name, float | Refused] = {}
    with quiet():
        for processes in (1, 2):
            name = Name(f"make send, {processes} process{'es' * (processes > 1)}", "rows/s")
            figures[name] = own_rate(options.rows, processes)
        with rates_file(options.rows) as file, words_topic(), tempfile.TemporaryDirectory() as folder:
            lines = Path(folder) / "events.jsonl"
            write_events(file, lines)
            for tool, rate_of in ((KAFKAS, kafkas_rate), (KCAT, kcats_rate)):
                try:
                    figures[Name(tool, "rows/s")] = rate_of(lines, options.rows)
                except Refused as why:
                    figures[Name(tool, "rows/s")] = why
    return figures


def own_rate(rows: int, processes: int) -> float:
    """From the first record that one of them sent to the last."""
    each = rows // processes
    with ExitStack() as made:
        files = [made.enter_context(rates_file(each)) for _ in range(processes)]
        with ThreadPoolExecutor(processes) as pool:
            if any(printed != Sum(each, each, 0, 0, 0) for printed in pool.map(sent, files)):
                raise WrongCount(f"Of {each:,} rows of a file not all are new.")
        sources = tuple(source_of(FEED, file) for file in files)
        query = text(SPAN.replace(":sources", f"({', '.join(map(str, sources))})"))
        with warehouse(settings()) as connection:
            return each * processes / float(connection.execute(query).scalar_one())


def write_events(file: Path, lines: Path) -> None:
    """The file's records as `make send` puts them into Kafka, one to a line."""
    source = source_of(FEED, file)
    with file.open(newline="") as table, lines.open("wb") as out:
        for row, record in enumerate(csv.DictReader(table), start=1):
            out.write(encode_event(FEED, source, row, timestamp(), data=record) + b"\n")


@contextmanager
def words_topic() -> Iterator[None]:
    """The one topic that a person may make, fill and delete."""
    remote.run(remote.SENDER, f"kafka-topics.sh --create --if-not-exists --topic {WORDS} --partitions 2", timeout=120)
    try:
        yield
    finally:
        remote.run(remote.SENDER, f"kafka-topics.sh --delete --topic {WORDS}; rm -f {LINES_ON_KAFKA}", timeout=120)


def kafkas_rate(lines: Path, rows: int) -> float:
    """Kafka's tool, on the machine where `make send` runs too."""
    head = lines.with_name("head.jsonl")
    with lines.open("rb") as whole, head.open("wb") as some:
        some.writelines(line for line, _ in zip(whole, range(PAYLOADS), strict=False))
    remote.put(remote.SENDER, head, LINES_ON_KAFKA)
    words = f"--topic {WORDS} --num-records {rows} --throughput -1 --payload-file {LINES_ON_KAFKA}"
    said = remote.run(
        remote.SENDER, f"kafka-producer-perf-test.sh {words} --command-property acks=all 2>&1", timeout=TOOL_SECONDS
    )
    found = list(RESULTS.finditer(said))
    if not found or int(found[-1]["records"]) != rows:
        raise Refused(f"{KAFKAS}.sh says {said.strip().splitlines()[-1:]}.")
    return float(found[-1]["rate"])


def kcats_rate(lines: Path, rows: int) -> float:
    """On this host, from its start to its end."""
    command = ["kcat", "-F", ".lab/kcat.conf", "-X", "acks=all", "-P", "-t", WORDS, "-l", str(lines)]
    began = time.monotonic()
    try:
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=TOOL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(f"kcat: {error}.") from error
    if done.returncode != 0 or "ERROR" in done.stderr:
        raise Refused(f"kcat says: {' '.join(done.stderr.split())[-300:]}")
    return rows / (time.monotonic() - began)
