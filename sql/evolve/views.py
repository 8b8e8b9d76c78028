"""Views beside a feed's tables, for dashboards: plain SQL in feeds/<feed>/views.sql, run again when it changes."""

from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy import Engine, select, update

from millrace.contract.contract import VERSION_LENGTH
from millrace.feed_names import contract_file
from sql.schema.contract_table import contract as made_contract
from sql.script import run_sql

FILE = "views.sql"


def make_views(engine: Engine, feeds: Iterable[str]) -> list[str]:
    """Run the files that are new or have changed, after all tables are there; what was done, a few words each."""
    of, done = made_contract.c, []
    for feed in feeds:
        file = contract_file(feed).with_name(FILE)
        if not file.is_file():
            continue
        digest = sha256(file.read_bytes()).hexdigest()[:VERSION_LENGTH]
        with engine.connect() as connection:
            if connection.scalar(select(of.views).where(of.feed == feed)) == digest:
                continue
            run_sql(connection.connection.driver_connection, file)
            connection.execute(update(made_contract).where(of.feed == feed).values(views=digest))
            connection.commit()
        done.append(f"{feed}: {FILE}")
    return done
