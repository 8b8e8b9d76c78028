"""Tables through which the kafka machine asks the stream for something, and tells people what waits there.

Its account may write these and events, and no others.
"""

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, Table
from sqlalchemy.dialects.mysql import DATETIME, ENUM, JSON, TEXT, TINYINT, VARCHAR

from sql.schema.ledger_tables import OPTIONS

METADATA = MetaData()

request = Table(
    "pipeline_request",
    METADATA,
    Column("feed", VARCHAR(64), nullable=False, comment="the feed"),
    Column("what", ENUM("run", "reset"), nullable=False, comment="run: whether it is switched on; reset: start over"),
    Column(
        "state",
        ENUM("on", "off", "asked", "emptied"),
        nullable=False,
        comment="on or off; a reset is asked for, then the stream has emptied the feed and waits for its new topic",
    ),
    Column("asked_at", DATETIME(fsp=3), nullable=False, comment="when; a switch counts until lab.yml is newer"),
    PrimaryKeyConstraint("feed", "what"),
    comment="What the kafka machine asks the streaming application for, per feed",
    **OPTIONS,
)

notice = Table(
    "pipeline_notice",
    METADATA,
    Column("feed", VARCHAR(64), nullable=False, comment="the feed"),
    Column("place", VARCHAR(64), nullable=False, comment="where: landing, poller …"),
    Column("name", VARCHAR(255), nullable=False, comment="of what: a file, a city; empty: the place itself"),
    Column("kind", ENUM("tells", "waits", "trouble"), nullable=False, comment="trouble is for a person to mend"),
    Column("message", TEXT(), nullable=False, comment="one sentence"),
    Column("told_at", DATETIME(fsp=3), nullable=False, comment="when it was first told"),
    PrimaryKeyConstraint("feed", "place", "name"),
    comment="What the producers on the kafka machine tell people, until it is over",
    **OPTIONS,
)

seal = Table(
    "pipeline_seal",
    METADATA,
    Column("lab", TINYINT(), nullable=False, autoincrement=False, comment="1: there is one row, once it is said"),
    Column("said_at", DATETIME(fsp=3), nullable=False, comment="when it was said"),
    Column(
        "older_ends",
        JSON(),
        nullable=False,
        comment="by topic id and partition, where records of a release that did not seal end; 0 for all others",
    ),
    PrimaryKeyConstraint("lab"),
    comment="From where on records must be sealed",
    **OPTIONS,
)

REQUEST_TABLES = (request, notice, seal)
