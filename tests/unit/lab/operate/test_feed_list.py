"""The list of feeds in a file that people write in."""

from pathlib import Path

import pytest
import yaml

from lab.commands.feed_life import keep
from lab.operate.feed_list import HEADER, switched, with_feeds, write_feeds
from millrace.errors import Refused


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", HEADER + "feeds:\n  - a\n  - b\n"),
        ("subnet: 1\n", "subnet: 1\nfeeds:\n  - a\n  - b\n"),
        ("subnet: 1", "subnet: 1\nfeeds:\n  - a\n  - b\n"),
        ("feeds: [x]\n", "feeds:\n  - a\n  - b\n"),
        ("feeds:  # on\n- x\n# mine\nsubnet: 1\n", "feeds:\n- a\n- b\n# mine\nsubnet: 1\n"),
        ("# top\nfeeds:\n  - x\n\n  - y\n\nsubnet: 1  # here\n", "# top\nfeeds:\n  - a\n  - b\n\nsubnet: 1  # here\n"),
        ("feeds: [x,\n  y]\nsubnet: 1\n", "feeds:\n  - a\n  - b\nsubnet: 1\n"),
    ],
)
def test_the_list_changes_and_the_rest_stays(text: str, after: str) -> None:
    assert with_feeds(text, ["a", "b"]) == after
    assert yaml.safe_load(after)["feeds"] == ["a", "b"]


def test_a_feed_that_comes_and_goes_leaves_the_file_as_ansible_has_written_it(tmp_path: Path) -> None:
    """Else the next provision would change it, and start what reads it anew."""
    file = tmp_path / "lab.yml"
    file.write_text(before := yaml.safe_dump({"feeds": ["a", "b"], "subnet": "192.168.33"}, sort_keys=False))
    write_feeds(file, ["a", "b", "c"])
    write_feeds(file, ["a", "b"])
    assert file.read_text() == before


def test_an_empty_list_is_written_as_one(tmp_path: Path) -> None:
    write_feeds(tmp_path / "x.yml", [])
    assert yaml.safe_load((tmp_path / "x.yml").read_text()) == {"feeds": []}


def test_a_file_that_cannot_be_changed_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "x.yml"
    file.write_text("{feeds: [x], subnet: 1}\n")
    with pytest.raises((Refused, yaml.YAMLError)):
        write_feeds(file, ["a"])
    assert file.read_text() == "{feeds: [x], subnet: 1}\n"


def test_a_feed_goes_to_the_end_or_leaves() -> None:
    assert switched(["a", "b"], "c", on=True) == ["a", "b", "c"]
    assert switched(["a", "b"], "a", on=True) == ["a", "b"]
    assert switched(["a", "b"], "a", on=False) == ["b"]
    assert switched(["a", "b"], "c", on=False) == ["a", "b"]


def test_the_host_keeps_what_was_switched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "lab.local.yml"
    keep("insurance_benefit", on=False, file=file)
    assert "insurance_benefit" not in yaml.safe_load(file.read_text())["feeds"]
    assert capsys.readouterr().out == "lab.local.yml lists the feeds that are switched on.\n"


def test_another_list_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "x.yml"
    file.write_text("# mine\nfeeds:\n  - a\nsubnet: 1  # here\n")
    write_feeds(file, ["a", "b"], begin_empty=["b"])
    assert file.read_text() == "# mine\nfeeds:\n  - a\n  - b\nsubnet: 1  # here\nbegin_empty:\n  - b\n"
