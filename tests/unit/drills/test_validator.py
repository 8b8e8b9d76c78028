"""Each check of a drill's end passes what is right, and says what is wrong."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from drills import validator
from drills.traffic import PER_SECOND, Traffic
from drills.waiting import Failed

ACKNOWLEDGED = dict.fromkeys(PER_SECOND, 40) | {"insurance_network": 1000}
COUNTS = {"read_count": 40, "loaded": 38, "updated": 0, "duplicates": 0, "quarantined": 2}
"""Of the 40 records of a simulator."""


@dataclass
class Scene:
    """A lab after a drill."""

    chain: list[dict[str, Any]] = field(default_factory=list)
    ledger: dict[tuple[str, int], dict[str, int]] = field(default_factory=dict)
    traffic: Traffic = field(default_factory=lambda: Traffic(7))
    replacements: Any = field(default_factory=lambda: SimpleNamespace(sent=[1, 2]))
    lost: dict[str, int] = field(default_factory=dict)
    differing: list[list[str]] = field(default_factory=list)

    def rows(self, query: str, **_values: Any) -> list[dict[str, Any]]:
        return self.chain if "pipeline_load " in query else []

    def apart(self) -> list[str]:
        """What the next asking finds; the last one's again and again."""
        return self.differing.pop(0) if len(self.differing) > 1 else self.differing[0]

    def counts(self) -> dict[tuple[str, int], dict[str, int]]:
        return self.ledger


def found(check: Any, scene: Scene) -> list[str]:
    return list(check(scene, ACKNOWLEDGED))


@pytest.mark.parametrize(
    ("asked", "said"),
    [([["late"], []], []), ([["late"], ["ahead"]], ["ahead"]), ([["late"], [], ["one more has come"]], [])],
)
def test_it_is_waited_for_until_ledger_and_kafka_end_alike(
    asked: list[list[str]], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def until(is_so: Any, what: str) -> None:
        if not (is_so() or is_so()):
            raise Failed(what)

    monkeypatch.setattr(validator, "until", until)
    assert found(validator.the_ledger_ends_where_kafka_does, Scene(differing=asked)) == said


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
    ("counts", "wrong"),
    [
        ({}, []),
        ({"read_count": 45, "duplicates": 5}, []),
        ({"loaded": 37}, ["sales: of the source 11 40 records were read, 39 are accounted for"]),
        ({"quarantined": 3}, ["sales: of the source 11 40 records were read, 41 are accounted for"]),
        ({"read_count": 39, "loaded": 37}, ["sales: 1 of 40 acknowledged records were never read"]),
    ],
)
def test_sums_add_up_to_no_less_than_was_acknowledged(counts: dict[str, int], wrong: list[str]) -> None:
    assert found(validator.sums_that_add_up, Scene(ledger={("sales", 11): COUNTS | counts})) == wrong


def test_sums_add_up_of_each_version_of_the_file() -> None:
    version = {"read_count": 500, "loaded": 495, "updated": 0, "duplicates": 0, "quarantined": 5}
    check, first, second = validator.sums_that_add_up, ("insurance_network", 1), ("insurance_network", 2)
    assert found(check, Scene(ledger={first: version, second: version})) == []
    more = version | {"read_count": 501, "duplicates": 1}
    less = version | {"read_count": 499, "loaded": 494}
    assert found(check, Scene(ledger={first: more, second: less})) == [
        "insurance_network: 1 of 1,000 acknowledged records were never read"
    ]
    assert found(check, Scene(ledger={first: more, second: less}, lost={"insurance_network": 1})) == []
    (sentence,) = found(check, Scene(ledger={first: version | {"loaded": 494}, second: version | {"loaded": 496}}))[:1]
    assert sentence == "insurance_network: of the source 1 500 records were read, 499 are accounted for"


@pytest.mark.parametrize(("there", "wrong"), [(2, 0), (1, 3), (3, 3)])
def test_what_was_refused_is_in_quarantine_as_often_as_it_was_counted(
    there: int, wrong: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validator, "refusals", lambda *_: dict.fromkeys(range(there)))
    scene = Scene()
    scene.ledger = dict.fromkeys(scene.traffic.sources.items(), COUNTS)
    assert len(found(validator.refusals_that_were_counted, scene)) == wrong


@pytest.mark.parametrize(("second", "is_right"), [(5, True), (4, False), (6, False)])
def test_loads_follow_each_other(second: int, is_right: bool) -> None:
    loads = [
        {"load_id": 1, "start_offsets": '{"0": 0}', "end_offsets": '{"0": 5}'},
        {"load_id": 2, "start_offsets": f'{{"0": {second}}}', "end_offsets": '{"0": 9}'},
    ]
    assert (found(validator.a_contiguous_ledger, Scene(chain=loads)) == []) is is_right
