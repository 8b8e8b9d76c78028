"""Each check of a drill's end passes what is right, and says what is wrong."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from types import SimpleNamespace
from typing import Any

import pytest

from drills import validator
from drills.replacements import RECORDS
from drills.traffic import PER_SECOND, Traffic, simulator
from drills.waiting import Failed

SEED, LAST = 7, 40
SENT_AT = datetime(2026, 11, 30, 9, 0)
FIRST_SENT = {"MIN(l.oldest_sent_at)": SENT_AT}
ACKNOWLEDGED = dict.fromkeys(PER_SECOND, LAST)


def hospital_rows(source: int) -> list[dict[str, Any]]:
    """The rows that the simulator's records must become."""
    return [
        {
            "department": record["dep"],
            "sex": int(record["sexe"]),
            "day": date.fromisoformat(record["jour"]),
            "version_on": date.fromisoformat(record["@published"]),
            "source_id": source,
            "row_no": number,
            "hospitalised": int(record["hosp"]),
            "deaths": int(record["dc"]),
            "sent_at": SENT_AT,
        }
        for number, record in enumerate(islice(simulator("hospital").records(SEED), LAST), start=1)
    ]


@dataclass
class Scene:
    """Answers by the first of `numbers` whose text the query has."""

    numbers: dict[str, Any] = field(default_factory=dict)
    hospital: list[dict[str, Any]] = field(default_factory=list)
    chain: list[dict[str, Any]] = field(default_factory=list)
    ledger: dict[str, dict[str, int]] = field(default_factory=dict)
    traffic: Traffic = field(default_factory=lambda: Traffic(SEED))
    replacements: Any = field(default_factory=lambda: SimpleNamespace(sent=[1, 2], good=495, bad=5, said="no"))
    lost: dict[str, int] = field(default_factory=dict)
    by_source: dict[int, int] = field(default_factory=lambda: {1: 0, 2: 495})
    differing: list[list[str]] = field(default_factory=list)

    def one(self, query: str, **values: Any) -> Any:
        if "v_insurance_network" in query:
            return self.by_source[values["source"]]
        return next(number for text, number in self.numbers.items() if text in query)

    def rows(self, query: str, **_values: Any) -> list[dict[str, Any]]:
        if "v_hospital" in query:
            return self.hospital
        return self.chain if "pipeline_load " in query else []

    def apart(self) -> list[str]:
        """What the next asking finds; the last one's again and again."""
        return self.differing.pop(0) if len(self.differing) > 1 else self.differing[0]

    def counts(self) -> dict[str, dict[str, int]]:
        return self.ledger


def found(check: Any, scene: Scene) -> list[str]:
    return list(check(scene, ACKNOWLEDGED))


@pytest.mark.parametrize(("asked", "said"), [([["late"], []], []), ([["late"], ["ahead"]], ["ahead"])])
def test_it_is_waited_for_until_ledger_and_kafka_end_alike(
    asked: list[list[str]], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def until(is_so: Any, what: str) -> None:
        if not (is_so() or is_so()):
            raise Failed(what)

    monkeypatch.setattr(validator, "until", until)
    assert found(validator.the_ledger_ends_where_kafka_does, Scene(differing=asked)) == said


@pytest.mark.parametrize(
    ("loaded", "refused", "different", "is_right"),
    [(40, 0, 40, True), (38, 2, 40, True), (39, 0, 39, False), (40, 1, 40, False), (39, 1, 39, False)],
)
def test_an_acknowledged_record_is_in_the_table_or_in_quarantine(
    loaded: int, refused: int, different: int, is_right: bool
) -> None:
    scene = Scene({"UNION": different, "FROM v_": loaded, "FROM quarantine": refused})
    assert (found(validator.every_acknowledged_record_once, scene) == []) is is_right


def test_what_the_drill_has_taken_away_is_missing_and_no_more() -> None:
    check = validator.every_acknowledged_record_once
    for missing, is_right in ((3, True), (2, False), (4, False)):
        numbers = {"UNION": LAST - missing, "FROM v_": LAST - missing, "FROM quarantine": 0}
        scene = Scene(numbers, lost=dict.fromkeys(PER_SECOND, 3))
        assert (found(check, scene) == []) is is_right


def test_a_key_has_the_values_of_the_record_that_was_sent_last() -> None:
    check = validator.every_key_in_its_newest_version
    rows = hospital_rows(Traffic(SEED).sources["hospital"])
    assert found(check, Scene(FIRST_SENT, rows)) == []
    another = rows[0] | {"source_id": 5, "row_no": 999, "hospitalised": 1}
    later = another | {"sent_at": SENT_AT + timedelta(minutes=50)}
    assert found(check, Scene(FIRST_SENT, [later, *rows[1:]])) == [], "another's, from a clock that was ahead"
    older = later | {"version_on": date(2023, 1, 1)}
    before = another | {"sent_at": SENT_AT - timedelta(seconds=1)}
    wrong: list[list[dict[str, Any]]] = [[], [another], [before], [older]]
    wrong += [[rows[0] | {name: 10**6}] for name in ("row_no", "hospitalised", "deaths")]
    wrong += [[rows[0] | {"version_on": date(2025, 1, 1)}]]
    for first in wrong:
        assert len(found(check, Scene(FIRST_SENT, [*first, *rows[1:]]))) == 1, first


@pytest.mark.parametrize(
    ("in_lake", "in_table", "is_right"),
    [([2, 2, 3], (2, 3), True), ([3, 2, 4], (2, 3), False), ([1, 1, 1], (2, 3), False), ([2, 2, 3], (0, 0), False)],
)
def test_the_lake_has_the_rows_of_the_tables_of_every_feed(
    in_lake: list[int], in_table: tuple[int, int], is_right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def run(_machine: str, command: list[str], **_: Any) -> str:
        if "systemctl" in command:
            return ""
        feed, *sources = command[command.index(validator.IN_LAKE) + 1 :]
        asked.append(feed)
        return json.dumps([in_lake] * len(sources))

    monkeypatch.setattr(validator.remote, "run", run)
    scene: Any = Scene()
    scene.rows = lambda _query, **_values: [dict(zip("ns", in_table, strict=True))]
    wrong = found(validator.the_lake, scene)
    assert {*asked} == {*PER_SECOND, validator.REPLACED}
    assert len(wrong) == (0 if is_right else len(PER_SECOND) + 2)


@pytest.mark.parametrize(
    ("rows", "refused", "is_right"),
    [({1: 0, 2: 495}, 5, True), ({1: 495, 2: 495}, 5, False), ({1: 0, 2: 495}, 4, False)],
)
def test_of_a_replaced_file_the_newest_version_is_there(rows: dict[int, int], refused: int, is_right: bool) -> None:
    scene = Scene({"FROM quarantine": refused}, by_source=rows)
    assert (found(validator.only_the_newest_replacement, scene) == []) is is_right


def test_a_file_of_which_no_version_has_landed_is_told() -> None:
    scene = Scene(replacements=SimpleNamespace(sent=[], said="Kafka is away"))
    assert found(validator.only_the_newest_replacement, scene) == [
        "insurance_network: no version of the file has landed (Kafka is away)"
    ]
    assert RECORDS == 500


@pytest.mark.parametrize(
    ("read", "loaded", "is_right"), [(40, 40, True), (45, 45, True), (40, 39, False), (39, 39, False)]
)
def test_sums_add_up_to_no_less_than_was_acknowledged(read: int, loaded: int, is_right: bool) -> None:
    counts = {"read_count": read, "loaded": loaded, "updated": 0, "duplicates": 0, "quarantined": 0}
    scene = Scene(ledger=dict.fromkeys(PER_SECOND, counts))
    assert (found(validator.sums_that_add_up, scene) == []) is is_right


@pytest.mark.parametrize(("second", "is_right"), [(5, True), (4, False), (6, False)])
def test_loads_follow_each_other(second: int, is_right: bool) -> None:
    loads = [
        {"load_id": 1, "start_offsets": '{"0": 0}', "end_offsets": '{"0": 5}'},
        {"load_id": 2, "start_offsets": f'{{"0": {second}}}', "end_offsets": '{"0": 9}'},
    ]
    assert (found(validator.a_contiguous_ledger, Scene(chain=loads)) == []) is is_right
