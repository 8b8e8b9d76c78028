"""What a person says of a column counts, and the first records are shown as they would be stored."""

from pathlib import Path

import pytest

from lab.commands.new_feed import asking
from lab.new_feed.preview import preview
from lab.new_feed.proposal import Choices, Proposed, propose_contract
from millrace.errors import Refused
from tests.unit.lab.new_feed.infer.case_files import stored

pytestmark = pytest.mark.host
FILE = "inhabitants,zip,batch,day,area\n1.234,00157,11E11,1.2.26,7.5\n56.789,00314,12E12,3.4.26,8.25\n"


def proposed(folder: Path, types: str) -> Proposed:
    file = folder / "x.csv"
    file.write_text(FILE, encoding="utf-8")
    return propose_contract(file, "trial", folder, Choices(asking("day-first"), types=types))


@pytest.mark.parametrize(
    ("said", "column", "kind", "value"),
    [
        ("inhabitants=int", "inhabitants", "int", "1234"),
        ("inhabitants=decimal", "inhabitants", "decimal(12,5)", "1.23400"),
        ("inhabitants=text", "inhabitants", "varchar(20)", "1.234"),
        ("zip=bigint", "zip", "bigint", "157"),
        ("batch=double", "batch", "double", "1100000000000.0"),
        ("day=date", "day", "date", "2026-02-01"),
        ("area=text, zip=int", "area", "varchar(20)", "7.5"),
    ],
)
def test_what_is_said_counts(tmp_path: Path, said: str, column: str, kind: str, value: str) -> None:
    made = proposed(tmp_path, said)
    (found,) = (each for each in made.columns if each.name == column)
    assert (found.type, found.note, found.answers) == (kind, f"{said.partition('=')[2].split(',')[0]}, as you said", ())
    first = stored(made, tmp_path / "x.csv", tmp_path)[0]
    assert (first.reasons, str(getattr(first, column))) == (None, value)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("zip", "TYPES says 'zip'; write TYPES=\"column=type,…\", a type being one of text, int, bigint, decimal, "),
        ("zip=whole", "TYPES says 'zip=whole'; write "),
        ("zap=int", "TYPES names a column 'zap', which the file has not; did you mean zip?"),
        ("batch=int", "TYPES says batch=int, but '11E11' cannot be read so; leave it out, or say text."),
        ("area=int", "TYPES says area=int, but '7.5' cannot be read so; leave it out, or say text."),
        ("zip=date", "TYPES says zip=date, but '00157' cannot be read so; leave it out, or say text."),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, said: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        proposed(tmp_path, said)
    assert str(refused.value).startswith(sentence)


def test_doubts_name_what_may_be_said(tmp_path: Path) -> None:
    found = {column.name: column.answers for column in proposed(tmp_path, "").columns if column.answers}
    assert found == {"inhabitants": ("text",), "zip": ("int",), "batch": ("double",)}


def test_the_first_records_stand_beside_what_is_stored(tmp_path: Path) -> None:
    made = proposed(tmp_path, "zip=int")
    shown = preview(made.contract, made.inspected)
    assert (shown.records, shown.lines[:2]) == (
        2,
        (
            ("inhabitants", "decimal(12,5)", "1.234", "56.789"),
            ("zip", "int", "00157 → 157", "00314 → 314"),
        ),
    )
