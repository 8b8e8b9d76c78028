"""Kafka → MySQL: Millrace and its peers drain the same records in turns. What each does: docs/performance.md."""

import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Table

from bench import processor_time
from bench.held import Held, held, own_course
from bench.peers import bare_load, beginner, debezium, flink_sql, spark_jdbc
from bench.peers.binary_log import binary_log, switch_off_left
from bench.peers.scratch import STORED, WRITTEN, fresh_table, number, scratch
from bench.peers.table import FEED, PLAIN_YEARS, Print, peers_table, print_of_file, print_of_table
from bench.peers.task import TABLE, Peer, Task
from bench.peers.watched import Course, course_of
from bench.report.figures import Measured, Name, Options, WrongCount, ratios
from bench.send import quiet, rates_file
from instruments.interrupted import go_on_ending
from instruments.tools import source_of
from lab.observe.access import kafka_account, settings
from lab.observe.warehouse import warehouse
from lab.screen.output import console
from millrace.errors import Refused
from millrace.kafka.broker import Broker
from millrace.settings import Settings

WARM_ROWS = 20_000
QUERY_SECONDS = 600
PER = 100_000
OWN = "Millrace"
PARTS = ("kafka", "spark", "mysql")


@dataclass(frozen=True)
class Turn:
    """What a contender came to: its course, the processor seconds of each machine, and what its table then held."""

    course: Course
    spent: dict[str, float]
    found: Print


@dataclass(frozen=True)
class Contender:
    """Who takes a turn, and how; Refused where it cannot, or not to the end."""

    name: str
    turn: Callable[[Held, Settings], Turn]


def measure(options: Options, number: int) -> Measured:
    """Everybody's turn, begun by another one in each run; before the first, a round with few rows that warms up."""
    wrong: dict[Name, float | Refused] = {}
    if number == 0 and options.rows > WARM_ROWS:
        wrong |= {name: why for name, why in drained(WARM_ROWS, number).items() if isinstance(why, WrongCount)}
    return drained(options.rows, number) | wrong


def drained(rows: int, number: int) -> dict[Name, float | Refused]:
    """One turn of each, on records that no lab has seen. Between the turns the stream rests, and all else always."""
    figures: dict[Name, float | Refused] = {}
    with (
        rates_file(rows, PLAIN_YEARS) as file,
        quiet(),
        held(file, source_of(FEED, file), rows) as records,
        scratch() as reached,
    ):
        switch_off_left(reached)
        expected = print_of_file(file)
        for contender in begun_by(number):
            console(stderr=True).print(f"drain: {rows:,} rows, {contender.name}")
            figures |= figures_of(contender, records, reached, expected)
    others = [one.name for one in CONTENDERS if one.name != OWN and is_comparable(one.name, figures)]
    return figures | (ratios(speed(OWN), map(speed, others), figures) if is_comparable(OWN, figures) else {})


def begun_by(number: int) -> tuple[Contender, ...]:
    """The contenders in the order of that run."""
    first = number % len(CONTENDERS)
    return CONTENDERS[first:] + CONTENDERS[:first]


def figures_of(contender: Contender, records: Held, reached: Settings, expected: Print) -> dict[Name, float | Refused]:
    """Rows a second, and what they cost on each machine; or why there is no figure."""
    name = contender.name
    try:
        turn = contender.turn(records, reached)
        if turn.found != expected:
            raise WrongCount(f"Its table holds {turn.found}, and {expected} was sent.")
    except Refused as why:
        go_on_ending()
        return {speed(name): why}
    costs = {part: turn.spent[part] for part in PARTS} | {"host": turn.course.host_seconds}
    whole = records.rows / turn.course.seconds
    return {
        speed(name): turn.course.rows_per_second or whole,
        from_start(name): whole,
        **{
            Name(f"{name}: {part}", f"core-s per {PER:,}", name): seconds / records.rows * PER
            for part, seconds in costs.items()
        },
    }


def speed(name: str) -> Name:
    """The figure by which contenders are compared."""
    return Name(name, "rows/s")


def from_start(name: str) -> Name:
    """The same with its start, which weighs the less the more rows there are."""
    return Name(f"{name}, from its start", "rows/s")


def is_comparable(name: str, figures: Measured) -> bool:
    """Whether its rows came in parts: who has brought them all at once has no rate but that from its start."""
    return figures.get(speed(name)) != figures.get(from_start(name))


def metered(run: Callable[[], Course]) -> tuple[Course, dict[str, float]]:
    """The course, and the processor seconds of each machine meanwhile."""
    before = processor_time.of_machines()
    return run(), processor_time.since(before)


def own_turn(records: Held, _reached: Settings) -> Turn:
    """Millrace whole, as a lab has it: parsing, types, quarantine, duplicates, ledger, rollups, into its own tables."""
    course, spent = metered(lambda: own_course(records))
    with warehouse(settings(), read_seconds=QUERY_SECONDS) as connection:
        return Turn(course, spent, print_of_table(connection, f"v_{FEED}", records.source))


def bare_turn(records: Held, reached: Settings) -> Turn:
    """A bare load, into a table as Millrace's own."""
    return peer_turn(bare_load, records, reached, bare_load.whole_table())


def peer_turn(peer: Peer, records: Held, reached: Settings, table: Table | None = None) -> Turn:
    """The turn of one that fills that table, or the benchmark's own."""
    peer.ready()
    fresh = fresh_table(reached, peers_table() if table is None else table)
    with tempfile.TemporaryDirectory() as folder, fresh as connection:
        task = task_of(records, reached, Path(folder))
        start = peer.start(task)
        before, stored = number(connection, WRITTEN), partial(number, connection, STORED)
        course, spent = metered(lambda: course_of(task, start, lambda: number(connection, WRITTEN) - before, stored))
        return Turn(course, spent, print_of_table(connection, TABLE, records.source))


def logged_turn(records: Held, reached: Settings) -> Turn:
    """A bare load, with a binary log."""
    with binary_log(reached):
        return bare_turn(records, reached)


def grouped_turn(records: Held, reached: Settings) -> Turn:
    """Debezium's; afterwards Kafka knows its consumers no more."""
    try:
        return peer_turn(debezium, records, reached)
    finally:
        with suppress(Refused), closing(Broker(kafka_account("admin"))) as broker, broker.asking() as client:
            client.delete_groups([debezium.GROUP])


def task_of(records: Held, reached: Settings, folder: Path) -> Task:
    """The peers read Kafka as a person does."""
    return Task(
        kafka=kafka_account("person"),
        topic=FEED,
        first=records.first,
        ends=records.ends,
        file=records.file,
        source=records.source,
        mysql_host=reached.mysql_host,
        mysql_port=reached.mysql_port,
        user=reached.mysql_user,
        password=reached.mysql_password,
        database=reached.mysql_database,
        folder=folder,
    )


CONTENDERS = (
    Contender("LOAD DATA, no binary log", bare_turn),
    Contender("LOAD DATA, binary log", logged_turn),
    Contender(OWN, own_turn),
    Contender(debezium.NAME, grouped_turn),
    Contender(spark_jdbc.NAME, partial(peer_turn, spark_jdbc)),
    Contender(flink_sql.NAME, partial(peer_turn, flink_sql)),
    Contender(beginner.NAME, partial(peer_turn, beginner)),
)
