"""Large files cut into small ones, and devices that drop small files."""

import csv
import gzip
import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.commands.split import head_of
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.record.identity import device_source
from producer.files.split import split
from producer.kafka.journal import Journal
from producer.kafka.outlet import Outlet
from producer.simulate.device import Device, drop_files, send_events
from tests.unit.feeds.simulators.test_insurance import Lab
from tests.unit.spark.records import SEAL


def cut(tmp_path: Path, content: bytes, lines: int, name: str = "x.csv") -> dict[str, bytes]:
    file, into = tmp_path / name, tmp_path / "parts"
    file.write_bytes(content)
    into.mkdir(exist_ok=True)
    return {part.name: part.read_bytes() for part in split(file, lines, into, head_of(name, None))}


def test_every_part_has_the_header_and_whole_records(tmp_path: Path) -> None:
    parts = cut(tmp_path, b'a;b\r\n1;"x\r\ny"\r\n2;z\r\n3;"q"', 2)
    assert parts == {"x-000001.csv": b'a;b\r\n1;"x\r\ny"\r\n2;z\r\n', "x-000002.csv": b'a;b\r\n3;"q"\n'}


def test_blank_lines_above_the_header_stay_there_and_broken_records_too(tmp_path: Path) -> None:
    parts = cut(tmp_path, b'\na,b\n1,"open\n2,\xff\n3\n', 2)
    assert parts == {"x-000001.csv": b'\na,b\n1,"open\n2,\xff\n', "x-000002.csv": b"\na,b\n3\n"}


def test_what_stands_above_the_header_stands_above_each_part(tmp_path: Path) -> None:
    above = b"sep=;\n# made up, by nobody\n# at all\na;b\n"
    assert cut(tmp_path, above + b"1;2\n3;4\n", 1) == {
        "x-000001.csv": above + b"1;2\n",
        "x-000002.csv": above + b"3;4\n",
    }


def test_json_lines_are_cut_and_packed_files_unpacked(tmp_path: Path) -> None:
    parts = cut(tmp_path, gzip.compress(b'{"a":1}\n{"a":2}\n{"a":3}'), 2, "x.jsonl.gz")
    assert parts == {"x-000001.jsonl": b'{"a":1}\n{"a":2}\n', "x-000002.jsonl": b'{"a":3}'}


def test_cut_again_it_is_the_same_and_other_parts_are_not_written_over(tmp_path: Path) -> None:
    assert cut(tmp_path, b"a\n1\n2\n", 1) == cut(tmp_path, b"a\n1\n2\n", 1)
    with pytest.raises(Refused, match=r"x-000001\.csv is there already, with other content; name an empty folder\.$"):
        cut(tmp_path, b"a\n1\n2\n", 2)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.json", b"[]", "x.json is one JSON document, which has no lines to cut at; send it whole."),
        (
            "x.csv",
            "a,b\n1,2\n".encode("utf-16"),
            "x.csv is UTF-16 text; save it as UTF-8 to cut it, or send it whole.",
        ),
        ("x.csv", b"PAR1", "x.csv is a Parquet file; save its table as CSV."),
        ("x.csv", b"\n\n", "x.csv is empty; there is nothing to cut."),
    ],
)
def test_what_cannot_be_cut_is_told(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    with pytest.raises(Refused) as refused:
        cut(tmp_path, content, 1, name)
    assert str(refused.value) == said


ROWS = st.lists(
    st.tuples(st.text(st.characters(codec="utf-8"), max_size=8), st.text('a,;\n\r"', max_size=8)), max_size=9
)


@given(ROWS, st.integers(1, 4))
@example([("\n;;", "\n;;a"), ("\n;;", "\n;;")], 1)
@example([("\n;;", "\n;;"), ("\n;;", "\n;;")], 1)
def test_nothing_is_lost_between_the_parts(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], lines: int
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("one", "two"), *rows])
    parts = cut(tmp_path_factory.mktemp("cut"), text.getvalue().encode(), lines)
    read = [list(csv.reader(io.StringIO(part.decode(), newline=""))) for part in parts.values()]
    assert all(part[0] == ["one", "two"] and len(part) <= lines + 1 for part in read)
    assert [tuple(row) for part in read for row in part[1:]] == rows


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db")
    yield journal
    journal.close()


def times(count: int) -> Iterator[bool]:
    yield from [False] * count
    while True:
        yield True


def test_a_device_drops_files_of_the_feed_and_goes_on(tmp_path: Path, journal: Journal) -> None:
    made, contract, folder = Device("insurance_rate", "cabin-7"), load_contract("insurance_rate"), tmp_path / "landing"
    folder.mkdir()
    for _ in range(2):
        stopped = partial(next, times(2))
        drop_files(made, contract, journal, folder, records=2, stopped=stopped, pause=lambda _seconds: None)
    names = sorted(file.name for file in folder.iterdir())
    assert names == [f"cabin-7-{row:08d}.csv" for row in (1, 3, 5, 7)]
    rows = [row for name in names for row in csv.DictReader(io.StringIO((folder / name).read_text()))]
    records = made.records()
    assert rows == [next(records) for _ in range(8)]
    assert contract.missing_headers(rows[0]) == ()


def test_a_killed_device_drops_the_same_file_again(tmp_path: Path, journal: Journal) -> None:
    made, contract = Device("insurance_rate", "a"), load_contract("insurance_rate")

    def killed(_seconds: float) -> None:
        journal.acknowledge(made.feed, made.source, 0)
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            drop_files(made, contract, journal, tmp_path, pause=killed)
        journal._db.execute("UPDATE sources SET acknowledged = 0")
    assert [file.name for file in tmp_path.glob("a-*")] == ["a-00000001.csv"]


def test_a_device_sends_events_under_its_own_name(journal: Journal) -> None:
    lab = Lab(journal)
    made = Device("insurance_rate", "b")
    stop = times(3)
    outlet = Outlet(lambda feed: lab.topics[feed], lab, journal, SEAL)
    assert send_events(made, outlet, records=2, stopped=lambda: next(stop), pause=lambda _seconds: None) == 6
    events = [orjson.loads(event) for event in lab.topics["insurance_rate"].events]
    assert {(event["source"], event["origin"]) for event in events} == {
        (device_source("insurance_rate", "b"), "device")
    }
    assert lab.rows("insurance_rate") == [1, 2, 3, 4, 5, 6]
