"""The table that says which contract each feed's tables were made from; see sql.contracts_in_use."""

from sqlalchemy import CHAR, JSON, Column, MetaData, PrimaryKeyConstraint, Table
from sqlalchemy.dialects.mysql import DATETIME, ENUM, VARCHAR

from millrace.contract.contract import VERSION_LENGTH
from sql.schema.ledger_tables import OPTIONS

JSON_ = JSON(none_as_null=True)

contract = Table(
    "pipeline_contract",
    MetaData(),
    Column("feed", VARCHAR(64), nullable=False, comment="the feed"),
    Column("version", CHAR(VERSION_LENGTH), comment="digest of the contract that its tables fit; NULL: not known"),
    Column("contract", JSON_, comment="that contract"),
    Column("views", CHAR(VERSION_LENGTH), comment="digest of the views that were made beside its tables"),
    Column("to_fill", JSON_, comment="columns to be filled from extra, each with the headers to look under"),
    Column(
        "state",
        ENUM("in_use", "asked", "paused"),
        nullable=False,
        comment="asked: the stream shall pause the feed; paused: its tables may change",
    ),
    Column("changed_at", DATETIME(fsp=3), nullable=False, comment="last change of this row"),
    PrimaryKeyConstraint("feed"),
    comment="The contract that each feed's tables were made from",
    **OPTIONS,
)
