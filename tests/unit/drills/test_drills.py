"""The list of drills, and what is said of them."""

import json

import pytest

from drills import __main__ as command
from drills.all_drills import DRILLS
from drills.drill import Drill
from drills.perform import Verdict


def test_names_are_their_own() -> None:
    names = [drill.name for drill in DRILLS]
    assert len(set(names)) == len(names)


def test_feeds_that_stand_still_are_to_be_told_of() -> None:
    standing = [drill for drill in DRILLS if drill.expects.stands_still]
    assert {"worker-stopped", "column-dropped", "mysql-lock", "cut-spark-kafka"} <= {drill.name for drill in standing}
    assert all(drill.expects.reported and not drill.expects.stays for drill in standing)


def test_the_list_has_every_drill(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--list"]) == 0
    said = capsys.readouterr().out
    assert all(f"{drill.name} " in said and drill.does in said and drill.expected in said for drill in DRILLS)


def test_what_is_expected_is_told_in_words() -> None:
    said = {drill.name: drill.expected for drill in DRILLS}
    assert said["cut-spark-kafka"] == "status tells it while it lasts"
    assert said["retention-passed"] == "status tells it as a loss"
    assert said["stream-killed"] == "the application starts anew"
    assert said["superset-killed"] == "the application goes on; dashboards open"


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["earthquake"]) == 1
    assert capsys.readouterr().err == "✗ There is no drill 'earthquake': make drill LIST=1 shows them.\n"


@pytest.mark.parametrize(("wrong", "code"), [([], 0), (["sales: 3 records are missing"], 1)])
def test_what_is_wrong_is_said_and_fails_the_run(
    wrong: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def perform_all(wanted: list[Drill], found: list[Verdict]) -> None:
        found += [Verdict(drill.name, drill.does, 1000, 900, 50, 50, 0, 3.5, 1.5, wrong) for drill in wanted]

    monkeypatch.setattr(command, "_perform_all", perform_all)
    assert command.main(["mysql-killed"]) == code
    printed = capsys.readouterr()
    assert "mysql-killed" in printed.out
    assert "1,000" in printed.out
    assert f"{1 - code} of 1 passed.\n" in printed.out
    assert printed.err == "".join(f"✗ mysql-killed: {sentence}\n" for sentence in wrong)


SKIPPED = Verdict("mysql-disk-full", "a full disk", skipped="mysql has no memory for it")
PASSED = Verdict("mysql-killed", "kill -9", 1000, 900, 50, 50, 0, 3.5)


@pytest.mark.parametrize(("asked", "code"), [([], 0), (["mysql-killed", "mysql-disk-full"], 1)])
def test_what_could_not_be_performed_is_said_and_fails_who_asked_for_it(
    asked: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_perform_all", lambda _wanted, found: found.extend([SKIPPED, PASSED]))
    assert command.main(asked) == code
    printed = capsys.readouterr().out
    assert "⚠" in printed
    why = "mysql-disk-full was not performed: mysql has no memory for it."
    assert printed.endswith(f"{why}\n1 of 1 passed; not performed: mysql-disk-full.\n")


def test_scripts_are_told_of_it_beside_the_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_perform_all", lambda _wanted, found: found.extend([SKIPPED, PASSED]))
    assert command.main(["--json"]) == 0
    printed = capsys.readouterr()
    assert [verdict["skipped"] for verdict in json.loads(printed.out)] == ["mysql has no memory for it", ""]
    assert printed.err.endswith("1 of 1 passed; not performed: mysql-disk-full.\n")


def test_what_was_performed_before_a_stop_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def perform_all(_wanted: list[Drill], found: list[Verdict]) -> None:
        found.append(PASSED)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_perform_all", perform_all)
    with pytest.raises(KeyboardInterrupt):
        command.main(["--json"])
    assert [verdict["drill"] for verdict in json.loads(capsys.readouterr().out)] == ["mysql-killed"]


def test_a_lab_without_figures_is_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "has_figures", lambda _lab: False)
    monkeypatch.setattr(command, "FIGURES_SECONDS", 0.01)
    assert command.main(["clock-back"]) == 1
    assert capsys.readouterr().err == "✗ Not within 0 s: the dashboards have their first figures.\n"
