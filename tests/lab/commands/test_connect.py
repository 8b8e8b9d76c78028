"""The page on clients of one's own: its every snippet, run as it is written, and what it says of removing a record."""

import re
from pathlib import Path

import pytest
import yaml

from instruments.own_feed import FEED, FOLDER, differences, record, write_file
from instruments.tools import Warehouse, as_root, millrace, printed_sum, wait_until
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.services import superset_url
from millrace.settings import Lab, load_lab
from tests.lab.commands.test_readme import shell

PAGE = (CHECKOUT / "docs" / "connect.md").read_text(encoding="utf-8")
SNIPPETS = [block.strip() for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)]
SHOWS = {
    "mysql.connector": r"TLSv1\.[23][^\n]*\n(.*\n)*insurance_network \d+",
    "kcat -F": r"insurance_network",
    "KafkaConsumer": r"^\d+ \d+ b'",
    "spark-submit": r"^[1-9]\d* records in the topic",
    "'python3'": r"^\[Row\(value=",
    "httpx": r"^Mean premium by age and metal level \d+",
    "DELETE FROM quarantine": r"",
}
"""What a snippet is known by, and what it prints."""
SPEAKS_SCRAM = (2, 6, 1)


@pytest.fixture(scope="module", autouse=True)
def as_on_the_page(lab: Lab) -> None:
    if load_lab().subnet != "192.168.33":
        pytest.skip("the page has the addresses of the subnet that lab.yml has")


def known_by(snippet: str) -> str:
    (name,) = (name for name in SHOWS if name in snippet)
    return name


def librdkafka() -> tuple[int, ...]:
    """The version that this host's kcat is made with."""
    found = re.search(r"librdkafka (\d+)\.(\d+)\.(\d+)", shell("kcat -V").stdout)
    return tuple(map(int, found.groups())) if found else ()


def test_every_snippet_is_known() -> None:
    assert sorted(map(known_by, SNIPPETS)) == sorted(SHOWS)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=known_by)
def test_a_snippet_shows_what_it_says(snippet: str) -> None:
    if known_by(snippet) == "kcat -F" and librdkafka() < SPEAKS_SCRAM:
        pytest.skip("this host's kcat is made with a librdkafka that does not speak SCRAM as Kafka 4 wants it")
    done = shell(snippet.replace("http://192.168.33.10:8088", superset_url(load_lab())))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(SHOWS[known_by(snippet)], done.stdout, re.M), done.stdout + done.stderr


def test_a_record_leaves_as_the_page_says(parcel: None, mysql: Warehouse, tmp_path: Path, nonce: str) -> None:
    """Taken out of its file and sent again: it leaves view and quarantine at once, the bytes when they are told to."""
    person, others, refused = f"{nonce} person", f"{nonce} others", "x" * 8
    bad = record(person, 3).replace("2014", refused)
    file = write_file(tmp_path, f"people_{nonce}", record(person, 1), record(others, 2), bad)
    assert printed_sum(millrace("send", "--", FEED, file)).quarantined == 1
    rows = f"SELECT COUNT(*) FROM v_{FEED} WHERE name = :name"
    assert (mysql.one(rows, name=person), mysql.one(rows, name=others)) == (1, 1)
    write_file(tmp_path, f"people_{nonce}", record(others, 2))
    assert millrace("send", "--replace", "--", FEED, file).code == 0
    wait_until(lambda: mysql.one(rows, name=person) == 0, "the record has left")
    assert mysql.one(rows, name=others) == 1
    mine = f"FROM quarantine WHERE feed = '{FEED}' AND CONVERT(raw USING utf8mb4) LIKE '%{person}%'"
    assert mysql.one(f"SELECT COUNT(*) {mine} AND resolved_load_id IS NULL") == 0
    as_root(f"DELETE FROM millrace.quarantine WHERE feed = '{FEED}' AND resolved_load_id IS NOT NULL")
    assert mysql.one(f"SELECT COUNT(*) {mine}") == 0
    assert differences(yaml.safe_load((FOLDER / FEED / "contract.yaml").read_text(encoding="utf-8"))) == []


def test_the_topic_is_cut_as_the_page_says(parcel: None, lab: Lab) -> None:
    (cut,) = re.findall(r"^\$ (sudo kafka-delete-records\.sh .*)$", PAGE, re.M)
    (offsets,) = re.findall(r"^\$ (echo '.*' > all\.json)$", PAGE, re.M)
    own = offsets.replace('"shop"', f'"{FEED}"')
    done = remote.run("kafka", f"cd $(mktemp -d) && {own} && {cut}")
    assert "low_watermark" in done
