"""What a person types into a topic: one JSON object, or a bare line in the contract's column order."""

import csv
import io

from feeds.column import MESSAGE
from feeds.contract import Contract
from feeds.event import MAX_BYTES
from feeds.json_record import BrokenJson, NotJson, flatten, read_object

csv.field_size_limit(2 * MAX_BYTES)


class Unreadable(Exception):  # noqa: N818 - it says what a record is
    """The record cannot be read as columns; the message is the reason."""


def read_typed(text: str, contract: Contract) -> dict[str, str]:
    """The texts by header. Raises Unreadable."""
    return _object(text, contract) if text.startswith("{") else _line(text, contract)


def _object(text: str, contract: Contract) -> dict[str, str]:
    try:
        texts = flatten(read_object(text))
    except BrokenJson:
        raise Unreadable("the record is not valid JSON") from None
    except NotJson as error:
        raise Unreadable(f"the record {error}") from None
    return {MESSAGE: text} | texts if contract.keeps_message else texts


def _line(text: str, contract: Contract) -> dict[str, str]:
    headers = [column.from_ for column in contract.typed_columns]
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=contract.source.delimiter, strict=True))
    except csv.Error:
        lines = []
    if len(lines) != 1 or len(lines[0]) != len(headers):
        raise Unreadable(f"the line does not have the {len(headers)} fields of the contract")
    return dict(zip(headers, lines[0], strict=True))
