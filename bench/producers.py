"""CSV file → Kafka: `make send`, one process and two, beside Kafka's own tool and kcat on the same lines."""

import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text

from bench.held import held
from bench.report.figures import Measured, Name, Options, WrongCount, ratios
from bench.send import quiet, rates_file
from feeds.insurance_rate.simulator import FEED
from instruments.failpoints import resting
from instruments.tools import source_of
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import settings
from lab.observe.services import STREAM_UNIT
from lab.observe.warehouse import warehouse
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.kafka.broker import Broker
from millrace.kafka.declared_rights import WORDS
from millrace.record.seal import Seal
from producer.files.csv_file import CsvFile

OWN = {1: Name("make send, 1 process", "rows/s"), 2: Name("make send, 2 processes", "rows/s")}
KAFKAS, KCAT = Name("kafka-producer-perf-test", "rows/s"), Name("kcat", "rows/s")
DELETE = f"kafka-topics.sh --delete --topic {WORDS}"
LINES_ON_KAFKA = "/tmp/millrace-bench.jsonl"  # noqa: S108 - on a machine of the lab
PAYLOADS = 20_000
"""Lines that Kafka's tool draws from; it holds them in memory."""
TOOL_SECONDS = 1800
RESULTS = re.compile(r"^(?P<records>\d+) records sent, (?P<rate>[\d.]+) records/sec", re.MULTILINE)
SPAN = (
    "SELECT COUNT(*), TIMESTAMPDIFF(MICROSECOND, MIN(sent_at), MAX(sent_at)) / 1e6 FROM insurance_rate"
    " WHERE source_id IN :sources"
)
# The lab's tools have the JVM's first compiler alone, to start faster; it works slower. Read behind their own options.
ALL_COMPILERS = "_JAVA_OPTIONS=-XX:TieredStopAtLevel=4"


def measure(options: Options, _number: int) -> Measured:
    """All four while the stream rests, each acknowledged by Kafka as `make send` wants it (acks=all)."""
    figures: dict[Name, float | Refused] = {}
    with quiet(), closing(Broker(settings().kafka_account)) as broker, words_topic(broker):
        for processes, own in OWN.items():
            figures[own] = own_rate(options.rows, processes)
        with rates_file(options.rows) as file, tempfile.TemporaryDirectory() as folder:
            lines = Path(folder) / "events.jsonl"
            write_events(file, lines)
            with resting("spark", f"{STREAM_UNIT}.service"):
                for tool, rate_of in ((KAFKAS, kafkas_rate), (KCAT, kcats_rate)):
                    figures[tool] = tools_rate(partial(rate_of, lines, options.rows), broker, options.rows)
    return figures | ratios(OWN[1], (KAFKAS, KCAT), figures)


def own_rate(rows: int, processes: int) -> float:
    """From the first record that one of them sent to the last."""
    each = max(1, rows // processes)
    with ExitStack() as made:
        files = [made.enter_context(rates_file(each)) for _ in range(processes)]
        sources = [source_of(FEED, file) for file in files]
        with held(files[0], sources[0], each * processes, *files[1:]):
            pass  # they are in the topic; afterwards the stream loads them
        query = text(SPAN.replace(":sources", f"({', '.join(map(str, sources))})"))
        with warehouse(settings()) as connection:
            kept, seconds = connection.execute(query).one()
    if kept != each * processes:
        raise WrongCount(f"Of {each * processes:,} rows {kept:,} are in the table.")
    if not seconds:
        raise Refused("All was sent at once: give it more ROWS.")
    return each * processes / float(seconds)


def write_events(file: Path, lines: Path) -> None:
    """The file's records as `make send` puts them into Kafka, one to a line; only their seal is nobody's."""
    table, seal = CsvFile(load_contract(FEED), file, file.name), Seal(SecretStr("nobody's"))
    encode = table.encoder(FEED, source_of(FEED, file), {}, "file")
    with lines.open("wb") as out:
        out.writelines(seal.put_on(encode(record)) + b"\n" for record in table.records())


@contextmanager
def words_topic(broker: Broker) -> Iterator[None]:
    """The one topic that a person may make, fill and delete. Refused where one has done so."""
    if WORDS in broker.topics():
        raise Refused(f"The topic {WORDS} is there already: `vagrant ssh kafka -c '{DELETE}'`, and measure again.")
    remote.run(remote.SENDER, f"kafka-topics.sh --create --topic {WORDS} --partitions 2", timeout=120)
    try:
        yield
    finally:
        remote.run(remote.SENDER, f"{DELETE}; rm -f {LINES_ON_KAFKA}", timeout=120)


def tools_rate(rate_of: Callable[[], float], broker: Broker, rows: int) -> float | Refused:
    """The rate that a tool came to, or why there is none. All of its records must be in the topic."""
    before = sum(broker.latest_offsets(WORDS).values())
    try:
        rate = rate_of()
    except Refused as why:
        return why
    came = sum(broker.latest_offsets(WORDS).values()) - before
    return rate if came == rows else WrongCount(f"Of {rows:,} records {came:,} are in the topic.")


def kafkas_rate(lines: Path, rows: int) -> float:
    """Kafka's tool, on the machine where `make send` runs too."""
    head = lines.with_name("head.jsonl")
    with lines.open("rb") as whole, head.open("wb") as some:
        some.writelines(line for line, _ in zip(whole, range(PAYLOADS), strict=False))
    remote.put(remote.SENDER, head, LINES_ON_KAFKA)
    words = f"--topic {WORDS} --num-records {rows} --throughput -1 --payload-file {LINES_ON_KAFKA}"
    said = remote.run(
        remote.SENDER,
        f"{ALL_COMPILERS} kafka-producer-perf-test.sh {words} --command-property acks=all 2>&1",
        timeout=TOOL_SECONDS,
    )
    found = list(RESULTS.finditer(said))
    if not found or int(found[-1]["records"]) != rows:
        raise Refused(f"kafka-producer-perf-test.sh says {said.strip().splitlines()[-1:]}.")
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
