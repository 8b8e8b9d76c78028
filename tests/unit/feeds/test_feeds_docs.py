"""docs/feeds.md keeps up with the contracts and their model."""

from pathlib import Path

import pytest

from millrace.contract.column import Column
from millrace.contract.contract import all_contracts
from millrace.feed_names import FOLDER

PAGE = (Path(__file__).parents[3] / "docs" / "feeds.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("feed", sorted(all_contracts()))
def test_every_feed_rollup_and_function_is_on_the_page(feed: str) -> None:
    contract = all_contracts()[feed]
    own = FOLDER / feed / "README.md"
    page = PAGE + own.read_text(encoding="utf-8") if own.exists() else PAGE
    assert f"| {feed} |" in page
    assert all(f"| {rollup.name} |" in page for rollup in contract.rollups)
    assert all(f"| {derived.by} |" in PAGE for derived in contract.derived)
    assert all(f"`{column.parse}`" in PAGE for column in contract.columns if column.parse)


def test_every_key_of_a_column_is_on_the_page() -> None:
    keys = [field.alias or name for name, field in Column.model_fields.items()]
    table = PAGE.split("### columns")[1].split("### derived")[0]
    described = {
        word.strip() for line in table.splitlines() if line.startswith("|") for word in line.split("|")[1].split(",")
    }
    assert set(keys) <= described
