"""Superset's own tables, as the installed version wants them: what `superset db upgrade` and `superset init` do.

Superset's modules are imported where they are used: most of them work inside the application only.
"""

import os
import sys
import time
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool


def wait_for_mysql(seconds: float) -> None:
    """Returns once the account `superset` is let in; ends with one sentence when that takes too long."""
    from superset import config  # noqa: PLC0415

    engine = create_engine(config.SQLALCHEMY_DATABASE_URI, connect_args={"connect_timeout": 5}, poolclass=NullPool)
    deadline = time.monotonic() + seconds
    while True:
        try:
            engine.connect().close()
        except OperationalError as error:
            if time.monotonic() > deadline:
                sys.exit(f"MySQL did not let Superset in for {seconds:.0f} s ({error.orig}): is mysql up?")
            time.sleep(1)
        else:
            return


def ensure_tables() -> bool:
    """Whether anything was done: nothing where this very installation left the tables as they are now."""
    from superset import appbuilder, db, security_manager  # noqa: PLC0415

    kept = Path(os.environ["SUPERSET_HOME"]) / ".metadata"
    if kept.exists() and kept.read_text() == state():
        return False
    upgrade()
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    db.session.commit()
    kept.write_text(state())
    return True


def state() -> str:
    """The installed environment's key and the tables' version, empty where there are none yet."""
    from superset import db  # noqa: PLC0415

    key = " ".join(sorted(path.name for path in Path(sys.prefix).glob(".tree-*")))
    try:
        with db.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version ORDER BY version_num")
            versions = " ".join(version for (version,) in found)
    except ProgrammingError:
        versions = ""
    return f"{key} {versions}"
