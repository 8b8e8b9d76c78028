"""Refused records that were settled long ago leave quarantine; one that is open stays until a person settles it."""

from sqlalchemy import Connection, delete, text

from sql.schema.ledger_tables import quarantine

KEPT_DAYS = 30
PIECE = 500
"""Records that go in one transaction; each may have 8 MB."""
OLD = text(f"NOW(3) - INTERVAL {KEPT_DAYS} DAY")


def clear_settled(connection: Connection, feed: str) -> int:
    """Forget a piece of what was settled more than KEPT_DAYS ago; how many records went."""
    of = quarantine.c
    old = delete(quarantine).where(of.feed == feed, of.resolved_load_id.is_not(None), of.resolved_at < OLD)
    return connection.execute(old.with_dialect_options(mysql_limit=PIECE)).rowcount
