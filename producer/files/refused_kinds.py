"""Records of a kind that a feed knows and does not read: told by name before anything is sent."""

from collections.abc import Mapping
from typing import Any

import orjson

from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.record.json_record import NotJson, flatten
from producer.files.csv_records import Record


def refuse_kind(record: Record, contract: Contract, file: str) -> None:
    """Refuses the file where the record is of a kind in the contract's `source.not_read`."""
    if not contract.source.not_read or (texts := _texts(record)) is None:
        return
    for kind in contract.source.not_read:
        if kind.fits(texts):
            raise Refused(f"{file}: record {record.row} is {kind.name}: {kind.instead}; nothing was sent.")


def _texts(record: Record) -> Mapping[str, str] | None:
    """The record's values by name; of one that cannot be read, as of too many, those of each list's first member."""
    if isinstance(record.data, Mapping):
        return record.data
    if record.raw.lstrip()[:1] != b"{":
        return None
    try:
        return flatten(_shortened(orjson.loads(record.raw)))
    except (NotJson, ValueError):
        return None


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(one) for name, one in value.items()}
    return [_shortened(one) for one in value[:1]] if isinstance(value, list) else value
