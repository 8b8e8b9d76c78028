"""What differs between a feed's tables in the database and those its contract asks for. Alembic finds it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Index, MetaData, Table, inspect
from sqlalchemy.types import TypeEngine

from sql.evolve.widening import second_decimals


@dataclass
class TableChange:
    """How one table in the database (`live`: its columns, none where there is no table) differs from the wanted one."""

    table: Table
    live: tuple[str, ...]
    key: tuple[str, ...]
    """The primary key that it has."""
    added: list[Column[Any]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    retyped: dict[str, tuple[TypeEngine[Any], TypeEngine[Any]]] = field(default_factory=dict)
    """Types by column: the one it has, the one it shall have."""
    tightened: list[str] = field(default_factory=list)
    """Columns that may be NULL and shall not be."""
    loosened: list[str] = field(default_factory=list)
    commented: list[str] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    """Former name → name."""
    is_described_anew: bool = False

    @property
    def is_new(self) -> bool:
        return not self.live

    @property
    def is_rekeyed(self) -> bool:
        wanted = tuple(column.name for column in self.table.primary_key.columns)
        return bool(self.live) and tuple(self.renamed.get(name, name) for name in self.key) != wanted

    @property
    def is_reshaped(self) -> bool:
        """Whether more than words differ."""
        shape = (self.added, self.gone, self.retyped, self.tightened, self.loosened, self.renamed)
        return self.is_new or self.is_rekeyed or any(shape)

    @property
    def is_needed(self) -> bool:
        return self.is_reshaped or bool(self.commented or self.indexes) or self.is_described_anew

    @property
    def modified(self) -> list[str]:
        """Columns that stay, but differ in some way; in the table's order."""
        ways = {*self.retyped, *self.tightened, *self.loosened, *self.commented}
        return [column.name for column in self.table.columns if column.name in ways]


def compare(
    connection: Connection, tables: Sequence[Table], former: Mapping[str, Mapping[str, str]]
) -> list[TableChange]:
    """How each of the tables differs. `former`: table → former name of a column → its name now."""
    metadata = MetaData()
    wanted = {table.name: table.to_metadata(metadata) for table in tables}
    inspector = inspect(connection)
    there = set(inspector.get_table_names()) & wanted.keys()
    changes = {}
    for name, table in wanted.items():
        live = tuple(column["name"] for column in inspector.get_columns(name)) if name in there else ()
        key = tuple(inspector.get_pk_constraint(name)["constrained_columns"]) if live else ()
        changes[name] = TableChange(table, live, key)
    options = {"include_name": lambda name, kind, _parents: kind != "table" or name in wanted, "compare_type": _differs}
    context = MigrationContext.configure(connection, opts=options)
    for difference in _flat(compare_metadata(context, metadata)):
        _note(changes, difference)
    for name, change in changes.items():
        _find_renamed(change, former.get(name, {}), connection)
    return list(changes.values())


def _differs(
    _context: Any, _live: Any, _wanted: Any, is_there: TypeEngine[Any], wanted: TypeEngine[Any]
) -> bool | None:
    """Alembic's own question, which takes all datetimes for the same; None has it decide."""
    if is_there.__visit_name__ == "DATETIME" == wanted.__visit_name__:
        return second_decimals(is_there) != second_decimals(wanted)
    return None


def _flat(differences: Iterable[Any]) -> Iterable[tuple[Any, ...]]:
    """Alembic gives what it finds about one column as a list."""
    for difference in differences:
        yield from difference if isinstance(difference, list) else [difference]


def _note(changes: dict[str, TableChange], difference: tuple[Any, ...]) -> None:
    match difference:
        case ("add_column", _, table, column):
            changes[table].added.append(column)
        case ("remove_column", _, table, column):
            changes[table].gone.append(column.name)
        case ("modify_type", _, table, column, _, old, new):
            changes[table].retyped[column] = (old, new)
        case ("modify_nullable", _, table, column, _, _, is_nullable):
            (changes[table].loosened if is_nullable else changes[table].tightened).append(column)
        case ("modify_comment", _, table, column, *_):
            changes[table].commented.append(column)
        case ("add_index", index):
            changes[index.table.name].indexes.append(index)
        case ("add_table_comment", table, _):
            changes[table.name].is_described_anew = True
        case _:  # a table that is new, which `live` tells; an index that a person made, which may stay
            pass


def _find_renamed(change: TableChange, former: Mapping[str, str], connection: Connection) -> None:
    """A column that is new and whose former name is gone was renamed; Alembic has compared nothing else of it."""
    columns = (
        {column["name"]: column for column in inspect(connection).get_columns(change.table.name)} if former else {}
    )
    for column in list(change.added):
        was = next((old for old, new in former.items() if new == column.name and old in change.gone), None)
        if was is None:
            continue
        change.added.remove(column)
        change.gone.remove(was)
        change.renamed[was] = column.name
        old = columns[was]
        if _text(old["type"], connection) != _text(column.type, connection):
            change.retyped[column.name] = (old["type"], column.type)
        if old["nullable"] != column.nullable:
            (change.loosened if column.nullable else change.tightened).append(column.name)


def _text(kind: TypeEngine[Any], connection: Connection) -> str:
    """A type as SQL, without the words that reflection adds to a text."""
    bare = kind.copy(collation=None, charset=None) if getattr(kind, "collation", None) else kind
    return bare.compile(dialect=connection.dialect)
