"""Any text in any column of any contract is loaded with the value that the docs promise, or refused."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.spark.clean.comparison import cleaned, differences, some
from tests.unit.spark.clean.generated.contracts import KINDS, contract_of, record_of
from tests.unit.spark.clean.oracle.columns import outcome
from tests.unit.spark.clean.oracle.parse import parse_of

CONTRACTS, RECORDS = 100, 20


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_is_loaded_as_promised_or_refused(kind: str) -> None:
    @some(CONTRACTS)
    @given(st.randoms(use_true_random=True))
    def check(random: Random) -> None:
        contract = contract_of(kind, random)
        records = [record_of(contract, random) for _ in range(RECORDS)]
        wrong = []
        for record, row in zip(records, cleaned(contract, records, random), strict=True):
            expected = {c.name: outcome(c, record, parse_of(contract.feed, c.parse)) for c in contract.columns}
            if difference := differences(row, expected):
                wrong.append((record, difference))
        assert wrong == [], contract.columns

    check()
