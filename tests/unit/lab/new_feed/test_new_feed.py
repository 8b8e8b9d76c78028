"""`make new-feed`: from a file that somebody has to a feed that passes every test of the project, with no edit."""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.location import CHECKOUT
from millrace.contract.contract import Contract, read_contract
from producer.files.csv_file import CsvFile
from tests.unit.lab.new_feed.csv_files import ODD, ORDERS, RECORDS, SENSORS
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


def test_a_folder_in_the_way_is_refused(copy: Path, files: dict[str, Path]) -> None:
    (copy / "feeds" / "there").mkdir()
    done = new_feed(copy, "--name", "there", "--", files[ORDERS])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "✗ feeds/there exists already; choose another NAME, or remove it.\n"


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
