"""From where on in each topic records must be sealed: those of a release that did not seal end before.

The kafka machine says it, once, when no producer of such a release runs any more; a new lab's schema says it at once.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.mysql import insert

from sql.schema.request_tables import seal

Ends = Mapping[str, Mapping[int, int]]
"""By a topic's UUID and partition, the offset behind the last record of such a release."""


def required_since(connection: Connection) -> datetime | None:
    """When it was said (UTC); None while it was not."""
    return connection.scalar(select(seal.c.said_at))


def require(connection: Connection, ends: Ends) -> None:
    """Say it, with every topic that there is; what was said before stays."""
    said = {uuid: {str(partition): end for partition, end in each.items()} for uuid, each in ends.items()}
    connection.execute(insert(seal).prefix_with("IGNORE").values(lab=1, said_at=func.now(3), older_ends=said))


def older_ends(connection: Connection, topic_uuid: str) -> tuple[tuple[int, int], ...] | None:
    """Per partition of a topic, where records without a seal end, as millrace.record.seal.Trust has it."""
    said = connection.execute(select(seal.c.older_ends)).one_or_none()
    if said is None:
        return None
    return tuple((int(partition), end) for partition, end in said.older_ends.get(topic_uuid, {}).items())
