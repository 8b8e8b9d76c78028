"""Which formats a feed takes, packed files, other delimiters, and the day of publication."""

import gzip

import pytest

from millrace.contract.contract import Contract
from tests.unit.producer.files.desk import CONTRACT, JSON_CONTRACT, Desk, contract_with, refusal, sent

PUBLISHED_COLUMN = {
    "from": "@published",
    "name": "published",
    "type": "date",
    "formats": ["yyyy-MM-dd"],
    "comment": "d",
}
PUBLISHED = contract_with(
    PUBLISHED_COLUMN,
    published={"name": r"^shop-(\d{4}-\d\d-\d\d)", "greatest": "sold"},
    columns=[
        *CONTRACT.model_dump(by_alias=True, exclude_defaults=True)["columns"],
        PUBLISHED_COLUMN,
        {"from": "Sold", "also": ["Vendu"], "name": "sold", "type": "date", "formats": ["dd/MM/yyyy"], "comment": "d"},
    ],
)


def test_a_format_the_feed_does_not_take_is_refused(desk: Desk) -> None:
    assert refusal(desk, "[]", contract=CONTRACT) == "x.json: the feed shop does not take JSON; give it a file .csv."


@pytest.mark.parametrize("packed_name", ["x.csv.gz", "x.csv.GZ"])
def test_a_packed_file_is_what_it_holds(desk: Desk, packed_name: str) -> None:
    plain = desk.send("Day,Item\n1,a\n")
    packed = desk.send(gzip.compress(b"Day,Item\n1,a\n"), name=packed_name)
    assert (packed.source, packed.name) == (plain.source, "x.csv")
    said = refusal(Desk(desk.folder, desk.journal), gzip.compress(b"Day,Item\n1,a\n")[:-4], name="y.csv.gz")
    assert said.endswith("y.csv.gz is no whole gzip file; it was cut off, or is something else.")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_one_that_shows_the_required_columns(desk: Desk, delimiter: str) -> None:
    content = f"Day{delimiter}Item\n1{delimiter}a\n"
    assert sent(desk, content, name="x.csv") == [{"Day": "1", "Item": "a"}]


def test_a_delimiter_nobody_declared_is_named(desk: Desk) -> None:
    assert refusal(desk, "Day|Item\n1|a\n", name="x.csv") == (
        "x.csv: its columns are parted by bars, the feed shop wants commas or semicolons or tabs."
    )


def test_a_required_column_may_have_another_name(desk: Desk) -> None:
    known = CONTRACT.model_dump(by_alias=True, exclude_defaults=True)
    known["columns"] = [known["columns"][0] | {"also": ["Jour"]}, *known["columns"][1:]]
    assert sent(desk, "Jour,Item\n1,a\n", "x.csv", Contract.model_validate(known)) == [{"Jour": "1", "Item": "a"}]


@pytest.mark.parametrize(
    ("name", "content", "day"),
    [
        ("shop-2021-03-14.csv", "Day,Item\n1,a\n", "2021-03-14"),
        ("shop-2021-03-14.csv", "Day,Item,Sold\n1,a,01/01/2022\n", "2021-03-14"),
        ("shop-2021-13-14.csv", "Day,Item,Sold\n1,a,01/02/2022\n", "2022-02-01"),
        ("x.csv", "Day,Item,Sold\n1,a,01/02/2022\n1,a,nonsense\n1,a, 03/02/2022\n1,b,02/02/2022\n1\n", "2022-02-03"),
        ("x.csv", "Day,Item,Sold,Vendu\n1,a,,01/02/2022\n", "2022-02-01"),
        ("x.json", '[{"Day": 1, "Sold": "01/02/2022"}]', "2022-02-01"),
    ],
)
def test_the_day_of_publication_is_in_every_record(desk: Desk, name: str, content: str, day: str) -> None:
    found = sent(desk, content, name, PUBLISHED)
    assert {data["@published"] for data in found if isinstance(data, dict)} == {day}


def test_a_file_without_a_day_of_publication_is_refused(desk: Desk) -> None:
    assert refusal(desk, "Day,Item,Sold\n1,a,soon\n", "x.csv", PUBLISHED) == (
        r"x.csv: the day it was published is not to be found; its name must hold it as in ^shop-(\d{4}-\d\d-\d\d), "
        "or its column Sold a day that can be read."
    )


def test_a_replacing_json_file_names_the_old_one_and_keeps_its_day(desk: Desk) -> None:
    first = desk.send('[{"Day": 1}]', name="shop-2021-03-14.json", contract=PUBLISHED)
    desk.send('[{"Day": 2}]', name="shop-2021-03-14.json", contract=PUBLISHED, again="replace")
    assert desk.events[-1]["replaces"] == first.source
    assert desk.events[-1]["data"] == {"Day": "2", "@published": "2021-03-14"}


def test_what_a_file_came_from_is_told(desk: Desk) -> None:
    desk.send('{"Day": 1}\n{', name="x.jsonl", contract=JSON_CONTRACT, origin="api")
    assert {event["origin"] for event in desk.events} == {"api"}
