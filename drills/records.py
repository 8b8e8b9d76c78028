"""What became of each record of the traffic: a good one is in its table with its values, a bad one in quarantine.

The simulators are the oracle: record number n is made up anew here, and looked for.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import orjson

from drills.replacements import BAD as BAD_VERSION
from drills.replacements import FEED as REPLACED
from drills.replacements import RECORDS
from drills.scene import Scene
from drills.traffic import BAD, Bad, is_bad

UPSERTED = "hospital"
NOWHERE, SEVERAL = "nowhere", "there more than once"
OTHERWISE, LOADED = "loaded with other values", "loaded, though they are bad"
REFUSED, FOR_OTHER = "refused, though they are good", "refused for another reason"
FIRST_SENT = (
    "SELECT MIN(l.oldest_sent_at) FROM pipeline_load l JOIN pipeline_load_source s USING (load_id)"
    " WHERE l.feed = :feed AND s.source_id = :source"
)
Record = dict[str, str]
Refusals = dict[tuple[int, int], list[Any]]
"""By source and number of the record, the reasons of each entry of quarantine that is open."""


@dataclass(frozen=True)
class Compared:
    """Some columns of an append feed's view, and what a record must have there."""

    columns: str
    of: Callable[[Record], tuple[Any, ...]]


APPENDED = {
    "sales": Compared(
        "invoice_no, stock_code, quantity, unit_price, sold_at",
        lambda record: (
            *(record["InvoiceNo"], record["StockCode"], int(record["Quantity"])),
            *(Decimal(record["UnitPrice"]), datetime.fromisoformat(record["InvoiceDate"])),
        ),
    ),
    "weather": Compared(
        "city, observed_text, temperature_stated, pressure, weather_code",
        lambda record: (
            *(record["city"], record["current.time"], Decimal(record["current.temperature_2m"])),
            *(Decimal(record["current.pressure_msl"]), int(record["current.weather_code"])),
        ),
    ),
}


def each_appended_record(scene: Scene, acknowledged: dict[str, int]) -> Iterator[str]:
    """The numbers 1 to n, each once, but for what the drill has taken away."""
    for feed, compared in APPENDED.items():
        source, last = scene.traffic.sources[feed], acknowledged[feed]
        of = "WHERE source_id = :source AND row_no BETWEEN 1 AND :last"
        rows = scene.rows(f"SELECT row_no, {compared.columns} FROM v_{feed} {of}", source=source, last=last)
        table = {number: tuple(values) for number, *values in (row.values() for row in rows)}
        refused = refusals(scene, feed, [source])

        def loaded(number: int, record: Record) -> bool | None:
            values = table.get(number)  # noqa: B023 - called at once
            return None if values is None else values == compared.of(record)  # noqa: B023

        yield from _told(scene, feed, last, loaded, refused)


def each_updated_record(scene: Scene, acknowledged: dict[str, int]) -> Iterator[str]:
    """Each good record's key has its values, unless another's record was sent later.

    Nobody else sends to it meanwhile: such a record is of an earlier drill, from a clock that went ahead.
    """
    source, last = scene.traffic.sources[UPSERTED], acknowledged[UPSERTED]
    columns = "department, sex, day, source_id, row_no, version_on, hospitalised, deaths, sent_at"
    found = scene.rows(f"SELECT {columns} FROM v_{UPSERTED}")
    first_sent = scene.one(FIRST_SENT, feed=UPSERTED, source=source)
    table = {(row["department"], str(row["sex"]), row["day"].isoformat()): row for row in found}
    refused = refusals(scene, UPSERTED, [source])

    def loaded(number: int, record: Record) -> bool | None:
        row = table.get((record["dep"], record["sexe"], record["jour"]))
        if row is None:
            return None
        if row["source_id"] == source:
            values = [row["version_on"].isoformat(), *(str(row[name]) for name in ("row_no", "hospitalised", "deaths"))]
            return values == [record["@published"], str(number), record["hosp"], record["dc"]]
        version = (row["version_on"].isoformat(), row["sent_at"])
        return True if version > (record["@published"], first_sent) and not is_bad(number) else None

    yield from _told(scene, UPSERTED, last, loaded, refused)


def only_the_newest_replacement(scene: Scene, _acknowledged: dict[str, int]) -> Iterator[str]:
    """Of the file that was sent in versions: the last one's records, loaded or refused, and none of an older one."""
    sent = scene.replacements.sent
    if not sent:
        yield f"{REPLACED}: no version of the file has landed ({scene.replacements.said})"
        return
    query = f"SELECT source_id, COUNT(*) AS n FROM v_{REPLACED} WHERE source_id IN ({_listed(sent)}) GROUP BY source_id"
    rows = {row["source_id"]: row["n"] for row in scene.rows(query)}
    bad = [number for number in range(1, RECORDS + 1) if is_bad(number)]
    if rows != (expected := {sent[-1]: RECORDS - len(bad)}):
        yield f"{REPLACED}: of the file there are {rows} rows by version, not {expected}"
    refused, wanted = refusals(scene, REPLACED, sent), {(sent[-1], number): [BAD_VERSION.reasons] for number in bad}
    entries, right = sum(map(len, refused.values())), sum(refused.get(one) == wanted[one] for one in wanted)
    if (entries, right) != (len(bad), len(bad)):
        yield f"{REPLACED}: of the file {entries} entries are in quarantine, {right} of the {len(bad)} that must be"


def refusals(scene: Scene, feed: str, sources: Sequence[int]) -> Refusals:
    """None of a record that was not refused, or was settled since."""
    query = (
        "SELECT source_id, row_no, reasons FROM quarantine"
        f" WHERE feed = :feed AND source_id IN ({_listed(sources)}) AND resolved_load_id IS NULL"
    )
    found: Refusals = {}
    for row in scene.rows(query, feed=feed):
        found.setdefault((row["source_id"], row["row_no"]), []).append(orjson.loads(row["reasons"]))
    return found


def fate(loaded: bool | None, refused: Sequence[Any], bad: Bad | None) -> str:
    """What is wrong with what became of a record; empty where nothing is.

    `loaded`: whether its row has its values, None where there is no row; `bad`: what its column has against it.
    """
    if loaded is None and not refused:
        return NOWHERE
    if (loaded is not None) + len(refused) > 1:
        return SEVERAL
    if refused:
        return REFUSED if not bad else "" if refused[0] == bad.reasons else FOR_OTHER
    return LOADED if bad else "" if loaded else OTHERWISE


def _told(
    scene: Scene, feed: str, last: int, loaded: Callable[[int, Record], bool | None], refused: Refusals
) -> Iterator[str]:
    """A sentence for each thing that is wrong with what became of the records 1 to `last` of a simulator.

    As many as the drill has taken away are nowhere, no more and no less.
    """
    source, found = scene.traffic.sources[feed], Counter[str]()
    first: dict[str, int] = {}
    for number, record in enumerate(islice(scene.traffic.records(feed), last), start=1):
        bad = BAD[feed] if is_bad(number) else None
        wrong = fate(loaded(number, record), refused.get((source, number), ()), bad)
        found[wrong] += 1
        first.setdefault(wrong, number)
    said = f"{feed}: of {last:,} acknowledged records"
    if (missing := found[NOWHERE]) != (lost := scene.lost.get(feed, 0)):
        yield f"{said} {missing:,} are {NOWHERE}; the drill has taken {lost:,} away"
    for wrong in (SEVERAL, OTHERWISE, LOADED, REFUSED, FOR_OTHER):
        if found[wrong]:
            yield f"{said} {found[wrong]:,} are {wrong}, the first of them number {first[wrong]:,}"


def _listed(sources: Sequence[int]) -> str:
    return ", ".join(map(str, sources))
