"""Cleaned rows beside what an oracle says of their records: every difference in a few words."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import Phase, Verbosity, settings

from millrace.contract.contract import Contract
from tests.unit.spark.clean.oracle.columns import Outcome
from tests.unit.spark.clean.oracle.undecided import UNDECIDED
from tests.unit.spark.records import Row, event, reasons, rows

Record = dict[str, str]
SIZES = (1, 4, 20, 20)
"""Of batches."""


def some(examples: int) -> settings:
    """So many examples, the same ones in every run. What differs is named; a batch of records need not be shrunk.

    An example is a random generator: of a list of texts Hypothesis makes most examples by saying some texts twice.
    """
    phases = (Phase.explicit, Phase.generate)
    return settings(max_examples=examples, derandomize=True, phases=phases, verbosity=Verbosity.quiet)


def cleaned(contract: Contract, records: Sequence[Record], random: Random) -> list[Row]:
    """The records' rows, from batches of some sizes: what is odd must not depend on what stands beside it."""
    found: list[Row] = []
    while len(found) < len(records):
        found += _together(contract, records[len(found) :][: random.choice(SIZES)])
    return found


def _together(contract: Contract, records: Sequence[Record]) -> list[Row]:
    """The records' rows from one batch; where that fails, a record that fails alone is named."""
    events = [event(contract, record) for record in records]
    try:
        return rows(contract, events)
    except Exception:
        for record, one in zip(records, events, strict=True):
            try:
                rows(contract, [one])
            except Exception as error:
                raise AssertionError(f"{record} cannot be cleaned: {error}") from error
        raise


def differences(row: Row, expected: Mapping[str, Outcome]) -> dict[str, tuple[Any, Any]]:
    """By column, what was found and what was expected: a value, or "refused"."""
    why = dict(reasons(row))
    outcomes = {name: Outcome(getattr(row, name), name in why) for name in expected}
    is_loaded = row.reasons is None
    return {
        name: (why.get(name, outcomes[name].value), "refused" if one.is_refused else one.value)
        for name, one in expected.items()
        if one.value is not UNDECIDED and not _agree(outcomes[name], one, is_loaded)
    } | {name or "record": (reason, "loaded") for name, reason in why.items() if name not in expected}


def _agree(found: Outcome, expected: Outcome, is_loaded: bool) -> bool:
    """The values of a record that is refused are nobody's concern."""
    if found.is_refused or expected.is_refused or not is_loaded:
        return found.is_refused == expected.is_refused
    if isinstance(found.value, Decimal) and isinstance(expected.value, Decimal):
        return found.value == expected.value
    return type(found.value) is type(expected.value) and bool(found.value == expected.value)
