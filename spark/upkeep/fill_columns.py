"""Columns that are new: what came for them earlier is in `extra`, and moves into them while the feed runs.

Each value is read as if its record came now. One that the contract refuses stays in `extra`, and its column NULL.
"""

import logging
from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
from sqlalchemy import Connection, FromClause, RowMapping, TextClause, func, select, text, tuple_

from millrace.contract.column import Column
from millrace.contract.contract import Contract
from spark.clean.columns import typed_columns
from sql import contracts_in_use
from sql.contracts_in_use import Made
from sql.ledger import rollup
from sql.ledger.ledger import Ledger
from sql.schema.feed_tables import fact_table

log = logging.getLogger(__name__)
PIECE = 1_000
"""Rows per transaction: short enough that no load waits for long."""
Identity = tuple[int, int]
BEFORE_ALL: Identity = (-(2**63), -(2**63))


class Move(NamedTuple):
    """A value on its way from `extra` into a column, and the headers it leaves."""

    identity: Identity
    value: Any
    headers: tuple[str, ...]


def fill(ledger: Ledger, contract: Contract, what: Made, stopping: Event) -> None:
    """Fills until there is nothing left, which it notes, or until `stopping`; called again, it goes on."""
    columns = {name: headers for name, headers in what.to_fill.items() if name in contract.names}
    affected = [one for one in contract.rollups if one.reads & columns.keys()]
    concerned = contract.model_copy(update={"rollups": tuple(affected)})
    last, moved = BEFORE_ALL, 0
    while not stopping.is_set():
        piece = ledger.owned(lambda connection: _candidates(connection, contract, columns, last))  # noqa: B023
        if not piece:
            ledger.owned(lambda connection: contracts_in_use.note_filled(connection, contract.feed, str(what.version)))
            log.info("%s: %d values of %s came out of extra", contract.feed, moved, ", ".join(columns))
            return
        moved += ledger.owned(lambda connection: _fill_piece(connection, concerned, columns, piece))  # noqa: B023
        last = piece[-1]


def _candidates(
    connection: Connection, contract: Contract, columns: Mapping[str, Sequence[str]], after: Identity
) -> list[Identity]:
    fact = fact_table(contract)
    paths = [_path(header) for headers in columns.values() for header in headers]
    identity = tuple_(fact.c.source_id, fact.c.row_no)
    has_some = func.json_contains_path(fact.c.extra, "one", *paths)
    query = select(fact.c.source_id, fact.c.row_no).where(has_some, identity > tuple_(*after))
    return [(row.source_id, row.row_no) for row in connection.execute(query.order_by(*identity.clauses).limit(PIECE))]


def _fill_piece(
    connection: Connection, contract: Contract, columns: Mapping[str, Sequence[str]], piece: Sequence[Identity]
) -> int:
    """Moves the values of those rows; rollups lose the rows as they were and gain them as they are."""
    contracts_in_use.hold(connection, contract.feed, alone=True)
    fact = fact_table(contract)
    mine = tuple_(fact.c.source_id, fact.c.row_no).in_(piece)
    found = connection.execute(select(fact).where(mine)).mappings().all()
    moves = {name: _moves(contract, name, headers, found) for name, headers in columns.items()}
    rows: FromClause = select(fact).where(mine).subquery("filled")
    rollup.subtract(connection, contract, rows)
    rollup.drop_empty(connection, contract, rows)
    for name, of_column in moves.items():
        for count in {len(move.headers) for move in of_column}:
            alike = [_parameters(move) for move in of_column if len(move.headers) == count]
            connection.execute(_statement(contract, name, count), alike)
    rollup.add(connection, contract, rows)
    return sum(map(len, moves.values()))


def _moves(contract: Contract, name: str, headers: Sequence[str], rows: Sequence[RowMapping]) -> list[Move]:
    """The values of one column that the contract takes."""
    column = contract.column(name)
    if not isinstance(column, Column):
        return []
    waiting = [(row, row["extra"]) for row in rows if row[name] is None and row["extra"]]
    waiting = [(row, extra) for row, extra in waiting if any(header in extra for header in headers)]
    if not waiting:
        return []
    raw = [pa.array([_text(extra.get(header)) for _, extra in waiting], pa.string()) for header in headers]
    (checked,) = typed_columns([column], [raw], contract.feed)
    values, refused = checked.plain().to_pylist(), checked.refused().to_pylist()
    return [
        Move((row["source_id"], row["row_no"]), value, tuple(header for header in headers if header in extra))
        for (row, extra), value, is_refused in zip(waiting, values, refused, strict=True)
        if not is_refused
    ]


def _statement(contract: Contract, name: str, headers: int) -> TextClause:
    paths = ", ".join(f":path_{number}" for number in range(headers))
    return text(
        f"UPDATE `{contract.feed}` SET `{name}` = :value,"  # noqa: S608 - our own names
        f" extra = NULLIF(JSON_REMOVE(extra, {paths}), CAST('{{}}' AS JSON))"
        " WHERE source_id = :source_id AND row_no = :row_no"
    )


def _parameters(move: Move) -> dict[str, Any]:
    paths = {f"path_{number}": _path(header) for number, header in enumerate(move.headers)}
    return paths | {"value": move.value, "source_id": move.identity[0], "row_no": move.identity[1]}


def _path(header: str) -> str:
    return f"$.{orjson.dumps(header).decode()}"


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
