"""A change of tables may be killed anywhere, and waits for the stream to pause the feed."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, event

from millrace.errors import Refused
from sql import contracts_in_use
from sql.engine import connect
from sql.evolve import evolve as module
from sql.evolve import pause
from sql.evolve.evolve import evolve
from tests.lab.ledger.evolve.stamps import (
    BY_COUNTRY,
    CENTS,
    COUNTRY,
    FEED,
    PRICE,
    STAMPS,
    VALUE,
    change,
    columns,
    definition,
    stamp,
)
from tests.lab.ledger.scratch import Scratch, account


def test_it_goes_on_from_wherever_it_was_killed(filled: Engine, scratch: Scratch) -> None:
    colour = {"from": "Colour", "name": "colour", "type": "varchar(10)", "comment": "Its colour"}
    wanted = stamp(
        COUNTRY | {"name": "land", "was": "country"},
        VALUE | {"type": "bigint"},
        PRICE,
        colour,
        rollups=[BY_COUNTRY | {"by": ["land"], "where": "value > 10", "measures": [STAMPS, CENTS]}],
    )
    for number in range(40):
        killing = connect(account("migrate"))
        if _killed_at(number, killing, lambda: evolve(killing, {FEED: wanted})):  # noqa: B023
            continue
        break
    else:
        pytest.fail("it never came to its end")
    assert number > 8
    change(filled, wanted)
    assert scratch.rows(f"SELECT land, stamps, cents FROM {FEED}_by_country ORDER BY 1") == [
        ("C0", 1, 20),
        ("C1", 1, 30),
    ]
    assert scratch.rows(f"SHOW TABLES LIKE '{FEED}%\\_\\_%'") == []
    with filled.connect() as connection:
        assert contracts_in_use.read(connection)[FEED].to_fill == {"colour": ["Colour"]}


class Killed(BaseException):
    """The process ends here."""


def _killed_at(number: int, engine: Engine, work: Callable[[], object]) -> bool:
    """Runs `work` until its statement of that number that changes something; whether it was killed there."""
    left = number

    def count(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        nonlocal left
        if statement.split(maxsplit=1)[0] in ("ALTER", "CREATE", "DROP", "RENAME", "INSERT", "UPDATE"):
            if left == 0:
                raise Killed
            left -= 1

    event.listen(engine, "before_cursor_execute", count)
    try:
        work()
    except Killed:
        return True
    finally:
        engine.dispose()
    return False


def alive(scratch: Scratch) -> None:
    """A stream has the lease."""
    scratch.run(
        "INSERT INTO pipeline_app (app, epoch, owner, lease_until) VALUES ('toy', 1, 'me', NOW(3) + INTERVAL 1 HOUR)"
    )


def test_a_feed_that_runs_is_paused_first(filled: Engine, scratch: Scratch) -> None:
    alive(scratch)
    paused: list[str] = []
    done = Event()

    def stream() -> None:
        while not done.wait(0.05):
            with filled.begin() as connection:
                if contracts_in_use.read(connection)[FEED].state == "asked":
                    paused.append(columns(scratch)[4])
                    contracts_in_use.confirm(connection, FEED)

    thread = Thread(target=stream)
    thread.start()
    change(filled, stamp(COUNTRY, VALUE | {"name": "cents", "was": "value"}, PRICE))
    done.set()
    thread.join()
    assert paused == ["value"]
    assert scratch.one(f"SELECT state FROM pipeline_contract WHERE feed = '{FEED}'") == "in_use"


def test_a_stream_that_does_not_hear_changes_nothing(
    filled: Engine, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive(scratch)
    monkeypatch.setattr(module, "pause", lambda engine, contract: pause.pause(engine, contract, seconds=0.3))
    with pytest.raises(Refused, match=r"the stream has not paused it within 0 s.*`make logs"):
        evolve(filled, {FEED: stamp(COUNTRY, VALUE | {"type": "bigint"}, PRICE)})
    assert "`value` int NOT NULL" in definition(scratch, FEED)
    assert scratch.one(f"SELECT state FROM pipeline_contract WHERE feed = '{FEED}'") == "in_use"


def test_without_a_stream_what_it_left_is_undone(filled: Engine, scratch: Scratch) -> None:
    scratch.run(
        "INSERT INTO pipeline_load (load_id, app, epoch, feed, topic_uuid, start_offsets, end_offsets,"
        f" contract_version, state, started_at)"
        f" VALUES (2, 'toy', 1, '{FEED}', 'u', '{{}}', '{{}}', 'x', 'pending', NOW())"
    )
    scratch.run(f"INSERT INTO {FEED} (source_id, row_no, load_id, value) VALUES (1, 9, 2, 1)")
    change(filled, stamp(COUNTRY, VALUE | {"type": "bigint"}, PRICE))
    assert scratch.one(f"SELECT COUNT(*) FROM {FEED}") == 3
    assert scratch.one("SELECT state FROM pipeline_load WHERE load_id = 2") == "undone"
