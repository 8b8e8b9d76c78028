"""The MySQL type of each type a contract may name."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from millrace.contract.column_type import ColumnType

MAKERS: dict[str, Callable[[ColumnType], TypeEngine[Any]]] = {
    "smallint": lambda kind: mysql.SMALLINT(),
    "int": lambda kind: mysql.INTEGER(),
    "bigint": lambda kind: mysql.BIGINT(),
    "decimal": lambda kind: mysql.DECIMAL(kind.precision, kind.scale),
    "double": lambda kind: mysql.DOUBLE(),
    "char": lambda kind: mysql.CHAR(kind.length),
    "varchar": lambda kind: mysql.VARCHAR(kind.length),
    "text": lambda kind: mysql.MEDIUMTEXT(),  # TEXT ends at 64 KB; a field may have 2 MB
    "date": lambda kind: mysql.DATE(),
    "datetime": lambda kind: mysql.DATETIME(fsp=kind.second_decimals or None),
    "boolean": lambda kind: mysql.TINYINT(1),
    "json": lambda kind: mysql.JSON(),
}


def mysql_type(kind: ColumnType) -> TypeEngine[Any]:
    """The column type that holds every value of that contract type, untruncated."""
    return MAKERS[kind.name](kind)
