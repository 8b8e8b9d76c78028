"""Fixtures over the scratch database: migrated once, emptied before each test."""

from collections.abc import Callable, Iterator

import pytest

from millrace.settings import Settings
from sql.engine import connect
from sql.evolve.evolve import evolve
from sql.ledger.ledger import Ledger
from tests.lab.ledger.evolve.stamps import filled, stamps  # noqa: F401 - fixtures of a feed whose contract changes
from tests.lab.ledger.scratch import Loader, Scratch, account, made_anew
from tests.lab.ledger.toy import TOYS


@pytest.fixture(scope="session")
def migrated() -> Settings:
    """A fresh scratch database with the project's schema; settings of the account that may change it."""
    return made_anew()


@pytest.fixture(scope="session")
def toys(migrated: Settings) -> Iterator[Scratch]:
    """The same database with the tables of two small feeds."""
    engine = connect(migrated)
    evolve(engine, TOYS)
    yield Scratch(engine)
    engine.dispose()


@pytest.fixture
def scratch(toys: Scratch) -> Scratch:
    """The database without a row."""
    toys.empty()
    return toys


@pytest.fixture
def spark_account() -> Settings:
    return account("spark")


@pytest.fixture
def new_ledger(scratch: Scratch, spark_account: Settings) -> Iterator[Callable[[], Ledger]]:
    """Makes ledgers of the application `toy`, and closes their connections at the end."""
    made: list[Ledger] = []

    def new() -> Ledger:
        made.append(Ledger(spark_account, "toy", TOYS))
        return made[-1]

    yield new
    for ledger in made:
        ledger.engine.dispose()


@pytest.fixture
def ledger(new_ledger: Callable[[], Ledger]) -> Ledger:
    """An owner."""
    ledger = new_ledger()
    ledger.take_epoch()
    return ledger


@pytest.fixture
def loader(ledger: Ledger, spark_account: Settings) -> Loader:
    """A loader with both feeds open."""
    loader = Loader(spark_account, ledger)
    for feed in TOYS:
        loader.open(feed)
    return loader
