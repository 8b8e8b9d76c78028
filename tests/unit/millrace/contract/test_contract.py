"""Contracts: every feed's own, and what a wrong one is told."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from millrace.contract.column_type import ColumnType, parse_type
from millrace.contract.contract import Contract, all_contracts, load_contract, read_contract
from millrace.contract.rollup import columns_in
from millrace.errors import Refused
from millrace.feed_names import known_feeds

GOOD: dict[str, Any] = {
    "feed": "shop",
    "title": "Shop",
    "description": "Sales of a shop",
    "family": "sales",
    "mode": "append",
    "columns": [
        {"from": "Day", "name": "day", "type": "date", "required": True, "formats": ["yyyy-MM-dd"], "comment": "Day"},
        {"from": "Item", "name": "item", "type": "varchar(20)", "comment": "Item"},
        {"from": "Price", "name": "price", "type": "decimal(8,2)", "min": 0, "comment": "Price"},
    ],
    "rollups": [
        {
            "name": "shop_by_item",
            "by": ["item"],
            "measures": [{"name": "sales", "type": "bigint", "sum": "1", "comment": "Sales"}],
            "comment": "Sales per item",
        }
    ],
}


def refusal(folder: Path, **changes: Any) -> str:
    """What a contract with these changes is told; a dotted key reaches into columns by their name."""
    content = yaml.safe_load(yaml.safe_dump(GOOD))
    for key, value in changes.items():
        outer, _, inner = key.partition("__")
        target = next((c for c in content["columns"] if c["name"] == outer), None) if inner else content
        assert target is not None
        target[inner or outer] = value
    (folder / "shop").mkdir(exist_ok=True)
    file = folder / "shop" / "contract.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_contract(file)
    return str(refused.value)


def test_every_feed_has_a_contract_with_its_columns() -> None:
    widths = {feed: (len(c.columns), len(c.derived), c.mode) for feed, c in all_contracts().items()}
    assert widths == widths | {
        "employment": (15, 8, "upsert"),
        "hospital": (13, 2, "upsert"),
        "insurance_benefit": (32, 6, "append"),
        "insurance_network": (14, 0, "append"),
        "insurance_plan": (57, 10, "upsert"),
        "insurance_rate": (24, 2, "append"),
        "insurance_service_area": (19, 0, "append"),
        "procurement": (31, 9, "append"),
        "sales": (8, 4, "append"),
        "shares": (4, 0, "append"),
        "weather": (34, 11, "append"),
    }


@pytest.mark.parametrize("feed", sorted(all_contracts()))
def test_every_table_and_column_has_a_comment(feed: str) -> None:
    contract = load_contract(feed)
    commented = [contract.description, *(c.comment for c in contract.columns), *(d.comment for d in contract.derived)]
    commented += [rollup.comment for rollup in contract.rollups]
    commented += [measure.comment for rollup in contract.rollups for measure in rollup.measures]
    assert all(len(comment) >= 3 for comment in commented)


@pytest.mark.parametrize("feed", sorted(all_contracts()))
def test_rollups_start_with_the_feed_and_have_one_name_each(feed: str) -> None:
    assert all(rollup.name.startswith(f"{feed}_") for rollup in load_contract(feed).rollups)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colums": []}, "shop/contract.yaml: the key colums is unknown; did you mean columns?"),
        ({"price__requird": True}, "shop/contract.yaml: the key columns.2.requird is unknown; did you mean required?"),
        (
            {"topic": {"partition": 3}},
            "shop/contract.yaml: the key topic.partition is unknown; did you mean partitions?",
        ),
        (
            {"item__type": "string"},
            "shop/contract.yaml: columns.1.type: 'string' is no type; use one of smallint, int, bigint, double, text, "
            "date, datetime, boolean, json, char(n), varchar(n), decimal(p,s).",
        ),
        (
            {"item__min": 3},
            "shop/contract.yaml: columns.1: item: min and max are for numbers, not for varchar(20).",
        ),
        (
            {"day__formats": []},
            "shop/contract.yaml: columns.0: day: formats are needed for date and datetime, and only there.",
        ),
        (
            {"mode": "upsert"},
            "shop/contract.yaml: mode: upsert needs a key and newest_by, the publisher's date that decides.",
        ),
        (
            {"mode": "upsert", "key": ["itm"], "newest_by": "day"},
            "shop/contract.yaml: key names the column itm, which does not exist; did you mean item?",
        ),
        (
            {"mode": "upsert", "key": ["item"], "newest_by": "day"},
            "shop/contract.yaml: item decides which record wins, so it must be required.",
        ),
        (
            {"derived": [{"name": "cents", "type": "int", "by": "cents", "of": "prise", "comment": "Cents"}]},
            "shop/contract.yaml: derived cents names the column prise, which does not exist; did you mean price?",
        ),
        (
            {"rollups": [{**GOOD["rollups"][0], "where": "pryce > 0"}]},
            "shop/contract.yaml: rollup shop_by_item names the column pryce, which does not exist; did you mean price?",
        ),
        (
            {"rollups": [{**GOOD["rollups"][0], "by": ["price"]}]},
            "shop/contract.yaml: rollup shop_by_item: price may be NULL; make it required, or compute the key.",
        ),
        ({"item__name": "price"}, "shop/contract.yaml: the column price stands twice."),
        ({"item__name": "load_id"}, "shop/contract.yaml: the column load_id stands twice."),
        ({"item__from": "Price"}, "shop/contract.yaml: the header Price stands twice."),
        (
            {"item__pattern": "[a-"},
            "shop/contract.yaml: columns.1.pattern: '[a-' is no regular expression: "
            "unterminated character set at position 0.",
        ),
    ],
)
def test_a_wrong_contract_is_told_file_key_and_mend(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    assert refusal(tmp_path, **changes) == said


def test_a_folder_of_another_name_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, feed="shops")
    assert said.endswith("the feed is called shops, its folder shop; give both one name.")


def test_an_unknown_feed_is_told_the_nearest() -> None:
    with pytest.raises(Refused, match=r"^There is no feed 'insurance_rates'; did you mean insurance_rate\?$"):
        load_contract("insurance_rates")


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("int", ColumnType("int")),
        ("char(5)", ColumnType("char", length=5)),
        ("varchar(255)", ColumnType("varchar", length=255)),
        ("decimal(10, 2)", ColumnType("decimal", precision=10, scale=2)),
        ("datetime", ColumnType("datetime")),
    ],
)
def test_types_are_read(text: str, parsed: ColumnType) -> None:
    assert parse_type(text) == parsed


@pytest.mark.parametrize("text", ["", "int(4)", "char", "varchar(0)", "decimal(2,3)", "decimal(39,0)", "DATE"])
def test_other_types_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_type(text)


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("1", set()),
        ("price", {"price"}),
        ("FLOOR(price / 50) * 50", {"price"}),
        ("is_sentinel = 0 AND age_from IS NOT NULL", {"is_sentinel", "age_from"}),
        ("CASE WHEN item = 'not a column' THEN price ELSE 0 END", {"item", "price"}),
        ("COALESCE (item, 'it''s')", {"item"}),
    ],
)
def test_the_columns_of_an_expression_are_found(sql: str, columns: set[str]) -> None:
    assert columns_in(sql) == columns


def test_further_folders_hold_feeds_that_are_not_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = known_feeds()
    folder = tmp_path / "more" / "toys"
    folder.mkdir(parents=True)
    (folder / "contract.yaml").write_text(yaml.safe_dump({**GOOD, "feed": "toys"}))
    monkeypatch.setenv("MILLRACE_FEEDS", f"{tmp_path}{os.pathsep}{tmp_path / 'more'}")
    assert set(known_feeds()) == {*shipped, "toys"}
    assert load_contract("toys") == read_contract(folder / "contract.yaml")
    monkeypatch.delenv("MILLRACE_FEEDS")
    assert known_feeds() == shipped


def good(**changes: Any) -> Contract:
    return Contract.model_validate({**GOOD, **changes})


def test_the_version_is_a_digest_of_all_it_says() -> None:
    price = {**GOOD["columns"][2], "max": 9}
    versions = {good().version, good(title="Shops").version, good(columns=[*GOOD["columns"][:2], price]).version}
    assert len(versions) == 3
    assert good(version=7).version == good(key=[]).version == good().version
    assert Contract.model_validate_json(good().model_dump_json(by_alias=True)).version == good().version


@pytest.mark.parametrize("feed", known_feeds())
def test_a_contract_comes_back_from_mysql_as_it_went(feed: str) -> None:
    contract = load_contract(feed)
    document = contract.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    assert Contract.model_validate_json(json.dumps(document, sort_keys=True)) == contract


def test_a_former_name_is_nobodys_name(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path, price__was="item") == "shop/contract.yaml: was: item is the name of a column that there is."
    )
