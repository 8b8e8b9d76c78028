"""What became of each record of the traffic: what is right passes, and what is wrong is said."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from drills import records
from drills.records import FOR_OTHER, LOADED, NOWHERE, OTHERWISE, REFUSED, SEVERAL, fate
from drills.replacements import BAD as BAD_VERSION
from drills.traffic import BAD, PER_SECOND, Traffic, is_bad

SEED, LAST = 7, 250
TRAFFIC = Traffic(SEED)
SENT_AT = datetime(2026, 11, 30, 9, 0)
ACKNOWLEDGED = dict.fromkeys(PER_SECOND, LAST)
GOOD, ALL_BAD = BAD["sales"].reasons, [100, 200]
OTHER = [{"column": "region", "value": None, "reason": "is required and empty"}]
Rows = list[dict[str, Any]]


def made(feed: str) -> list[tuple[int, dict[str, str]]]:
    """The simulator's good records."""
    numbered = enumerate(islice(TRAFFIC.records(feed), LAST), start=1)
    return [(number, record) for number, record in numbered if not is_bad(number)]


def appended(feed: str) -> Rows:
    """The rows that they must become, as the view gives them."""
    compared = records.APPENDED[feed]
    columns = ["row_no", *compared.columns.split(", ")]
    return [dict(zip(columns, (number, *compared.of(record)), strict=True)) for number, record in made(feed)]


def updated() -> Rows:
    return [
        {
            "department": record["dep"],
            "sex": int(record["sexe"]),
            "day": date.fromisoformat(record["jour"]),
            "version_on": date.fromisoformat(record["@published"]),
            "source_id": TRAFFIC.sources["hospital"],
            "row_no": number,
            "hospitalised": int(record["hosp"]),
            "deaths": int(record["dc"]),
            "sent_at": SENT_AT,
        }
        for number, record in made("hospital")
    ]


def refused(feed: str, source: int, numbers: list[int], reasons: Any = None) -> Rows:
    """Entries of quarantine."""
    written = orjson.dumps(reasons or BAD[feed].reasons).decode()
    return [{"source_id": source, "row_no": number, "reasons": written} for number in numbers]


@dataclass
class Scene:
    """A lab whose tables hold what they must, unless something else is given."""

    tables: dict[str, Rows] = field(default_factory=dict)
    quarantine: dict[str, Rows] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    traffic: Traffic = TRAFFIC
    replacements: Any = field(default_factory=lambda: SimpleNamespace(sent=[1, 2], said="no"))

    def one(self, query: str, **_values: Any) -> Any:
        assert "MIN(l.oldest_sent_at)" in query
        return SENT_AT

    def rows(self, query: str, **values: Any) -> Rows:
        if "FROM quarantine" in query:
            assert "resolved_load_id IS NULL" in query
            of = values["feed"]
            return self.quarantine.get(of, refused(of, TRAFFIC.sources.get(of, 0), ALL_BAD) if of in BAD else [])
        (feed,) = (feed for feed in (*PER_SECOND, "insurance_network") if f"FROM v_{feed} " in f"{query} ")
        return self.tables[feed] if feed in self.tables else updated() if feed == "hospital" else appended(feed)


def found(check: Any, scene: Scene) -> list[str]:
    return list(check(scene, ACKNOWLEDGED))


@pytest.mark.parametrize(
    ("loaded", "entries", "bad", "wrong"),
    [
        (True, [], False, ""),
        (None, [GOOD], True, ""),
        (None, [], False, NOWHERE),
        (None, [], True, NOWHERE),
        (False, [], False, OTHERWISE),
        (True, [], True, LOADED),
        (False, [], True, LOADED),
        (None, [GOOD], False, REFUSED),
        (None, [OTHER], True, FOR_OTHER),
        (None, [[*GOOD, *OTHER]], True, FOR_OTHER),
        (None, [GOOD, GOOD], True, SEVERAL),
        (True, [GOOD], True, SEVERAL),
        (True, [GOOD], False, SEVERAL),
    ],
)
def test_a_record_is_in_the_table_or_in_quarantine_once(
    loaded: bool | None, entries: list[Any], bad: bool, wrong: str
) -> None:
    assert fate(loaded, entries, BAD["sales"] if bad else None) == wrong


@pytest.mark.parametrize("feed", records.APPENDED)
def test_appended_records_are_looked_for_one_by_one(feed: str) -> None:
    check, rows, source = records.each_appended_record, appended(feed), TRAFFIC.sources[feed]
    assert found(check, Scene()) == []
    said = f"{feed}: of 250 acknowledged records 1 are"
    assert found(check, Scene({feed: rows[1:]})) == [f"{said} nowhere; the drill has taken 0 away"]
    bad = {"row_no": 100} | {name: value for name, value in rows[0].items() if name != "row_no"}
    once, instead = refused(feed, source, [200]), refused(feed, source, [1, 100, 200])
    twice, other = refused(feed, source, [100, 100, 200]), [*once, *refused(feed, source, [100], OTHER)]
    for scene, wrong, number in (
        (Scene({feed: [*rows, bad]}, {feed: once}), LOADED, 100),
        (Scene(quarantine={feed: twice}), SEVERAL, 100),
        (Scene(quarantine={feed: other}), FOR_OTHER, 100),
        (Scene({feed: rows[1:]}, {feed: instead}), REFUSED, 1),
    ):
        assert found(check, scene) == [f"{said} {wrong}, the first of them number {number}"]


@pytest.mark.parametrize(
    ("feed", "other"),
    [
        ("sales", {"invoice_no": "C1"}),
        ("sales", {"quantity": 0}),
        ("sales", {"unit_price": Decimal("0.001")}),
        ("sales", {"sold_at": SENT_AT}),
        ("weather", {"city": "Paris"}),
        ("weather", {"temperature_stated": None}),
        ("weather", {"weather_code": 101}),
    ],
)
def test_appended_records_have_their_values(feed: str, other: dict[str, Any]) -> None:
    rows = appended(feed)
    assert found(records.each_appended_record, Scene({feed: [*rows[:3], rows[3] | other, *rows[4:]]})) == [
        f"{feed}: of 250 acknowledged records 1 are {OTHERWISE}, the first of them number 4"
    ]


def test_what_the_drill_has_taken_away_is_missing_and_no_more() -> None:
    rows = appended("sales")
    for missing, is_right in ((3, True), (2, False), (4, False)):
        scene = Scene({"sales": rows[missing:]}, lost={"sales": 3})
        assert (found(records.each_appended_record, scene) == []) is is_right


def test_a_key_has_the_values_of_the_record_that_was_sent_last() -> None:
    check, rows = records.each_updated_record, updated()
    assert found(check, Scene()) == []
    another = rows[0] | {"source_id": 5, "row_no": 999, "hospitalised": 1}
    later = another | {"sent_at": SENT_AT + timedelta(minutes=50)}
    assert found(check, Scene({"hospital": [later, *rows[1:]]})) == [], "another's, from a clock that was ahead"
    older = later | {"version_on": date(2023, 1, 1)}
    before = another | {"sent_at": SENT_AT - timedelta(seconds=1)}
    wrong: list[Rows] = [[], [another], [before], [older]]
    wrong += [[rows[0] | {name: 10**6}] for name in ("row_no", "hospitalised", "deaths")]
    wrong += [[rows[0] | {"version_on": date(2025, 1, 1)}]]
    for first in wrong:
        assert len(found(check, Scene({"hospital": [*first, *rows[1:]]}))) == 1, first


def test_a_bad_record_takes_no_key() -> None:
    check, rows = records.each_updated_record, updated()
    record = next(islice(TRAFFIC.records("hospital"), 99, None))
    row = rows[0] | {"department": record["dep"], "sex": int(record["sexe"]), "day": date.fromisoformat(record["jour"])}
    another = row | {"source_id": 5, "sent_at": SENT_AT + timedelta(hours=1)}
    assert found(check, Scene({"hospital": [*rows, another]})) == []
    first = "the first of them number 100"
    assert found(check, Scene({"hospital": [*rows, row | {"row_no": 100}]})) == [
        f"hospital: of 250 acknowledged records 1 are {SEVERAL}, {first}"
    ]
    gone = refused("hospital", TRAFFIC.sources["hospital"], [200])
    assert found(check, Scene({"hospital": [*rows, another]}, {"hospital": gone})) == [
        "hospital: of 250 acknowledged records 1 are nowhere; the drill has taken 0 away"
    ]


BAD_ROWS = [100, 200, 300, 400, 500]


@pytest.mark.parametrize(
    ("rows", "entries", "wrong"),
    [
        ({2: 495}, [(2, BAD_ROWS)], []),
        ({1: 495, 2: 495}, [(2, BAD_ROWS)], ["of the file there are {1: 495, 2: 495} rows by version, not {2: 495}"]),
        ({2: 494}, [(2, BAD_ROWS)], ["of the file there are {2: 494} rows by version, not {2: 495}"]),
        ({2: 495}, [(2, BAD_ROWS[1:])], ["of the file 4 entries are in quarantine, 4 of the 5 that must be"]),
        ({2: 495}, [(2, [*BAD_ROWS, 1])], ["of the file 6 entries are in quarantine, 5 of the 5 that must be"]),
        ({2: 495}, [(2, [*BAD_ROWS, 100])], ["of the file 6 entries are in quarantine, 4 of the 5 that must be"]),
        ({2: 495}, [(1, BAD_ROWS)], ["of the file 5 entries are in quarantine, 0 of the 5 that must be"]),
    ],
)
def test_of_a_replaced_file_the_newest_version_is_there(
    rows: dict[int, int], entries: list[tuple[int, list[int]]], wrong: list[str]
) -> None:
    table = [{"source_id": source, "n": count} for source, count in rows.items()]
    there = [one for source, numbers in entries for one in refused("", source, numbers, BAD_VERSION.reasons)]
    scene = Scene({"insurance_network": table}, {"insurance_network": there})
    assert found(records.only_the_newest_replacement, scene) == [f"insurance_network: {one}" for one in wrong]


def test_a_file_of_which_no_version_has_landed_is_told() -> None:
    scene = Scene(replacements=SimpleNamespace(sent=[], said="Kafka is away"))
    assert found(records.only_the_newest_replacement, scene) == [
        "insurance_network: no version of the file has landed (Kafka is away)"
    ]
