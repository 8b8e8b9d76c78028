"""The datasets of a starter dashboard: the feed's rollup and its view."""

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy.dialects import mysql

from lab.new_feed.infer.column_roles import Roles
from lab.new_feed.infer.type_inference import Proposal
from lab.new_feed.proposed_contract import records_name
from millrace.contract.contract import Contract
from sql.schema.feed_tables import fact_table, rollup_table
from sql.schema.mysql_types import mysql_type

Asset = dict[str, Any]
ENVELOPE = ("load_id", "sent_at")


def fixed_uuid(feed: str, what: str) -> str:
    """The same for the same feed, so that a feed made again keeps its links."""
    return str(uuid5(NAMESPACE_URL, f"millrace/{feed}/{what}"))


def rollup_dataset(contract: Contract, roles: Roles, database: str) -> Asset:
    """Counts, sums and means over the rollup."""
    (rollup,) = contract.rollups
    headers = _headers([*filter(None, (roles.time, roles.category)), *roles.numbers])
    time = {name for name in rollup.key_names if roles.time and name != (roles.category.name if roles.category else "")}
    columns = [
        _column(column.name, column.type, headers.get(column.name, _words(column.name)), is_time=column.name in time)
        for column in rollup_table(contract, rollup).columns
    ]
    return {
        "table_name": rollup.name,
        "description": f"{rollup.comment} of the feed {contract.feed}.",
        **({"main_dttm_col": min(time)} if time else {}),
        "database_uuid": database,
        "metrics": [
            _rows(roles),
            *(metric for number in roles.numbers for metric in _of_number(number, records_name(roles))),
        ],
        "columns": columns,
        "uuid": fixed_uuid(contract.feed, "datasets/rollup"),
        "version": "1.0.0",
    }


def view_dataset(contract: Contract, proposals: Sequence[Proposal], roles: Roles, database: str) -> Asset:
    """The rows themselves."""
    headers = _headers(proposals)
    kinds = {name: mysql_type(contract.column(name).column_type) for name in contract.names}
    kinds |= {column.name: column.type for column in fact_table(contract).columns if column.name in ENVELOPE}
    dates = {column.name for column in proposals if column.is_date} | {"sent_at"}
    return {
        "table_name": f"v_{contract.feed}",
        "description": f"Rows of the feed {contract.feed}.",
        "main_dttm_col": roles.time.name if roles.time else "sent_at",
        "database_uuid": database,
        "metrics": [{"metric_name": "rows_shown", "verbose_name": "Rows", "expression": "COUNT(*)", "d3format": ",d"}],
        "columns": [
            _column(name, kind, headers.get(name, _words(name)), is_time=name in dates) for name, kind in kinds.items()
        ],
        "uuid": fixed_uuid(contract.feed, "datasets/view"),
        "version": "1.0.0",
    }


def _headers(proposals: Sequence[Proposal]) -> dict[str, str]:
    return {proposal.name: proposal.title for proposal in proposals}


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _column(name: str, kind: Any, title: str, *, is_time: bool) -> Asset:
    time = {"is_dttm": True} if is_time else {}
    text = str(kind.compile(dialect=mysql.dialect()))
    return {"column_name": str(name), "type": text, "verbose_name": title, **time, "groupby": True, "filterable": True}


def _rows(roles: Roles) -> Asset:
    expression = f"CAST(SUM({records_name(roles)}) AS SIGNED)"
    return {"metric_name": "rows_counted", "verbose_name": "Rows", "expression": expression, "d3format": ",d"}


def _of_number(number: Proposal, records: str) -> list[Asset]:
    total, count = f"SUM({number.name}_sum)", f"SUM({records if number.required else f'{number.name}_count'})"
    shown = ",d" if number.kind.is_whole else ",.2f"
    return [
        {
            "metric_name": f"sum_{number.name}",
            "verbose_name": f"Sum of {number.title}",
            "expression": f"CAST({total} AS DOUBLE)",
            "d3format": shown,
        },
        {
            "metric_name": f"mean_{number.name}",
            "verbose_name": f"Mean {number.title}",
            "expression": f"CAST({total} / NULLIF({count}, 0) AS DOUBLE)",
            "d3format": ",.2f",
        },
    ]
