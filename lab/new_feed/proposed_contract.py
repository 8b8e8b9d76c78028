"""The proposed contract: its columns, mode and rollup, as data and as the YAML that a person goes on with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from lab.new_feed.infer.column_names import free
from lab.new_feed.infer.column_roles import Roles
from lab.new_feed.infer.csv_inspection import Inspection
from lab.new_feed.infer.type_inference import Proposal, shown
from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.feed_names import nearest
from millrace.strict_model import validated

LINE, SHORT_LINE = 140, 100
KEY_BYTES = 3072
"""Of a primary key in MySQL."""
ALL = "all"


@dataclass(frozen=True)
class Upsert:
    """What makes the newest record per key win: the columns of the key, and the date that decides."""

    key: tuple[str, ...]
    newest_by: str


def upsert_of(columns: Sequence[Proposal], key: str, newest: str) -> Upsert | None:
    """What KEY= and NEWEST= say, by headers or columns, several of a key with commas. Refused where it cannot be."""
    if not key:
        if newest:
            raise Refused("NEWEST says which record of a key wins, so it needs a KEY.")
        return None
    keys = [_named(columns, name.strip()) for name in key.split(",")]
    dates = [column for column in columns if column.is_date and column.required]
    by = _named(columns, newest) if newest else dates[0] if len(dates) == 1 else None
    if by is None:
        found = ", ".join(column.name for column in dates) or "none"
        raise Refused(
            f"With a KEY the newest record wins: say by which date with NEWEST=… (never empty ones: {found})."
        )
    for column in (*keys, by):
        if not column.required:
            raise Refused(f"The column {column.name} decides which record wins, but it is empty in some records.")
    if any(column.type == "text" for column in keys) or sum(4 * (c.kind.length or 2) for c in keys) > KEY_BYTES:
        raise Refused(f"The key {key} is too long for a primary key; name shorter columns.")
    return Upsert(tuple(column.name for column in keys), by.name)


def _named(columns: Sequence[Proposal], name: str) -> Proposal:
    for column in columns:
        if name in (column.name, column.header):
            return column
    raise Refused(f"There is no column {name!r}; {nearest(name, [column.name for column in columns])}")


@dataclass(frozen=True)
class Found:
    """Everything the contract is made of."""

    feed: str
    file: str
    inspected: Inspection
    columns: tuple[Proposal, ...]
    roles: Roles
    upsert: Upsert | None

    @property
    def source_file(self) -> str:
        """The file's name on one line that fits a comment."""
        return shown(self.file, 80)


def document(found: Found) -> dict[str, Any]:
    """The contract as the YAML says it."""
    feed, inspected, upsert = found.feed, found.inspected, found.upsert
    layout = inspected.layout.model_dump(mode="json", exclude_defaults=True)
    mode = {"mode": "upsert", "key": list(upsert.key), "newest_by": upsert.newest_by} if upsert else {"mode": "append"}
    return {
        "feed": feed,
        "title": feed.replace("_", " ").capitalize(),
        "description": f"Records of {found.source_file}",
        "family": feed,
        **mode,
        "topic": {"partitions": 2, "retention_bytes": 2**31},
        "source": {"delimiter": inspected.layout.delimiter, "encoding": inspected.layout.encoding, **layout},
        **({"ignore": list(inspected.ignore)} if inspected.ignore else {}),
        "columns": [column.entry() for column in found.columns],
        "rollups": [rollup(feed, found.roles)],
    }


def rollup(feed: str, roles: Roles) -> dict[str, Any]:
    """Counts and sums per day and category, as far as the file has them; else of everything."""
    keys, names = [], [feed, "by"]
    if roles.time:
        keys.append(_day(roles))
        names.append("day")
    if roles.category:
        keys.append(roles.category.name)
        names.append(roles.category.name)
    whole = {"name": ALL, "type": "char(3)", "sql": "'all'", "comment": "All rows"}
    what = " and ".join(filter(None, ("day" if roles.time else "", roles.category.name if roles.category else "")))
    where = {"where": f"{roles.time.name} IS NOT NULL"} if roles.time and not roles.time.required else {}
    return {
        "name": "_".join(names)[:60].rstrip("_") if keys else f"{feed}_in_all",
        "comment": f"Rows and sums per {what}" if what else "Rows and sums in all",
        "by": keys or [whole],
        **where,
        "measures": [_measure(records_name(roles), "bigint", "1", "Rows")]
        + [measure for number in roles.numbers for measure in _sums(number)],
    }


def day_name(roles: Roles) -> str:
    """The rollup's key that says the day."""
    if roles.time is None:
        return ""
    if roles.time.type == "date" and roles.time.required:
        return roles.time.name
    return free("day", {roles.category.name} if roles.category else set())


def records_name(roles: Roles) -> str:
    """The rollup's measure that counts its rows."""
    return free("records", {day_name(roles), roles.category.name if roles.category else ""})


def _day(roles: Roles) -> str | dict[str, Any]:
    name, time = day_name(roles), roles.time
    if time is None or name == time.name:
        return name
    sql = time.name if time.type == "date" else f"DATE({time.name})"
    return {"name": name, "type": "date", "sql": sql, "comment": f"Day of {time.name}"}


def _sums(number: Proposal) -> list[dict[str, Any]]:
    """Its sum, and for its mean the rows that have it."""
    scale = number.kind.scale or 0
    precision = min(38, (number.kind.precision or 19) + 11)
    total = _measure(f"{number.name}_sum", f"decimal({precision},{scale})", number.name, f"Sum of {number.name}")
    if number.required:
        return [total]
    counted = f"CASE WHEN {number.name} IS NULL THEN 0 ELSE 1 END"
    return [total, _measure(f"{number.name}_count", "bigint", counted, f"Rows that have {number.name}")]


def _measure(name: str, kind: str, expression: str, comment: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "sum": expression, "comment": comment}


def checked(content: dict[str, Any]) -> Contract:
    """The contract that will be read from the file."""
    return validated(Contract, content, f"{content['feed']}/contract.yaml")


def to_yaml(content: dict[str, Any], found: Found) -> str:
    """The contract's file: a line for each column where it fits."""
    parts = [f"# {content['title']}, made from {found.source_file}. How contracts are written: docs/feeds.md.\n"]
    for key, value in content.items():
        is_list = isinstance(value, list) and value and isinstance(value[0], dict)
        parts.append(f"\n{key}:\n" + "".join(map(_item, value)) if is_list else f"{key}: {_flow(value)}\n")
    return "".join(parts)


def _item(value: dict[str, Any]) -> str:
    """A map of a list: on one line, or its comment on a second one; a rollup, and what is too long, in a block."""
    line = f"  - {_flow(value)}\n"
    if len(line) <= SHORT_LINE:
        return line
    *fields, comment = (f"{_flow(key)}: {_flow(part)}" for key, part in value.items() if not _is_nested(part))
    if len(", ".join(fields)) <= LINE and not any(map(_is_nested, value.values())):
        return f"  - {{{', '.join(fields)},\n     {comment}}}\n"
    fields = [
        f"{_flow(key)}:\n{_nested(part)}" if _is_nested(part) else f"{_flow(key)}: {_flow(part)}"
        for key, part in value.items()
    ]
    return "  - " + "\n    ".join(fields) + "\n"


def _is_nested(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _nested(values: list[Any]) -> str:
    return "\n".join(f"      - {_flow(value)}" for value in values)


def _flow(value: Any) -> str:
    """A value on one line, quoted where YAML would take it for something else."""
    dumped = yaml.safe_dump([value], default_flow_style=True, width=float("inf"), allow_unicode=True, sort_keys=False)
    return dumped.strip()[1:-1]
