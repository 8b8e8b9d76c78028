"""Refused records in quarantine: settled ones leave, and all of a feed together keep to a bound of bytes.

One that is open stays until a person settles it. Where the bound is passed, settled ones and then the oldest open ones
keep their reasons and the first bytes of the record; `cut_from` says how many it had.
"""

from typing import Any

from sqlalchemy import Connection, Select, delete, func, select, text, tuple_, update

from millrace.settings import load_lab
from sql.schema.ledger_tables import quarantine

KEPT_DAYS = 30
SHARE = 0.005
"""Of MySQL's disk, for the bytes of one feed's refused records."""
KEPT_BYTES = 2_048
"""Of a record that is cut; what is no longer than that stays whole, and does not count."""
PIECE = 500
"""Records that go in one transaction; each may have 8 MB."""
LOOKED_AT, PIECE_BYTES = 5_000, 64 << 20
"""Records that are looked at, of which so many bytes are cut in one transaction: MySQL reads them all."""
OLD = text(f"NOW(3) - INTERVAL {KEPT_DAYS} DAY")


def clear_settled(connection: Connection, feed: str) -> int:
    """Forget a piece of what was settled more than KEPT_DAYS ago; how many records went."""
    of = quarantine.c
    old = delete(quarantine).where(of.feed == feed, of.resolved_load_id.is_not(None), of.resolved_at < OLD)
    return connection.execute(old.with_dialect_options(mysql_limit=PIECE)).rowcount


def cut_oldest(connection: Connection, feed: str, most_bytes: int | None = None) -> int:
    """Cut a piece of what is too much; how many records were cut. `most_bytes`: else SHARE."""
    of = quarantine.c
    most = load_lab().machines["mysql"].share_of_disk(SHARE) if most_bytes is None else most_bytes
    long = (of.feed == feed, of.raw_length > KEPT_BYTES)
    excess = int(connection.scalar(_by_size(select(func.coalesce(func.sum(of.raw_length), 0)).where(*long)))) - most
    if excess <= 0:
        return 0
    oldest = (of.resolved_load_id.is_(None), of.load_id, of.source_id, of.row_no)
    query = select(of.source_id, of.row_no, of.load_id, of.raw_length).where(*long).order_by(*oldest).limit(LOOKED_AT)
    keys, taken = [], 0
    for row in connection.execute(_by_size(query)):
        if excess <= 0 or taken > PIECE_BYTES:
            break
        taken += row.raw_length
        keys.append((row.source_id, row.row_no, row.load_id))
        excess -= row.raw_length
    # In this order: MySQL sets one value after the other.
    values = ((of.cut_from, of.raw_length), (of.raw, func.left(of.raw, KEPT_BYTES)))
    those = update(quarantine).where(of.feed == feed, tuple_(of.source_id, of.row_no, of.load_id).in_(keys))
    return connection.execute(those.ordered_values(*values)).rowcount


def _by_size(query: Select[Any]) -> Select[Any]:
    """Along an index that has all it asks for, and not through the records themselves."""
    return query.with_hint(quarantine, "FORCE INDEX (quarantine_size)", "mysql")
