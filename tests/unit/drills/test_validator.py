"""Each check of a drill's end passes what is right, and says what is wrong."""

from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from types import SimpleNamespace
from typing import Any

import pytest

from drills import validator
from drills.replacements import RECORDS
from drills.traffic import PER_SECOND, Traffic, simulator

SEED, LAST = 7, 40
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
        }
        for number, record in enumerate(islice(simulator("hospital").records(SEED), LAST), start=1)
    ]


@dataclass
class Scene:
    """Answers by the first of `numbers` whose text the query has."""

    numbers: dict[str, int] = field(default_factory=dict)
    hospital: list[dict[str, Any]] = field(default_factory=list)
    chain: list[dict[str, Any]] = field(default_factory=list)
    ledger: dict[str, dict[str, int]] = field(default_factory=dict)
    traffic: Traffic = field(default_factory=lambda: Traffic(SEED))
    replacements: Any = field(default_factory=lambda: SimpleNamespace(sent=[1, 2], good=495, bad=5, said="no"))
    lost: dict[str, int] = field(default_factory=dict)
    by_source: dict[int, int] = field(default_factory=lambda: {1: 0, 2: 495})

    def one(self, query: str, **values: Any) -> int:
        if "v_insurance_network" in query:
            return self.by_source[values["source"]]
        return next(number for text, number in self.numbers.items() if text in query)

    def rows(self, query: str, **_values: Any) -> list[dict[str, Any]]:
        if "v_hospital" in query:
            return self.hospital
        return self.chain if "pipeline_load " in query else []

    def counts(self) -> dict[str, dict[str, int]]:
        return self.ledger


def found(check: Any, scene: Scene) -> list[str]:
    return list(check(scene, ACKNOWLEDGED))


@pytest.mark.parametrize(
    ("loaded", "refused", "is_right"), [(40, 0, True), (38, 2, True), (39, 0, False), (40, 1, False)]
)
def test_an_acknowledged_record_is_in_the_table_or_in_quarantine(loaded: int, refused: int, is_right: bool) -> None:
    scene = Scene({"FROM v_": loaded, "FROM quarantine": refused})
    assert (found(validator.every_acknowledged_record_once, scene) == []) is is_right


def test_what_the_drill_has_taken_away_is_missing_and_no_more() -> None:
    check = validator.every_acknowledged_record_once
    for missing, is_right in ((3, True), (2, False), (4, False)):
        scene = Scene({"FROM v_": LAST - missing, "FROM quarantine": 0}, lost=dict.fromkeys(PER_SECOND, 3))
        assert (found(check, scene) == []) is is_right


def test_a_key_is_there_in_its_version_or_a_newer_one() -> None:
    check = validator.every_key_in_its_newest_version
    rows = hospital_rows(Traffic(SEED).sources["hospital"])
    assert found(check, Scene(hospital=rows)) == []
    another = rows[0] | {"source_id": 5, "row_no": 999, "hospitalised": 1}
    assert found(check, Scene(hospital=[another, *rows[1:]])) == [], "another source's, no older"
    older = another | {"version_on": date(2023, 1, 1)}
    for wrong in ([], [older], [rows[0] | {"row_no": 2}], [rows[0] | {"deaths": 10**6}]):
        assert len(found(check, Scene(hospital=[*wrong, *rows[1:]]))) == 1, wrong


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
