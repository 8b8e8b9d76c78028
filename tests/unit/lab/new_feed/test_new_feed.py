"""`make new-feed`: from a file that somebody has to a feed that passes every test of the project, with no edit."""

import csv
import gzip
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.commands.new_feed import asking
from lab.commands.new_feed import new_feed as new_feed_command
from lab.location import CHECKOUT
from lab.new_feed.scaffold import make
from millrace.contract.contract import Contract, read_contract
from millrace.errors import Refused
from producer.files.csv_file import CsvFile
from tests.unit.lab.new_feed.csv_files import ODD, ORDERS, RECORDS, SENSORS, write_all
from tests.unit.spark.records import event, rows

pytestmark = pytest.mark.host

FEEDS = (ORDERS, SENSORS, ODD)
SUITES = (
    "feeds/test_feed_suite",
    "superset/test_assets",
    "feeds/test_feeds_docs",
    "millrace/contract/test_contract",
)
CONCERNED = "trial or test_assets or test_contract"
GUIDE = (CHECKOUT / "docs" / "your-own-feed.md").read_text(encoding="utf-8")


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command in the copy, as a person without a terminal would run it."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("MILLRACE_LAB", None)
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=copy,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def new_feed(copy: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run(copy, "lab", "new-feed", *map(str, arguments))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def files(folder: Path) -> dict[str, Path]:
    return write_all(folder)


@pytest.fixture(scope="module")
def empty_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout, as git would give it, without any of what a person added."""
    copy = tmp_path_factory.mktemp("checkout") / "millrace"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    )
    names = [name for name in listed.stdout.decode().split("\0") if name and (CHECKOUT / name).is_file()]
    for name in names:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes((CHECKOUT / name).read_bytes())
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    return copy


@pytest.fixture(scope="module")
def copy(empty_copy: Path, files: dict[str, Path]) -> Path:
    """A checkout with the three feeds, one after the other."""
    for feed in FEEDS:
        done = new_feed(empty_copy, "--name", feed, "--", files[feed])
        assert done.returncode == 0, done.stdout + done.stderr
    return empty_copy


@pytest.fixture(params=FEEDS)
def contract(request: pytest.FixtureRequest, copy: Path) -> Contract:
    return read_contract(copy / "feeds" / request.param / "contract.yaml")


def test_every_record_of_the_file_is_accepted(contract: Contract, files: dict[str, Path]) -> None:
    path = files[contract.feed]
    file = CsvFile(contract, path, path.name)
    values = [event(contract, file.texts(record), record.row) for record in file.records()]
    found = rows(contract, values)
    assert (len(found), [row.reasons for row in found if row.reasons]) == (RECORDS[contract.feed], [])
    assert {row.extra for row in found} == {None}


def test_the_projects_own_tests_pass(copy: Path) -> None:
    suites = [f"tests/unit/{suite}.py" for suite in SUITES]
    done = run(copy, "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", CONCERNED, *suites)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert re.search(r"\d{3} passed", done.stdout)


@pytest.mark.parametrize(
    "linter",
    [("yamllint", "--strict", "."), ("ruff", "check", "sql", "feeds"), ("ruff", "format", "--check", "sql", "feeds")],
)
def test_the_linters_find_nothing(copy: Path, linter: tuple[str, ...]) -> None:
    done = run(copy, *linter)
    assert done.returncode == 0, done.stdout + done.stderr


def columns(contract: Contract) -> dict[str, str]:
    return {column.name: column.type for column in contract.columns}


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        (
            ORDERS,
            {
                "order_id": "int",
                "order_date": "datetime",
                "product": "varchar(20)",
                "region": "varchar(20)",
                "quantity": "int",
                "unit_price": "decimal(9,2)",
                "trial_orders_order": "int",
                "paid": "boolean",
                "note": "varchar(20)",
            },
        ),
        (
            SENSORS,
            {
                "zeitpunkt": "datetime",
                "gerat": "varchar(20)",
                "temperature_c": "decimal(10,3)",
                "humidity": "decimal(12,5)",
                "lauft": "boolean",
            },
        ),
        (
            ODD,
            {
                "comment": "varchar(40)",
                "column_2": "decimal(11,3)",
                "debut": "date",
                "fin": "date",
                "n2nd_value": "varchar(100)",
                "trial_odd_sent_at": "varchar(20)",
                "zip": "varchar(20)",
                "nothing": "varchar(255)",
            },
        ),
    ],
)
def test_the_proposed_columns(copy: Path, feed: str, expected: dict[str, str]) -> None:
    assert columns(read_contract(copy / "feeds" / feed / "contract.yaml")) == expected


def test_what_was_decided(copy: Path) -> None:
    orders, sensors, odd = (read_contract(copy / "feeds" / feed / "contract.yaml") for feed in FEEDS)
    assert [column.name for column in orders.columns if not column.required] == ["note"]
    assert [column.name for column in orders.columns if column.min == 0] == ["quantity", "unit_price"]
    assert orders.rollups[0].key_names == ("day", "product")
    assert (sensors.source.delimiter, sensors.source.encoding) == (";", "cp1252")
    assert [column.parse for column in sensors.columns] == [None, None, "decimal_comma", "decimal_comma", None]
    assert odd.ignore == ("",)
    assert [column.formats for column in odd.columns if column.formats] == [("d/M/yyyy",), ("yyyy-MM-dd", "dd.MM.yyyy")]


def test_every_comment_shows_values_of_the_file(copy: Path, files: dict[str, Path]) -> None:
    contract = read_contract(copy / "feeds" / ORDERS / "contract.yaml")
    with files[ORDERS].open(encoding="utf-8") as lines:
        records = list(csv.DictReader(lines))
    for column in contract.columns:
        assert column.comment.startswith(f"{column.from_}, as in the file, e.g. ")
        values = {record[column.from_] for record in records}
        assert column.comment.partition("e.g. ")[2].split(", ")[0] in values


def test_the_feeds_are_on_and_nothing_else_changed(copy: Path) -> None:
    lab, local = (yaml.safe_load((copy / name).read_text()) for name in ("lab.yml", "lab.local.yml"))
    assert local == {"feeds": [*lab["feeds"], *FEEDS], "begin_empty": list(FEEDS)}


def test_it_tells_what_to_look_at_and_what_to_type_next(copy: Path, files: dict[str, Path], tmp_path: Path) -> None:
    file = tmp_path / "my sensors.csv"
    file.write_bytes(files[SENSORS].read_bytes())
    done = new_feed(copy, "--name", "told", "--", file)
    assert done.stdout.startswith("my sensors.csv: 300 records; cp1252, parted by semicolons.\n")
    assert "a comma before decimals, as in other columns" in done.stdout
    assert "feeds/told/contract.yaml" in done.stdout
    assert "make check" in done.stdout
    assert f"make send FEED=told FILE='{file}'" in done.stdout


REFUSED = [
    ("no.csv", None, "There is no file "),
    ("empty.csv", "", "empty.csv is empty; a header and at least one record are needed."),
    ("header.csv", "a,b\n", "header.csv has a header but no record that can be read; give it a few."),
    (
        "headless.csv",
        "Paris,12.5\nLyon,13\n",
        "headless.csv: the first line holds a value (12.5) where a column's name",
    ),
    (
        "again.csv",
        "red,blue\nred,blue\nblue,red\n",
        "again.csv: the first line holds a value (red) where a column's name",
    ),
    ("twice.csv", "a,a\n1,2\n", "twice.csv: the header names a more than once; give each column its own name."),
    ("unnamed.csv", "a,\nx,y\n", "unnamed.csv: column 2 of the header has no name, but holds 'y';"),
    ("wide.csv", "a,b\n\xff\xfe", "wide.csv has a header but no record that can be read; give it a few."),
    ("utf16.csv", "\xff\xfea\0,\0b\0", "utf16.csv is written in UTF-16; save it as"),
    (
        "dates.csv",
        "day\n1/2/2026\n3/4/2026\n",
        "The column day may have its day or its month first in every record, such as ",
    ),
    ("list.json", "[]", "list.json: a feed is proposed from CSV files only;"),
]


def proposed(file: Path, feed: str, dates: str = "", key: str = "", newest: str = "") -> Contract:
    """What the command would write, without writing it."""
    return make(file, feed, CHECKOUT, file.parent, key=key, newest=newest, ask=asking(dates)).contract


@pytest.mark.parametrize(("name", "content", "sentence"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_cannot_be_a_feed_is_refused_in_one_sentence(
    folder: Path, name: str, content: str | None, sentence: str
) -> None:
    if content is not None:
        (folder / name).write_bytes(content.encode("latin-1"))
    with pytest.raises(Refused) as refused:
        new_feed_command(folder / name, name="refused")
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)
    assert not (CHECKOUT / "feeds" / "refused").exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "The feed needs a name: NAME=orders_2026."),
        ("Shop", "'Shop' cannot be a feed's name: "),
        ("order", "'order' cannot be a feed's name: "),
        ("insurance_rate", "There is a feed insurance_rate already; choose another NAME."),
        ("insurance", "superset/assets/dashboards/insurance.yaml exists already;"),
        ("quarantine", "There is a table quarantine already; choose another NAME."),
    ],
)
def test_a_name_that_is_taken_or_none_is_refused(files: dict[str, Path], name: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        new_feed_command(files[ORDERS], name=name)
    assert str(refused.value).startswith(sentence)


def test_a_folder_in_the_way_is_refused(copy: Path, files: dict[str, Path]) -> None:
    (copy / "feeds" / "there").mkdir()
    done = new_feed(copy, "--name", "there", "--", files[ORDERS])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "✗ feeds/there exists already; choose another NAME, or remove it.\n"


@pytest.mark.parametrize(
    ("said", "forms"), [("day-first", ("d/M/yyyy",)), ("month-first", ("M/d/yyyy",)), ("text", ())]
)
def test_dates_in_doubt_are_as_the_person_says(folder: Path, said: str, forms: tuple[str, ...]) -> None:
    file = folder / "doubt.csv"
    file.write_text("day,city\n1/2/2026,Rome\n3/4/2026,Oslo\n11/12/2026,Rome\n")
    assert proposed(file, "doubt", said).columns[0].formats == forms


def test_a_packed_file_is_what_it_holds(folder: Path) -> None:
    (folder / "packed.csv.gz").write_bytes(gzip.compress(b"city,sold\nRome,3\nOslo,4\n"))
    assert columns(proposed(folder / "packed.csv.gz", "packed")) == {"city": "varchar(20)", "sold": "int"}


def test_columns_beyond_what_a_table_holds_stay_in_extra(folder: Path) -> None:
    file = folder / "wide.csv"
    file.write_text(",".join(f"c{n}" for n in range(400)) + "\n" + ",".join(["x" * 300] * 400) + "\n")
    contract = proposed(file, "wide")
    assert len(contract.columns) == 150
    assert {column.type for column in contract.columns} == {"varchar(500)", "text"}


def test_with_a_key_the_newest_record_wins(folder: Path, files: dict[str, Path]) -> None:
    contract = proposed(files[ORDERS], "newest", key="Order ID", newest="OrderDate")
    assert (contract.mode, contract.key, contract.newest_by) == ("upsert", ("order_id",), "order_date")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"key": "Note"}, "The column note decides which record wins, but it is empty in some records."),
        ({"key": "Orderid"}, "There is no column 'Orderid'; did you mean order_id?"),
        ({"newest": "OrderDate"}, "NEWEST says which record of a key wins, so it needs a KEY."),
    ],
)
def test_a_key_that_cannot_be_one_is_refused(
    folder: Path, files: dict[str, Path], said: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Refused) as refused:
        proposed(files[ORDERS], "refused", **said)
    assert str(refused.value) == sentence


@pytest.fixture
def commands(copy: Path) -> Iterator[list[str]]:
    """The commands of the guide, line by line."""
    blocks = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.M | re.S)
    yield [line for block in blocks for line in block.splitlines() if line]


def test_the_guide_is_short_and_makes_its_feed(copy: Path, commands: list[str]) -> None:
    assert len(GUIDE.splitlines()) < 100
    if (copy / "feeds" / "shop").exists():
        pytest.skip("this checkout has a feed of the guide's name already")
    written = re.search(r"^```csv\n(.*?)^```", GUIDE, re.M | re.S)
    assert written
    (copy / "my.csv").write_text(written[1], encoding="utf-8")
    (make,) = (line for line in commands if line.startswith("make new-feed"))
    done = subprocess.run(
        ["make", "--no-print-directory", f"PYTHON={sys.executable}", *make.split()[1:]],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    feed = dict(word.split("=") for word in make.split() if "=" in word)["NAME"]
    assert columns(read_contract(copy / "feeds" / feed / "contract.yaml")).keys() <= set(re.findall(r"\w+", GUIDE))
    assert all(line in GUIDE for line in done.stdout.splitlines()[:1])
