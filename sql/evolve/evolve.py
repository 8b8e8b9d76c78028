"""Brings every feed's tables to its contract, on a database where others go on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from millrace.contract.contract import Contract
from millrace.errors import Refused
from sql import contracts_in_use, events
from sql.errors import retrying
from sql.events import LabEvent
from sql.evolve import sentences
from sql.evolve.change import carry_out
from sql.evolve.pause import pause
from sql.evolve.plan import Plan, make_plan

LOCK_WAIT_SECONDS = 10
"""A statement that waits for a table's readers holds all later ones up; it gives way after so long, and tries again."""
PATIENCE_SECONDS = 900.0


def evolve(engine: Engine, contracts: Mapping[str, Contract]) -> list[str]:
    """Every feed's tables fit its contract; what was done, a few words each. Refused before anything is done."""
    with _connection(engine) as connection:
        there, documents = contracts_in_use.read(connection), contracts_in_use.read_documents(connection)
        plans = {feed: make_plan(connection, one, documents.get(feed)) for feed, one in contracts.items()}
    done: list[str] = []
    for feed, plan in plans.items():
        known = there.get(feed)
        if plan.has_work:
            done += _change(engine, plan, known)
        elif known is None or known.version != plan.contract.version or known.state != "in_use":
            _finish(engine, plan, known)
            done.append(f"{feed}: contract {plan.contract.version}")
    return done


def _change(engine: Engine, plan: Plan, known: contracts_in_use.Made | None) -> list[str]:
    contract = plan.contract
    if known is not None or not plan.is_first:
        pause(engine, contract)
        plan = _checked_again(engine, contract, known)
    try:
        for attempt in retrying(PATIENCE_SECONDS):
            with attempt, _connection(engine) as connection:
                # Planned anew each time: an earlier try may have done some of it.
                carry_out(connection, _plan(connection, contract))
    except DBAPIError as error:
        raise Refused(sentences.FAILED.format(feed=contract.feed, why=error.orig)) from error
    _finish(engine, plan, known)
    return plan.describe()


def _checked_again(engine: Engine, contract: Contract, known: contracts_in_use.Made | None) -> Plan:
    """The plan now that nothing is written any more; where it is refused, the feed goes on as it was."""
    try:
        with _connection(engine) as connection:
            return _plan(connection, contract)
    except Refused:
        if known is None or known.state == "in_use":
            with engine.begin() as connection:
                contracts_in_use.withdraw(connection, contract.feed)
        raise


def _plan(connection: Connection, contract: Contract) -> Plan:
    return make_plan(connection, contract, contracts_in_use.read_documents(connection).get(contract.feed))


def _finish(engine: Engine, plan: Plan, known: contracts_in_use.Made | None) -> None:
    """The feed may run; what an earlier change has left to fill is not forgotten."""
    former = plan.contract.former_names
    feed, version = plan.contract.feed, plan.contract.version
    done = "; ".join([f"contract {version}", *(each.removeprefix(f"{feed}: ") for each in plan.describe())])
    left = {former.get(name, name): headers for name, headers in (known.to_fill if known else {}).items()}
    with engine.begin() as connection:
        contracts_in_use.finish(connection, plan.contract, left | plan.to_fill)
        events.note(connection, LabEvent("contract", f"{done}.", feed))


@contextmanager
def _connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        connection.execute(text(f"SET SESSION lock_wait_timeout = {LOCK_WAIT_SECONDS}"))
        yield connection
        connection.commit()
