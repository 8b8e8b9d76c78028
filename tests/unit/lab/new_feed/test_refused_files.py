"""What cannot be a feed: `make new-feed` says in one sentence why, and writes nothing."""

from pathlib import Path

import pytest

from lab.commands.new_feed import new_feed as new_feed_command
from lab.location import CHECKOUT
from millrace.errors import Refused
from tests.unit.lab.new_feed.csv_files import ORDERS

pytestmark = pytest.mark.host
REFUSED = [
    ("no.csv", None, "There is no file "),
    ("empty.csv", "", "empty.csv is empty; a header and at least one record are needed."),
    ("header.csv", "a,b\n", "header.csv has a header but no record; give it a few."),
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
    (
        "wide.csv",
        "a,b\n\xff\xfe",
        "wide.csv: 1 of 1 records cannot be read; of the first, at line 2, the row",
    ),
    ("utf16.csv", "a\0,\0b\0\n\0", "utf16.csv is no text, or UTF-16 without its mark; save it as"),
    (
        "dates.csv",
        "day\n1/2/2026\n3/4/2026\n",
        "The column day may have its day or its month first in every record, such as ",
    ),
    (
        "title.csv",
        "Report of May\n\ntown\nRome\nOslo\n",
        "title.csv: 'Report of May' stands alone above a blank line; remove the blank line if it names the "
        "only column, else all that stands above the table.",
    ),
    ("list.json", "[]", "list.json: no feed is proposed from a JSON document; give it one record per line"),
]


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
