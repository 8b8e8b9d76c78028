"""The lease is renewed here, in a thread of its own, as long as the application runs."""

import logging
from collections.abc import Callable
from threading import Event

from sqlalchemy.exc import SQLAlchemyError

from spark.load.error_summary import sentence
from sql.errors import LostEpoch
from sql.ledger.ledger import Ledger

log = logging.getLogger("millrace.stream")
RENEW_SECONDS = 5


def renew_lease(ledger: Ledger, stopping: Event, give_up: Callable[[str], None]) -> None:
    """Until `stopping`. Nobody can take the lease while MySQL is away, so only its loss ends the application."""
    while not stopping.wait(RENEW_SECONDS):
        try:
            ledger.renew_lease()
        except LostEpoch as error:
            give_up(str(error))
        except (SQLAlchemyError, OSError) as error:
            log.warning("the lease is not renewed yet: %s", sentence(error))
