"""Bad input on the real machines: every record lands right or in quarantine with column, value and reason."""

import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from instruments.own_feed import FEED, HEADER, LANDING, committed_ends, line, topic_ends
from instruments.tools import Sum, Warehouse, printed_sum, run_send, source_of, wait_until
from lab.host import remote
from lab.observe.ledger import Counts, counts_of_source
from tests.lab.pipeline.bad_input_cases import CASES, REFUSED_FILES, Case


@pytest.fixture(scope="module")
def landed(parcel: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By name, each file: all were put into the landing folder at once, and what they brought is committed."""
    folder = tmp_path_factory.mktemp("files")
    files = {name: folder / name for name, _, _ in REFUSED_FILES}
    for name, content, _ in REFUSED_FILES:
        files[name].write_bytes(content)
    for case in CASES:
        nonce = uuid4().hex[:12]
        files[case.name] = folder / f"{nonce}.csv"
        files[case.name].write_bytes(case.content(nonce))
    packed = subprocess.run(["tar", "-C", folder, "-c", "."], capture_output=True, check=True).stdout
    unpack = f"cd $(mktemp -d -p /var/tmp) && tar -x && chmod a+r *.csv && mv *.csv {LANDING}"
    subprocess.run(remote.command("kafka", unpack), input=packed, check=True)
    wait_until(lambda: not remote.run("kafka", f"ls {LANDING} | grep '[.]csv$' || true"), "all files are dealt with")
    wait_until(lambda: committed_ends() == topic_ends(), "what they brought is committed")
    return files


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_record_lands_right_or_in_quarantine(case: Case, mysql: Warehouse, landed: dict[str, Path]) -> None:
    good, bad = len(case.landed) + 1, len(case.refused)
    source = source_of(FEED, landed[case.name])
    assert counts_of_source(mysql.connection, FEED, source, 0) == Counts(good + bad, good, 0, 0, bad)
    assert_landed(mysql, source, case.landed, good)
    assert_refused(mysql, source, case.refused)


@pytest.mark.usefixtures("parcel")
def test_sent_again_landed_and_refused_records_alike_are_duplicates(
    mysql: Warehouse, tmp_path: Path, nonce: str
) -> None:
    file = tmp_path / f"{nonce}.csv"
    file.write_bytes(Case("all at once", [each for case in CASES[:3] for each in case.lines]).content(nonce))
    assert printed_sum(run_send(FEED, file)) == Sum(4, 1, 0, 0, 3)
    source = source_of(FEED, file)
    before = mysql.rows("SELECT * FROM v_quarantine WHERE source_id = :source ORDER BY row_no", source=source)
    again = run_send(FEED, file)
    assert (printed_sum(again), again.code) == (Sum(4, 0, 0, 4, 0), 0)
    assert mysql.rows("SELECT * FROM v_quarantine WHERE source_id = :source ORDER BY row_no", source=source) == before
    assert_landed(mysql, source, {}, 1)


@pytest.mark.parametrize(("name", "sentence"), [(name, sentence) for name, _, sentence in REFUSED_FILES])
def test_a_file_that_cannot_be_the_feeds_is_refused_with_one_sentence(
    name: str, sentence: str, mysql: Warehouse, landed: dict[str, Path]
) -> None:
    assert remote.run("kafka", f"cat {LANDING}/quarantine/{name}.reason") == f"{sentence}\n"
    source = source_of(FEED, landed[name])
    assert mysql.one(f"SELECT COUNT(*) FROM {FEED} WHERE source_id = :source", source=source) == 0


@pytest.mark.usefixtures("parcel")
def test_make_send_refuses_such_a_file_with_the_same_sentence(lab: object, tmp_path: Path) -> None:
    name, content, sentence = REFUSED_FILES[2]
    file = tmp_path / name
    file.write_bytes(content)
    run = run_send(FEED, file)
    assert (run.code, run.said) == (1, f"✗ {sentence}")


def test_an_unknown_feed_is_refused_with_the_nearest_name(lab: object, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text(f"{HEADER}\n{line()}\n")
    run = run_send("insurance_netwrk", file)
    assert (run.code, run.said) == (1, "✗ There is no feed 'insurance_netwrk'; did you mean insurance_network?")


@pytest.mark.usefixtures("parcel")
def test_a_missing_file_and_a_folder_are_refused(lab: object, tmp_path: Path) -> None:
    missing = run_send(FEED, tmp_path / "none.csv")
    hint = "check the path (FILE=… is read from the folder you stand in)"
    assert (missing.code, missing.said) == (1, f"✗ There is no file {tmp_path}/none.csv: {hint}.")
    folder = run_send(FEED, tmp_path)
    assert (folder.code, folder.said) == (1, f"✗ {tmp_path} is a folder: name one file in it.")


def assert_landed(mysql: Warehouse, source: int, wanted: dict[int, dict[str, Any]], rows: int) -> None:
    """The source's committed rows: as many as wanted, with the wanted values."""
    found = {
        row["row_no"]: row for row in mysql.rows(f"SELECT * FROM v_{FEED} WHERE source_id = :source", source=source)
    }
    assert len(found) == rows
    for number, values in wanted.items():
        shown = {**found[number], "extra": orjson.loads(found[number]["extra"] or "{}")}
        assert {name: shown[name] for name in values} == values


def assert_refused(mysql: Warehouse, source: int, wanted: dict[int, tuple[str | None, str | None, str]]) -> None:
    """The source's records in quarantine: each once, with its first reason."""
    found = mysql.rows(
        "SELECT row_no, reasons, LENGTH(raw) AS size FROM v_quarantine WHERE source_id = :source", source=source
    )
    assert {row["row_no"] for row in found} == set(wanted)
    for row in found:
        assert row["size"] > 0
        (reason, *_) = orjson.loads(row["reasons"])
        column, value, sentence = wanted[row["row_no"]]
        assert (reason["column"], reason["value"]) == (column, value)
        assert reason["reason"].startswith(sentence)
