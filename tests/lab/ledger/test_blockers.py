"""Who holds the lock that a load waits for can be told by the account that loads."""

from functools import partial
from threading import Thread

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from millrace.settings import Settings
from sql.blockers import METADATA_LOCK, blocker
from sql.engine import connect
from tests.lab.ledger.scratch import Scratch
from tests.lab.tools import wait_until

DRAW = "INSERT INTO toy_draw (source_id, row_no, load_id, number) VALUES (1, 1, 1, 7)"


def test_the_holder_of_a_row_or_a_table_is_named(scratch: Scratch, spark_account: Settings) -> None:
    waiting = connect(spark_account)
    failed: list[str] = []

    def wait_for_it() -> None:
        try:
            with waiting.begin() as connection:
                connection.execute(text("SET SESSION lock_wait_timeout = 120, innodb_lock_wait_timeout = 120"))
                connection.execute(text(DRAW))
        except IntegrityError:
            return  # the first row is there
        except DBAPIError as error:
            failed.append(str(error))

    def names(asking: Connection, told: str) -> bool:
        assert failed == []
        return (blocker(asking) or "").startswith(told)

    with waiting.connect() as asking:
        assert blocker(asking) is None
    for hold, told in ((DRAW, "migrate@"), ("LOCK TABLES toy_draw READ", METADATA_LOCK)):
        with scratch.engine.connect() as holder:
            holder.execute(text(hold))
            thread = Thread(target=wait_for_it)
            thread.start()
            with waiting.connect() as asking:
                wait_until(partial(names, asking, told), f"{told} is named", 100)
            holder.execute(text("UNLOCK TABLES"))
            holder.rollback()
            thread.join(30)
            assert not thread.is_alive()
    waiting.dispose()
