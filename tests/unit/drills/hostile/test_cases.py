"""What is said of hostile records is what reading and cleaning make of them, and every kind of them occurs.

What MySQL makes of them only the drill can tell.
"""

from collections import Counter

from drills.hostile.cases import FEED, as_sent, cases
from drills.hostile.tokens import AGAIN, LOADS, NO_ENVELOPE, OF_ENVELOPE, REFUSED, UNKNOWN, UNSEALED, VALUES
from instruments.own_feed import CONTRACT
from millrace.record.seal import Trust
from tests.unit.spark.records import SEAL, cleaned

SEED, COUNT = 7, 10_000


def test_each_is_loaded_or_refused_as_is_said() -> None:
    made = list(cases(SEED, COUNT // 2))
    fates: dict[tuple[int, int], str] = {}
    found = cleaned(CONTRACT, [as_sent(case, SEAL) for case in made], Trust(SEAL)).to_pylist()
    for number, (case, row) in enumerate(zip(made, found, strict=True)):
        is_refused = row["reasons"] is not None
        identity = (row["source_id"], row["row_no"])
        if case.identity is None:
            assert identity[1] == number, f"{number}: {case.value[:300]!r}"
        else:
            assert identity == case.identity, f"{number}: {case.value[:300]!r}"
            assert (case.fate == AGAIN) is (identity in fates)
        fate = fates.get(identity, case.fate)
        fates[identity] = fate
        assert is_refused is (fate == REFUSED), f"{number}: {case.value[:300]!r}, {fate}: {row['reasons']}"


def test_every_kind_occurs_and_the_same_seed_gives_the_same() -> None:
    made = list(cases(SEED, COUNT))
    assert made == list(cases(SEED, COUNT)) != list(cases(SEED + 1, COUNT))
    fates = Counter(case.fate for case in made)
    assert CONTRACT.feed == FEED
    assert min(fates[fate] for fate in (LOADS, REFUSED)) > COUNT / 4 and fates[AGAIN] > COUNT / 50
    texts = b"\n".join(case.value for case in made).decode(errors="replace")
    values = [value for *_, value, _ in (*VALUES, *OF_ENVELOPE)] + [value for _, value in NO_ENVELOPE]
    values += [value for value, _ in UNKNOWN] + [value for (_, value), _ in UNSEALED]
    assert [value for value in values if value not in texts] == []
