"""What has to happen to a feed's tables, or the sentence why its contract cannot be had. Nothing is changed here."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Table, literal, select, text

from millrace.contract.column import GIVEN
from millrace.contract.contract import Contract
from millrace.contract.rollup import Rollup
from millrace.errors import Refused
from sql.contracts_in_use import Document
from sql.evolve import sentences
from sql.evolve.compare import TableChange, compare
from sql.evolve.widening import is_wider
from sql.ledger.rollup import difference
from sql.schema.feed_tables import fact_table, feed_tables

WORDS = {"integer": "int", "tinyint(1)": "boolean", "mediumtext": "text"}
TYPE = re.compile(r"\w+(\([^)]*\))?")


@dataclass(frozen=True)
class Plan:
    """One feed's change. Tables that hold nothing of their own are made anew; facts with rows are altered."""

    contract: Contract
    alter: tuple[TableChange, ...]
    anew: tuple[Table, ...]
    rebuild: tuple[Rollup, ...]
    gone: tuple[str, ...]
    """Tables of rollups that the contract has no more."""
    to_fill: dict[str, list[str]]
    view: bool
    is_first: bool
    """Whether there were no facts, so that nothing can run that would have to pause."""

    @property
    def has_work(self) -> bool:
        """Whether tables change, for which the feed must pause."""
        return bool(self.alter or self.anew or self.rebuild or self.gone or self.view)

    def describe(self) -> list[str]:
        """What will be done, a few words each."""
        feed = self.contract.feed
        done = [f"{feed}: {table.name} made" for table in self.anew]
        for change in self.alter:
            parts = [f"{old} → {new}" for old, new in change.renamed.items()]
            parts += [f"{column.name} added" for column in change.added]
            parts += [f"{name} {new}" for name, (_, new) in change.retyped.items()]
            done.append(f"{feed}: {change.table.name} altered" + (f" ({', '.join(parts)})" if parts else ""))
        done += [f"{feed}: {rollup.name} rebuilt" for rollup in self.rebuild]
        return [*done, *(f"{feed}: {name} dropped" for name in self.gone)]


def make_plan(connection: Connection, contract: Contract, before: Document | None) -> Plan:
    """From what the database has to what the contract asks for. `before`: the contract its tables were made from.

    Refuses what would lose data of a table that has rows.
    """
    facts, *others = compare(connection, feed_tables(contract), {contract.feed: contract.former_names})
    has_rows = not facts.is_new and has_row(connection, facts.table)
    if has_rows:
        _refuse_loss(connection, contract, facts, before)
    staging = [change for change in others if change.table.name == f"{contract.feed}_staging"]
    rollups = {change.table.name: change for change in others if change not in staging}
    rebuild = _stale(connection, contract, facts, rollups, before)
    anew = [change.table for change in (facts, *staging) if change.is_new or (change.is_reshaped and not has_rows)]
    anew += [change.table for change in staging if change.is_reshaped and change.table not in anew]
    kept = [change for change in (facts, *staging, *rollups.values()) if change.table not in anew]
    is_rebuilt = {rollup.name for rollup in rebuild}
    return Plan(
        contract=contract,
        alter=tuple(change for change in kept if change.is_needed and change.table.name not in is_rebuilt),
        anew=tuple(anew),
        rebuild=tuple(rebuild),
        gone=tuple(_gone(contract, before)),
        to_fill=_to_fill(contract, facts, before) if has_rows else {},
        view=_view_columns(connection, contract) != [column.name for column in fact_table(contract).columns],
        is_first=facts.is_new,
    )


def _refuse_loss(connection: Connection, contract: Contract, facts: TableChange, before: Document | None) -> None:
    refuse = partial(_refuse, contract.feed)
    if facts.is_rekeyed:
        wanted = [column.name for column in facts.table.primary_key.columns]
        refuse(sentences.REKEYED, old=", ".join(facts.key), new=", ".join(wanted))
    newest_by = (before or {}).get("newest_by") or contract.newest_by
    if facts.renamed.get(str(newest_by), newest_by) != contract.newest_by:
        refuse(sentences.REORDERED, old=newest_by)
    for name in facts.gone:
        refuse(sentences.GONE, name=name)
    for name, (old, new) in facts.retyped.items():
        if not is_wider(old, new):
            refuse(sentences.NARROWED, name=name, old=_word(old), new=_word(new))
    for column in facts.added:
        if not column.nullable:
            refuse(sentences.NEW_REQUIRED, name=column.name)
    names = {new: old for old, new in facts.renamed.items()}
    for name in facts.tightened:
        column = facts.table.columns[name]
        live = names.get(name, name)
        query = text(f"SELECT 1 FROM `{facts.table.name}` WHERE `{live}` IS NULL LIMIT 1")  # noqa: S608 - our own names
        if connection.execute(query).first():
            refuse(sentences.EMPTY_REQUIRED, name=column.name)


def _refuse(feed: str, sentence: str, **named: Any) -> None:
    raise Refused((sentence + sentences.ANEW).format(feed=feed, **named))


def _word(kind: Any) -> str:
    """A type as contracts write it."""
    found = TYPE.match(str(kind))
    word = found[0].lower() if found else str(kind)
    return WORDS.get(word, word)


def _to_fill(contract: Contract, facts: TableChange, before: Document | None) -> dict[str, list[str]]:
    """Columns whose headers the contract knows only now: what came under them is in `extra`."""
    if contract.keeps_message:
        return {}
    new = {column.name for column in facts.added}
    if before is None:
        return {c.name: list(c.headers) for c in contract.columns if c.name in new}
    known = {*before.get("ignore", ()), *GIVEN}
    for column in before["columns"]:
        known |= {column["from"], *column.get("also", ())}
    again = facts.retyped.keys()  # what did not fit, and stayed there, may fit now
    found = {c.name: [h for h in c.headers if h not in known or c.name in again] for c in contract.columns}
    return {name: headers for name, headers in found.items() if headers}


def _stale(
    connection: Connection,
    contract: Contract,
    facts: TableChange,
    rollups: dict[str, TableChange],
    before: Document | None,
) -> list[Rollup]:
    """The rollups that must be made from the facts again. What is filled from `extra` later changes them then."""
    if before is None and not facts.is_reshaped:  # of a release that wrote down no contract: the rows themselves tell
        there = [rollup for rollup in contract.rollups if not rollups[rollup.name].is_reshaped]
        right = [rollup.name for rollup in there if not difference(connection, contract, rollup, limit=1)]
    else:
        right = [rollup.name for rollup in contract.rollups if _sums(rollup) == _sums_before(before or {}, rollup.name)]
    return [r for r in contract.rollups if r.name not in right or rollups[r.name].is_reshaped]


def _sums(rollup: Rollup) -> Any:
    """What decides the rows of a rollup: keys, condition, sums; no comments."""
    return _decisive(rollup.model_dump(mode="json", by_alias=True))


def _sums_before(document: Document, name: str) -> Any:
    return _decisive(next((found for found in document.get("rollups", ()) if found["name"] == name), {}))


def _decisive(rollup: Document) -> Any:
    keys = [key if isinstance(key, str) else (key["name"], key["sql"]) for key in rollup.get("by", ())]
    return keys, rollup.get("where"), [(m["name"], m["sum"]) for m in rollup.get("measures", ())]


def _gone(contract: Contract, before: Document | None) -> list[str]:
    if before is None:
        return []
    kept = {rollup.name for rollup in contract.rollups}
    staging = [f"{contract.feed}_staging"] if before["mode"] == "upsert" and contract.mode == "append" else []
    return [*staging, *(rollup["name"] for rollup in before.get("rollups", ()) if rollup["name"] not in kept)]


def has_row(connection: Connection, table: Table) -> bool:
    """Whether there is anything in it, seen by readers or not."""
    return connection.execute(select(literal(1)).select_from(table).limit(1)).first() is not None


def _view_columns(connection: Connection, contract: Contract) -> list[str]:
    query = text(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = :view"
        " ORDER BY ordinal_position"
    )
    return list(connection.scalars(query, {"view": f"v_{contract.feed}"}))
