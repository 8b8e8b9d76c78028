"""Brings Superset's own tables to what the installed version wants: `db upgrade`, then `init` for the roles.

Usage: metadata.py SECONDS    Run as root with Superset's own Python; waits so long for MySQL to let Superset in.
Prints "changed", or nothing where this version made the tables before: Superset takes ten seconds to find that out.
"""

import subprocess
import sys
import time
from pathlib import Path

import MySQLdb

ENVIRONMENT = Path("/etc/millrace/superset.env")


def connect(settings: dict[str, str]) -> MySQLdb.Connection:
    return MySQLdb.connect(
        host=settings["MILLRACE_MYSQL_HOST"],
        port=int(settings["MILLRACE_MYSQL_PORT"]),
        user="superset",
        password=settings["SUPERSET_METADATA_PASSWORD"],
        database="superset",
        connect_timeout=5,
    )


def wait_for_mysql(settings: dict[str, str], seconds: float) -> None:
    """Returns once the account is let in; ends with one sentence when that takes too long."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            connect(settings).close()
        except MySQLdb.Error as error:
            if time.monotonic() > deadline:
                sys.exit(f"MySQL did not let Superset in for {seconds:.0f} s ({error}): is mysql up?")
            time.sleep(1)
        else:
            return


def state(settings: dict[str, str]) -> str:
    """The installed environment's key and the tables' version, empty where there are none yet."""
    key = " ".join(sorted(path.name for path in Path(sys.prefix).glob(".tree-*")))
    cursor = connect(settings).cursor()
    try:
        cursor.execute("SELECT version_num FROM alembic_version ORDER BY version_num")
        versions = " ".join(row[0] for row in cursor.fetchall())
    except MySQLdb.ProgrammingError:
        versions = ""
    return f"{key} {versions}"


def main() -> None:
    settings = dict(line.split("=", 1) for line in ENVIRONMENT.read_text().splitlines())
    wait_for_mysql(settings, float(sys.argv[1]))
    kept = Path(settings["SUPERSET_HOME"]) / ".metadata"
    if kept.exists() and kept.read_text() == state(settings):
        return
    for command in (["db", "upgrade"], ["init"]):
        done = subprocess.run(["/usr/local/bin/superset", *command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"superset {' '.join(command)} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    kept.write_text(state(settings))
    print("changed")


if __name__ == "__main__":
    main()
