"""The files of ../shared/cases, as they are proposed and as their records would be stored."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from lab.commands.new_feed import asking
from lab.location import CHECKOUT
from lab.new_feed.proposal import Choices, Proposed, propose_contract
from producer.files.csv_file import CsvFile
from producer.files.spool import spool
from tests.unit.spark.records import event, rows

CASES = CHECKOUT.parent / "shared" / "cases"


def case(name: str) -> Path:
    """The file of that name; the test is skipped where the folder is not beside the checkout."""
    if not (CASES / name).is_file():
        pytest.skip("the cases are not on this machine (../shared/cases)")
    return CASES / name


def proposed(file: Path, scratch: Path) -> Proposed:
    """What `make new-feed` would propose, told nothing beside the file."""
    return propose_contract(file, "trial", scratch, Choices(asking("")))


def stored(made: Proposed, file: Path, scratch: Path) -> list[SimpleNamespace]:
    """The file's readable records, as the proposed contract stores them; those with reasons are refused."""
    spooled = spool(file, scratch / "spool")
    reading = CsvFile(made.contract, spooled.path, spooled.name)
    values = [event(made.contract, reading.texts(one), one.row) for one in reading.records() if one.is_readable]
    return rows(made.contract, values)
