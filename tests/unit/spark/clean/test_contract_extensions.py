"""What a contract can say beyond a plain column: other headers, given values, days, whole messages, functions."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import feeds
from millrace.contract.contract import Contract
from millrace.errors import Refused
from spark.clean import derive_functions
from spark.clean.contract_functions import function_named
from tests.unit.spark.records import event, reasons, rows

STATION = {"from": "station", "also": ["id", "Id"], "name": "station", "type": "varchar(9)", "comment": "x"}
COLUMNS: list[dict[str, Any]] = [
    STATION | {"required": True},
    {"from": "@published", "name": "published_on", "type": "date", "formats": ["yyyy-MM-dd"], "comment": "x"},
    {
        "from": "day",
        "name": "day",
        "type": "date",
        "formats": ["yyyy-MM-dd", "dd/MM/yyyy", "MM/dd/yyyy", "Myyyy"],
        "day": "last",
        "comment": "x",
    },
    {"from": "a", "name": "a", "type": "decimal(6,2)", "comment": "x"},
    {"from": "b", "name": "b", "type": "int", "comment": "x"},
]
MESSAGE = {"from": "@message", "name": "message", "type": "json", "comment": "x"}


def contract(**changes: Any) -> Contract:
    whole = {
        "feed": "toy",
        "title": "Toy",
        "description": "x",
        "family": "toy",
        "mode": "append",
        "published": {"name": "(.*)", "greatest": "day"},
        "columns": COLUMNS,
    }
    return Contract.model_validate(whole | changes)


def data(**texts: str) -> dict[str, str]:
    return {"station": "x"} | texts


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"station": "one", "id": "two"}, "one"),
        ({"station": " \t", "id": " two "}, "two"),
        ({"id": "", "Id": "three"}, "three"),
        ({"Id": "three"}, "three"),
    ],
)
def test_the_first_header_that_is_not_empty_counts(texts: dict[str, str], expected: str) -> None:
    toy = contract()
    (found,) = rows(toy, [event(toy, texts)])
    assert (found.station, found.reasons, found.extra) == (expected, None, None)


def test_no_header_at_all_is_an_empty_value() -> None:
    toy = contract()
    found = rows(toy, [event(toy, {}), event(toy, {"id": "", "Id": " "})])
    assert [reasons(row) for row in found] == [[("station", "is required and empty")]] * 2


def test_an_empty_text_is_kept_under_any_header() -> None:
    toy = contract(columns=[STATION | {"empty": "keep"}, *COLUMNS[1:]])
    found = rows(toy, [event(toy, {"id": ""}), event(toy, {"id": "", "Id": "x"}), event(toy, {})])
    assert [row.station for row in found] == ["", "x", None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-02-29", "2020-02-29"),
        ("13/04/2020", "2020-04-13"),
        ("04/13/2020", "2020-04-13"),
        ("04/04/2020", "2020-04-04"),
        ("32021", "2021-03-31"),
        ("022024", "2024-02-29"),
        ("112021", "2021-11-30"),
    ],
)
def test_a_day_that_one_form_reads_or_two_read_alike(text: str, expected: str) -> None:
    toy = contract()
    (found,) = rows(toy, [event(toy, data(day=text))])
    assert (str(found.day), found.reasons) == (expected, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("03/04/2020", "fits more than one of the forms "),
        ("2020-02-30", "is no date of the form "),
        ("30/02/2020", "is no date of the form "),
        ("132021", "is no date of the form "),
        ("2021", "is no date of the form "),
    ],
)
def test_a_day_is_never_guessed(text: str, reason: str) -> None:
    toy = contract()
    (found,) = rows(toy, [event(toy, data(day=text))])
    assert reasons(found) == [("day", reason + "yyyy-MM-dd or dd/MM/yyyy or MM/dd/yyyy or Myyyy")]
    assert json.loads(found.reasons)[0]["value"] == text


def test_a_typed_record_is_published_when_it_arrives() -> None:
    toy = contract()
    given = b'{"station": "x", "@published": "2020-01-02"}'
    found = rows(toy, [b"x,,1.5,7", b'{"station": "x"}', given, event(toy, data()), event(toy, data() | PUBLISHED)])
    days = [str(row.published_on) for row in found]
    assert days == ["2026-11-22", "2026-11-22", "2020-01-02", "None", "2020-01-03"]
    assert all(row.extra is None and row.reasons is None for row in found)


PUBLISHED = {"@published": "2020-01-03"}


def test_the_whole_record_is_the_message() -> None:
    toy = contract(columns=[*COLUMNS, MESSAGE | {"required": True}])
    sent = '{"station":"x","deep":{"n":1.50}}'
    values = [
        event(toy, data() | PUBLISHED | {"New": "ä"}),
        event(toy, {"station": "x", "deep.n": "1.50", "@message": sent}),
        b' {"station": "x", "deep": {"n": 1.50}} ',
        b"x,2020-01-02,1.5,7",
    ]
    found = rows(toy, values)
    assert [row.message for row in found] == [
        '{"station":"x","New":"ä"}',
        sent,
        '{"station": "x", "deep": {"n": 1.50}}',
        '{"station":"x","day":"2020-01-02","a":"1.5","b":"7"}',
    ]
    assert all(row.extra is None and row.reasons is None for row in found)


@pytest.mark.parametrize("text", ['{"a":', "1e999", '{"a":"\\ud800"}', "[" * 101 + "]" * 101, "nan"])
def test_a_message_that_mysql_would_not_take_is_refused(text: str) -> None:
    toy = contract(columns=[*COLUMNS, MESSAGE])
    texts = (text, "[" * 100 + "]" * 100)
    found = rows(toy, [event(toy, data() | {"@message": each}) for each in texts])
    assert [reasons(row) for row in found] == [[("message", "is not valid JSON")], []]


def derived(by: str, *of: str, **more: Any) -> dict[str, Any]:
    return {"name": "d", "type": "decimal(7,2)", "by": by, "of": list(of), "comment": "x"} | more


@pytest.fixture
def own_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "transform.py").write_text(
        "import pyarrow as pa, pyarrow.compute as pc\n"
        "def times(a, b): return pc.multiply(a, b.cast(pa.decimal128(10, 0)))\n"
        "def money(texts): return pa.array(['7.00'] * len(texts))\n"
        "def loud(texts): return pc.utf8_upper(texts)\n"
        "def lost(texts): return texts.drop_null()\n"
        "def third(a): return pc.divide(a.cast(pa.float64()), 3)\n"
        "def moment(a): return pc.cast(pc.multiply(a.cast(pa.float64()), 1e6), pa.int64()).cast(pa.timestamp('us'))\n"
    )
    monkeypatch.setattr(feeds, "__path__", [*feeds.__path__, str(tmp_path)])
    function_named.cache_clear()
    yield
    function_named.cache_clear()
    for name in ("feeds.toy", "feeds.toy.transform"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("own_functions")
class TestFunctionsBesideTheContract:
    def test_several_columns_make_one(self) -> None:
        toy = contract(derived=[derived("times", "a", "b")])
        values = [event(toy, data(a=a, b=b)) for a, b in (("1.25", "4"), ("1", ""), ("", "7"), ("9999.99", "99"))]
        assert [None if row.d is None else str(row.d) for row in rows(toy, values)] == ["5.00", None, None, None]

    def test_they_come_before_those_of_the_engine(self) -> None:
        toy = contract(derived=[derived("money", "station")])
        assert str(rows(toy, [event(toy, data())])[0].d) == "7.00"

    def test_a_parse_function(self) -> None:
        toy = contract(columns=[STATION | {"parse": "loud"}, *COLUMNS[1:]])
        assert rows(toy, [event(toy, data())])[0].station == "X"

    def test_what_a_type_cannot_hold_exactly_has_no_value(self) -> None:
        toy = contract(derived=[derived("third", "a")])
        found = rows(toy, [event(toy, data(a=a)) for a in ("1.5", "1", "0.01")])
        assert [None if row.d is None else str(row.d) for row in found] == ["0.50", None, None]

    def test_a_moment_between_two_seconds_has_no_value(self) -> None:
        toy = contract(derived=[derived("moment", "a", type="datetime")])
        found = rows(toy, [event(toy, data(a=a)) for a in ("1.00", "1.50")])
        assert [row.d for row in found] == [datetime(1970, 1, 1, 0, 0, 1), None]

    def test_what_the_contract_refuses_is_no_value_to_them(self) -> None:
        limited = [column | {"max": 7} if column["name"] in {"a", "b"} else column for column in COLUMNS]
        toy = contract(columns=limited, derived=[derived("times", "a", "b"), derived("third", "a") | {"name": "e"}])
        found = rows(toy, [event(toy, data(a=a, b=b)) for a, b in (("1.5", "8"), ("9", "2"), ("3.00", "2"))])
        assert [[reason for _, reason in reasons(row)] for row in found] == [["is above 7"], ["is above 7"], []]
        assert [(row.a, row.b, row.d, row.e) for row in found] == [
            (Decimal("1.50"), None, None, Decimal("0.50")),
            (None, 2, None, None),
            (Decimal("3.00"), 2, Decimal("6.00"), Decimal("1.00")),
        ]

    def test_one_that_drops_rows_is_refused(self) -> None:
        toy = contract(columns=[STATION | {"parse": "lost"}, *COLUMNS[1:]])
        with pytest.raises(
            Refused, match=r"feeds/toy/transform.py: lost made 0 values of 1; it must give one for each."
        ):
            rows(toy, [event(toy, {})])


def test_an_unknown_function_is_refused_by_name() -> None:
    with pytest.raises(Refused) as caught:
        function_named(derive_functions, "mony", "toy")
    assert str(caught.value) == (
        "feeds/toy/contract.yaml: neither feeds/toy/transform.py nor spark/clean/derive_functions.py has a function"
        " mony; did you mean money?"
    )


def test_a_required_derived_column_without_value_is_a_reason() -> None:
    toy = contract(derived=[derived("money", "station", required=True, reason="names no amount")])
    found = rows(toy, [event(toy, {"station": station}) for station in ("$7", "seven", "", "far too long")])
    assert [reasons(row) for row in found] == [
        [],
        [("d", "names no amount")],
        [("station", "is required and empty")],
        [("station", "is longer than 9 characters")],
    ]
    assert json.loads(found[1].reasons) == [{"column": "d", "value": "seven", "reason": "names no amount"}]


@pytest.mark.usefixtures("own_functions")
def test_a_required_column_from_several_shows_them_all() -> None:
    toy = contract(derived=[derived("times", "a", "b", required=True, reason="is no product")])
    found = rows(toy, [event(toy, data(a=a, b=b)) for a, b in (("1.25", ""), ("x", "7"), ("2.00", "3"))])
    assert json.loads(found[0].reasons) == [{"column": "d", "value": "1.25, ", "reason": "is no product"}]
    assert [reasons(row) for row in found[1:]] == [[("a", "is not a number")], []]
