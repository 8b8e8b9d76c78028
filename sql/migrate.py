"""Brings a database to the newest schema: Alembic runs the SQL files of sql/migrations, contracts make the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from millrace.contract.contract import Contract, all_contracts
from millrace.errors import Refused
from millrace.settings import Settings
from sql import events
from sql.engine import connect
from sql.events import LabEvent
from sql.evolve.evolve import evolve
from sql.evolve.forget import forget as forget_feed
from sql.evolve.views import make_views

HERE = Path(__file__).parent
LOCK = "millrace_migrate"
LOCK_SECONDS = 60
STATEMENT_SECONDS = 3600
"""Rebuilding the largest table, or summing it up, takes minutes."""


@dataclass(frozen=True)
class Migrated:
    """What was done: the migrations applied, oldest first, and what changed from the contracts, a few words each."""

    applied: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


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


def migrate(settings: Settings, contracts: Mapping[str, Contract] | None = None) -> Migrated:
    """Apply what is missing, as an account with rights on the whole schema. A feed pauses while its tables change."""
    wanted = all_contracts() if contracts is None else contracts
    engine = connect(settings, read_seconds=STATEMENT_SECONDS)
    try:
        with engine.connect() as connection:
            _lock(connection)
            applied = _upgrade(connection)
            changed = evolve(engine, wanted)
            if contracts is None:
                changed += make_views(engine, wanted)
    finally:
        engine.dispose()  # gives the lock back
    return Migrated(applied, changed)


def forget(settings: Settings, feed: str) -> bool:
    """The feed leaves the database, as sql.evolve.forget says, while nobody migrates; False where it was not there."""
    engine = connect(settings, read_seconds=STATEMENT_SECONDS)
    try:
        with engine.connect() as connection:
            _lock(connection)
            return forget_feed(engine, feed)
    finally:
        engine.dispose()


def _upgrade(connection: Connection) -> list[str]:
    known = revisions()
    before = current(connection)
    if unknown := [revision for revision in before if revision not in known]:
        # Of an older release, or a feed's own that had a migration then. Each file may run again, so all of them do.
        connection.execute(text("DELETE FROM alembic_version"))
        before = []
    connection.commit()  # so that Alembic opens, and commits, one transaction per revision
    command.upgrade(config(connection), "heads")
    after = current(connection)
    if before != after:
        steps = f"The schema went from {' '.join(before) or 'nothing'} to {' '.join(after)}."
        events.note(connection, LabEvent("migrated", steps))
    connection.commit()
    if not unknown and before == after:
        return []
    return known[max((known.index(revision) + 1 for revision in before), default=0) :]


def _lock(connection: Connection) -> None:
    if not connection.scalar(text("SELECT GET_LOCK(:name, :seconds)"), {"name": LOCK, "seconds": LOCK_SECONDS}):
        raise Refused(f"Another migration has been running for {LOCK_SECONDS} s; let it end, then migrate again.")


def current(connection: Connection) -> list[str]:
    """The revisions that the database is at; none when it is empty."""
    return list(MigrationContext.configure(connection).get_current_heads())
