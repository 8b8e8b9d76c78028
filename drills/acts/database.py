"""What MySQL refuses, or lets wait."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from drills.drill import Act
from drills.scene import Scene
from drills.waiting import Failed
from lab.host import remote

DONE = "millrace drill: done"
OF_SPARK = "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE user = 'spark'"

SALES, COLUMN = "millrace.sales", ("description", "description_of_before")
WEIGHT = "millrace.drill_weight"
LOCKS = (
    "SELECT COUNT(*) FROM millrace.sales_by_hour",
    "SELECT COUNT(*) FROM millrace.pipeline_feed WHERE feed = 'sales'",
)
OTHER_WAY = (
    "SET innodb_lock_wait_timeout = 5; SET cte_max_recursion_depth = 20000; BEGIN;"
    f" INSERT INTO {WEIGHT} WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 20000)"
    " SELECT n FROM number; {first} FOR UPDATE; DO SLEEP(0.5); {second} FOR UPDATE; ROLLBACK"
)


@contextmanager
def connections_killed(_scene: Scene) -> Iterator[None]:
    """Every connection of the stream, by KILL."""
    with _session() as asked:
        for _ in range(5):
            _kill(asked)
    yield


def with_setting(name: str, value: str, usual: str) -> Act:
    """A global variable has another value meanwhile."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        scene.as_root(f"SET GLOBAL {name} = {value}")
        try:
            yield
        finally:
            scene.as_root(f"SET GLOBAL {name} = {usual}")

    return act


@contextmanager
def column_gone(scene: Scene) -> Iterator[None]:
    """A column of the table sales has another name, as if it had been dropped; its values come back with its name."""
    gone, back = (f"ALTER TABLE {SALES} RENAME COLUMN {one} TO {other}" for one, other in (COLUMN, COLUMN[::-1]))
    scene.as_root(gone)
    try:
        yield
    finally:
        scene.as_root(back)


@contextmanager
def table_locked(_scene: Scene) -> Iterator[None]:
    """Somebody holds the rollups' rows that every commit of the feed sales needs, in an open transaction."""
    with _session() as asked:
        asked("BEGIN; SELECT COUNT(*) FROM sales_by_hour FOR UPDATE")
        try:
            yield
        finally:
            asked("ROLLBACK")


@contextmanager
def deadlocks(scene: Scene) -> Iterator[None]:
    """Somebody takes the locks of a commit of the feed sales in the other order, so that one of the two must give way.

    MySQL rolls back who has changed less: the other one changes many rows of a table of its own.
    """
    count = "SELECT count FROM information_schema.innodb_metrics WHERE name = 'lock_deadlocks'"
    before = int(scene.as_root(count))
    scene.as_root(f"CREATE TABLE IF NOT EXISTS {WEIGHT} (n INT)")
    try:
        for first, second in (LOCKS, LOCKS[::-1]) * 15:
            scene.as_root(OTHER_WAY.format(first=first, second=second))
    finally:
        scene.as_root(f"DROP TABLE {WEIGHT}")
    if int(scene.as_root(count)) == before:
        raise Failed("No deadlock came about.")
    yield


@contextmanager
def connections_used_up(_scene: Scene) -> Iterator[None]:
    """No further connection is accepted, and those of the stream are killed."""
    with _session() as asked:
        (usual,) = asked("SELECT @@GLOBAL.max_connections")
        asked("SET GLOBAL max_connections = 1")
        try:
            _kill(asked)
            yield
        finally:
            asked(f"SET GLOBAL max_connections = {usual}")


def _kill(asked: Callable[[str], list[str]]) -> None:
    for kill in asked(OF_SPARK):
        asked(kill.rstrip(";"))


@contextmanager
def _session() -> Iterator[Callable[[str], list[str]]]:
    """One of root's that stays open; each call returns what MySQL has answered, and goes on after an error."""
    command = remote.command("mysql", "sudo mysql --force --batch --skip-column-names --unbuffered millrace")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as client:  # type: ignore[call-overload]
        assert client.stdin and client.stdout
        statements, answers = client.stdin, client.stdout

        def ask(sql: str) -> list[str]:
            statements.write(f"{sql}; SELECT '{DONE}';\n")
            statements.flush()
            lines: list[str] = []
            for line in answers:
                if line.strip() == DONE:
                    return lines
                lines.append(line.strip())
            raise Failed("MySQL has ended the session.")

        yield ask
        client.communicate(timeout=60)
