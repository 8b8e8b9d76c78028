"""What MySQL refuses, or lets wait."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from drills.drill import Act
from drills.scene import Scene
from drills.waiting import Failed, until
from lab.host import remote
from millrace.errors import Refused

OF_SPARK = "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE user = 'spark'"

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
def connections_killed(scene: Scene) -> Iterator[None]:
    """Every connection of the stream, by KILL."""
    for _ in range(5):
        for kill in scene.as_root(OF_SPARK).splitlines():
            with suppress(Refused):  # it has ended by itself
                scene.as_root(kill)
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
def table_locked(scene: Scene) -> Iterator[None]:
    """Somebody holds the rollups' rows that every commit of the feed sales needs, in an open transaction."""
    command = remote.command("mysql", "sudo mysql --batch --skip-column-names --unbuffered millrace")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdin and client.stdout
        client.stdin.write("BEGIN; SELECT COUNT(*) FROM sales_by_hour FOR UPDATE;\n")
        client.stdin.flush()
        client.stdout.readline()
        try:
            yield
        finally:
            client.communicate("ROLLBACK;\n", timeout=60)


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
def connections_used_up(scene: Scene) -> Iterator[None]:
    """No further connection is accepted, and those of the stream are killed."""
    (usual,) = scene.as_root("SELECT @@GLOBAL.max_connections").split()
    scene.as_root("SET GLOBAL max_connections = 1")
    try:
        with connections_killed(scene):
            yield
    finally:
        again = f"SET GLOBAL max_connections = {usual}"
        until(lambda: scene.as_root(again) == "", "the usual number of connections is allowed")
