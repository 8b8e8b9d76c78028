"""Whatever arrives, in any order, however often, with undone loads between: the tables are what a dict would be."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from millrace.contract.contract import Contract
from sql.ledger.rollup import differences
from tests.lab.ledger.scratch import Loader, Record, Scratch
from tests.lab.ledger.toy import DRAWS, PLANS

Loads = list[tuple[list[tuple[int, int]], str]]

# Few identities, keys and dates, so that most records meet another one.
IDENTITIES = st.tuples(st.integers(1, 2), st.integers(1, 6))
ENDS = st.sampled_from(["committed", "committed", "undone"])


def draw(identity: tuple[int, int]) -> Record:
    """The one record of that identity."""
    source, row = identity
    return Record(source, row, {"city": [None, "Lyon", "lyon"][row % 3], "number": row * 7, "prize": Decimal(source)})


def plan(identity: tuple[int, int]) -> Record:
    source, row = identity
    day = f"2020-01-0{1 + (row * source) % 3}"
    kind = [None, "tin", "gold"][row % 3]
    return Record(source, row, {"plan": f"P{row % 2}", "changed_on": day, "kind": kind, "price": Decimal(row)})


LOADS = st.lists(st.tuples(st.lists(IDENTITIES, min_size=1, max_size=6), ENDS), min_size=1, max_size=5)
NO_DEADLINE = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def send(loader: Loader, scratch: Scratch, contract: Contract, loads: list[tuple[list[Record], str]]) -> list[Record]:
    """Load each list into an empty feed, undo those that are to be undone; the records that were committed."""
    for table in (contract.feed, contract.rollups[0].name, "pipeline_load_source", "pipeline_load", "pipeline_feed"):
        scratch.run(f"DELETE FROM {table}")
    loader.open(contract.feed)
    committed: list[Record] = []
    rows = 0
    for records, end in loads:
        if end == "committed":
            counts = loader.load(contract.feed, records)
            assert counts.read == len(records) == counts.loaded + counts.updated + counts.duplicates
            committed += records
            rows += counts.loaded
        else:
            loader.write(loader.begin(contract.feed, len(records)), contract.feed, records)
            loader.ledger.undo_pending(contract.feed)
    assert scratch.one(f"SELECT COUNT(*) FROM {contract.feed}") == rows
    with scratch.engine.connect() as connection:
        assert differences(connection, contract) == {}
    return committed


@NO_DEADLINE
@given(loads=LOADS)
def test_appended_rows_are_the_set_of_what_was_committed(loader: Loader, scratch: Scratch, loads: Loads) -> None:
    committed = send(loader, scratch, DRAWS, [([draw(i) for i in identities], end) for identities, end in loads])
    wanted = sorted({(r.source, r.row, r.values["city"], r.values["number"]) for r in committed}, key=repr)
    assert sorted(scratch.rows("SELECT source_id, row_no, city, number FROM toy_draw"), key=repr) == wanted


@NO_DEADLINE
@given(loads=LOADS)
def test_upserted_rows_are_the_newest_of_what_was_committed(loader: Loader, scratch: Scratch, loads: Loads) -> None:
    committed = send(loader, scratch, PLANS, [([plan(i) for i in identities], end) for identities, end in loads])
    newest: dict[str, Record] = {}
    for record in sorted(committed, key=lambda r: (r.values["changed_on"], r.source, r.row)):
        newest[record.values["plan"]] = record
    wanted = sorted((name, r.source, r.row, r.values["kind"], r.values["price"]) for name, r in newest.items())
    assert scratch.rows("SELECT plan, source_id, row_no, kind, price FROM toy_plan ORDER BY plan") == wanted
