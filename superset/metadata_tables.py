"""Superset's own tables, as the installed version wants them: what `superset db upgrade` and `superset init` do.

Hundreds of migrations on an empty database take MySQL a quarter of a minute. So what they come to is kept as plain SQL,
before there is a user or a password in it, and an empty database is filled from that where the same Superset, with the
same settings, made it before. Other machines may write it: its SHA-256 has to be one that the host has written down.

Superset's modules are imported where they are used: most of them work inside the application only.
"""

import os
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

VERSIONS = "alembic_version"
"""The table that says which migrations were applied; a database without it is not Superset's yet."""


def database() -> Engine:
    """Superset's own database, without the application."""
    from superset import config  # noqa: PLC0415

    return create_engine(config.SQLALCHEMY_DATABASE_URI, connect_args=config.MYSQL_PATIENCE, poolclass=NullPool)


class NotLetInError(Exception):
    """MySQL does not let the account `superset` in, or no longer; the sentence says what it or the network said."""

    def __init__(self, error: OperationalError) -> None:
        said = error.orig.args[-1] if error.orig and error.orig.args else error
        super().__init__(f"MySQL did not let Superset in: {said}")


def wait_for_mysql(seconds: float) -> None:
    """Returns once the account `superset` is let in; raises NotLetInError when that takes too long."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            database().connect().close()
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise NotLetInError(error) from error
            time.sleep(1)
        else:
            return


def fill_tables(known: str) -> bool:
    """Whether a database that was not Superset's yet was filled from what an earlier lab kept.

    `known`: SHA-256:NAME of each file that may be believed, with commas between them, or `any`.
    """
    source = Path(os.environ["SUPERSET_TABLES_CACHE"]) / file_name()
    if not source.exists() or applied():
        return False
    content = source.read_bytes()
    if known != "any" and f"{sha256(content).hexdigest()}:{source.name}" not in known.split(","):
        sys.stderr.write(f"{source} is not as the host has written down: the tables are made anew.\n")
        return False
    with database().connect() as connection:
        plain = connection.execution_options(no_parameters=True)
        for statement in content.decode().split(";\n"):
            if statement:
                plain.exec_driver_sql(statement)
        plain.exec_driver_sql("COMMIT")
    state_file().write_text(state())
    return True


def ensure_tables() -> tuple[bool, Path | None]:
    """Whether anything was done, which is nothing where this very installation left the tables as they are now; and
    the file for the cache, where they were made from nothing."""
    from superset import appbuilder, db, security_manager  # noqa: PLC0415

    if state_file().exists() and state_file().read_text() == state():
        return False, None
    from_nothing = not applied()
    upgrade()
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    db.session.commit()
    kept = Path(os.environ["SUPERSET_HOME"]) / file_name()
    if from_nothing:
        with database().connect() as connection:
            kept.write_text(as_sql(connection), encoding="utf-8")
    state_file().write_text(state())
    return True, kept if from_nothing else None


def as_sql(connection: Connection) -> str:
    """All tables with their rows, a statement a line. The versions come last: what was cut short begins anew."""
    tables = sorted(inspect(connection).get_table_names(), key=lambda table: (table == VERSIONS, table))
    statements = ["SET FOREIGN_KEY_CHECKS = 0"]
    for table in tables:
        (_, create) = connection.exec_driver_sql(f"SHOW CREATE TABLE `{table}`").one()
        statements += [f"DROP TABLE IF EXISTS `{table}`", create.replace("\n", " ")]
        rows = connection.exec_driver_sql(f"SELECT * FROM `{table}`").all()  # noqa: S608 - a table's own name
        values = ", ".join("(" + ", ".join(literal(connection, value) for value in row) + ")" for row in rows)
        if values:
            statements.append(f"INSERT INTO `{table}` VALUES {values}")  # noqa: S608
    return "".join(f"{statement};\n" for statement in statements)


def literal(connection: Connection, value: Any) -> str:
    """The value as MySQL reads it."""
    if isinstance(value, bytes):
        return f"0x{value.hex()}" if value else "''"
    return str(connection.connection.literal(value).decode())


def applied() -> str:
    """The version of the tables, empty where there are none yet."""
    with database().connect() as connection:
        if not inspect(connection).has_table(VERSIONS):
            return ""
        found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS} ORDER BY version_num")  # noqa: S608
        return " ".join(version for (version,) in found)


def state_file() -> Path:
    return Path(os.environ["SUPERSET_HOME"]) / ".metadata"


def environment() -> str:
    """The key of the installed environment."""
    return " ".join(sorted(path.name for path in Path(sys.prefix).glob(".tree-*")))


def state() -> str:
    """What ensure_tables leaves: the installed environment's key and the tables' version."""
    return f"{environment()} {applied()}"


def file_name() -> str:
    """Names all that the tables and their first rows come from: the environment, Superset's settings, this file."""
    read = [Path(os.environ["SUPERSET_CONFIG_PATH"]), Path(__file__)]
    whole = environment() + "".join(path.read_text(encoding="utf-8") for path in read)
    return f"tables-{sha256(whole.encode()).hexdigest()[:16]}.sql"
