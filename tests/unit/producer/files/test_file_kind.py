"""What is no table is named by its first bytes, for send, landing and new-feed alike; wide text is taken in."""

import gzip
import json
from pathlib import Path

import pytest

from lab.commands.new_feed import asking
from lab.location import CHECKOUT
from lab.new_feed.proposal import Choices
from lab.new_feed.scaffold import make
from millrace.contract.contract import read_contract
from millrace.errors import Refused
from millrace.feed_names import contract_file
from tests.unit.lab.new_feed.infer.case_files import case
from tests.unit.producer.files.desk import CONTRACT, JSON_CONTRACT, Desk, refusal, sent

pytestmark = pytest.mark.host
ZIP = "is a zip archive; unpack it, and give the file that is in it."
PAGE = "is a web page; download the file itself; the server may have answered with an error or a login page."
KINDS = [
    (b"PK\x03\x04 rows.csv", ZIP),
    (b"PK\x03\x04 [Content_Types].xml", "is an Excel workbook; save its table as CSV."),
    (gzip.compress(b"Day,Item\n1,a\n"), "is a gzip file; name it ….gz, then it is unpacked on the way."),
    (b"\n <!DOCTYPE html>\n<html>", PAGE),
    (b"<HTML><body>", PAGE),
    (b"\xef\xbb\xbf<?xml version='1.0'?>", "is XML; save its table as CSV."),
    (b"%PDF-1.7", "is a PDF; save its table as CSV."),
    (b"PAR1", "is a Parquet file; save its table as CSV."),
    (b"\xd0\xcf\x11\xe0", "is an Excel workbook of before 2007; save its table as CSV."),
]


@pytest.mark.parametrize("name", ["x.csv", "x.json", "x.csv.zip"])
@pytest.mark.parametrize(("content", "said"), KINDS, ids=[said[:20] for _, said in KINDS])
def test_what_is_no_table_is_named(desk: Desk, content: bytes, said: str, name: str) -> None:
    assert refusal(desk, content, name) == f"{name} {said}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("A9-zip-named.csv", ZIP),
        ("A9-network.csv.zip", ZIP),
        ("A9-gzip-named.csv", KINDS[2][1]),
        ("A9-html-error.csv", PAGE),
    ],
)
def test_the_cases_are_named_by_send_and_new_feed(desk: Desk, name: str, said: str) -> None:
    file = case(name)
    assert refusal(desk, file.read_bytes(), name) == f"{name} {said}"
    with pytest.raises(Refused) as refused:
        make(file, "trial", CHECKOUT, desk.folder, Choices(asking("")))
    assert str(refused.value) == f"{name} {said}"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("declared", ["utf-8", "cp1252"])
def test_marked_text_is_read_by_its_mark(desk: Desk, encoding: str, declared: str) -> None:
    item = " ".join(["Müller 価格"] * 8)
    content = "Day,Item\n" + f"1,{item}\n" * 10_000
    layout = CONTRACT.source.model_copy(update={"encoding": declared})
    found = sent(desk, content.encode(encoding), "x.csv", CONTRACT.model_copy(update={"source": layout}))
    assert (len(found), found[0]) == (10_000, {"Day": "1", "Item": item})
    assert all(one == found[0] for one in found)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("declared", ["utf-8", "cp1252"])
def test_marked_json_is_read_by_its_mark(desk: Desk, encoding: str, declared: str) -> None:
    layout = JSON_CONTRACT.source.model_copy(update={"encoding": declared})
    content = json.dumps([{"Day": 1, "Item": "é価"}], ensure_ascii=False)
    contract = JSON_CONTRACT.model_copy(update={"source": layout})
    assert sent(desk, content.encode(encoding), contract=contract) == [{"Day": "1", "Item": "é価"}]


def test_a_feed_is_proposed_from_wide_text(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_bytes("Stadt\tPreis\r\nKöln\t1,50\r\nBonn\t2,25\r\n".encode("utf-16"))
    made = make(file, "trial", CHECKOUT, tmp_path, Choices(asking("")))
    layout = made.proposed.contract.source
    assert (layout.encoding, layout.delimiter) == ("utf-8", "\t")
    assert [column.examples for column in made.proposed.columns] == [("Köln", "Bonn"), ("1,50", "2,25")]
    assert made.files[Path("feeds/trial/sample.csv")].decode().startswith("Stadt\tPreis\r\nKöln")


def test_a_file_of_which_no_row_fits_is_refused_before_it_is_sent(desk: Desk) -> None:
    contract = read_contract(contract_file("insurance_network"))
    file = case("A4-network-trailing.csv")
    assert refusal(desk, file.read_bytes(), file.name, contract) == (
        f"{file.name}: no record fits; of the first, the row has 15 fields, the header has 14; nothing was sent."
    )
