"""The list of drills, and what is said of them."""

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
    assert all(f"{drill.name} " in said and drill.does in said for drill in DRILLS)


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["earthquake"]) == 1
    assert capsys.readouterr().err == "✗ There is no drill 'earthquake': make drill LIST=1 shows them.\n"


@pytest.mark.parametrize(("wrong", "code"), [([], 0), (["sales: 3 records are missing"], 1)])
def test_what_is_wrong_is_said_and_fails_the_run(
    wrong: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def perform_all(wanted: list[Drill]) -> list[Verdict]:
        return [Verdict(drill.name, drill.does, 1000, 900, 50, 50, 0, 3.5, 1.5, wrong) for drill in wanted]

    monkeypatch.setattr(command, "_perform_all", perform_all)
    assert command.main(["mysql-killed"]) == code
    printed = capsys.readouterr()
    assert "mysql-killed" in printed.out
    assert "1,000" in printed.out
    assert f"{1 - code} of 1 passed.\n" in printed.out
    assert printed.err == "".join(f"✗ mysql-killed: {sentence}\n" for sentence in wrong)


def test_what_could_not_be_performed_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = Verdict("mysql-disk-full", "a full disk", skipped="mysql has no memory for it")
    monkeypatch.setattr(command, "_perform_all", lambda _wanted: [verdict])
    assert command.main(["clock-back"]) == 0
    printed = capsys.readouterr().out
    assert "⚠" in printed
    assert "mysql-disk-full was not performed: mysql has no memory for it.\n" in printed
    assert "0 of 0 passed; 1 could not be performed." in printed


def test_a_lab_without_figures_is_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "has_figures", lambda _lab: False)
    monkeypatch.setattr(command, "FIGURES_SECONDS", 0.01)
    assert command.main(["clock-back"]) == 1
    assert capsys.readouterr().err == "✗ Not within 0 s: the dashboards have their first figures.\n"
