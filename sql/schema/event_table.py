"""The table of what has happened to the lab; see sql.events."""

from sqlalchemy import Column, Index, MetaData, PrimaryKeyConstraint, Table
from sqlalchemy.dialects.mysql import BIGINT, DATETIME, ENUM, TEXT, VARCHAR

from sql.schema.ledger_tables import OPTIONS

event = Table(
    "pipeline_event",
    MetaData(),
    Column("event_id", BIGINT(), nullable=False, autoincrement=True, comment="number of the event, rising"),
    Column("at", DATETIME(fsp=3), nullable=False, comment="when it was noticed"),
    Column("kind", VARCHAR(16), nullable=False, comment="what has happened: a feed's new state, restarted, cut …"),
    Column("feed", VARCHAR(64), comment="to which feed; NULL: to the whole lab"),
    Column("severity", ENUM("tells", "trouble"), nullable=False, comment="trouble was for a person to mend"),
    Column("records", BIGINT(), comment="how many records it is about, where it is about records"),
    Column("message", TEXT(), nullable=False, comment="one sentence"),
    PrimaryKeyConstraint("event_id"),
    Index("pipeline_event_at", "at"),
    Index("pipeline_event_feed", "feed", "event_id"),
    comment="What has happened to the lab, kept for 30 days",
    **OPTIONS,
)
