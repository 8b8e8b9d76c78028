"""Brings a database to the newest schema: Alembic runs the plain SQL files of sql/migrations in their order."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from millrace.errors import Refused
from millrace.settings import Settings
from sql.engine import connect

HERE = Path(__file__).parent
LOCK = "millrace_migrate"
LOCK_SECONDS = 60


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, in place of an alembic.ini."""
    made = Config()
    made.set_main_option("script_location", str(HERE / "alembic"))
    made.set_main_option("version_locations", str(HERE / "migrations"))
    made.set_main_option("path_separator", "newline")
    made.attributes["connection"] = connection
    return made


def revisions() -> list[str]:
    """Every migration, oldest first."""
    script = ScriptDirectory.from_config(config())
    return [found.revision for found in reversed(list(script.walk_revisions()))]


def migrate(settings: Settings) -> list[str]:
    """Apply what is missing, as an account with rights on the whole schema; the revisions applied, oldest first."""
    engine = connect(settings)
    try:
        with engine.connect() as connection:
            _lock(connection)
            before = current(connection)
            connection.commit()  # so that Alembic opens, and commits, one transaction per revision
            command.upgrade(config(connection), "head")
            after = current(connection)
    finally:
        engine.dispose()  # gives the lock back
    known = revisions()
    return known[known.index(before) + 1 if before else 0 : known.index(after) + 1 if after else 0]


def _lock(connection: Connection) -> None:
    if not connection.scalar(text("SELECT GET_LOCK(:name, :seconds)"), {"name": LOCK, "seconds": LOCK_SECONDS}):
        raise Refused(f"Another migration has been running for {LOCK_SECONDS} s; let it end, then migrate again.")


def current(connection: Connection) -> str | None:
    """The newest revision the database has; None when it has none."""
    return MigrationContext.configure(connection).get_current_revision()
