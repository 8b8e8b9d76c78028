"""What the producers tell people."""

from sql.ledger.ledger import Ledger
from sql.notices import Notice, all_notices, report


def notice(name: str, message: str = "it waits", kind: str = "waits") -> Notice:
    return Notice("toy_draw", "landing", name, kind, message)


def test_a_place_tells_what_is_so_now(ledger: Ledger) -> None:
    with ledger.engine.begin() as connection:
        report(connection, "toy_draw", "landing", [notice("a"), notice("b")])
        report(connection, "toy_plan", "landing", [Notice("toy_plan", "landing", "a", "trouble", "wrong")])
        report(connection, "toy_draw", "landing", [notice("b", "it is a folder", "trouble")])
        assert [(each.feed, each.name, each.kind) for each in all_notices(connection)] == [
            ("toy_draw", "b", "trouble"),
            ("toy_plan", "a", "trouble"),
        ]
        report(connection, "toy_draw", "landing", [])
        assert [each.feed for each in all_notices(connection)] == ["toy_plan"]
