"""`millrace ddl`: the CREATE TABLE text of a contract, from which a migration is made."""

from typing import Annotated

import typer

from millrace.contract.contract import load_contract
from sql.schema import ddl as sql_ddl


def ddl(feed: Annotated[str, typer.Argument(help="a feed with a contract")]) -> None:
    """Prints the tables, staging and rollups that a feed's contract asks for."""
    print(sql_ddl.ddl(load_contract(feed)))
