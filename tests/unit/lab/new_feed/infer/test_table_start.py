"""Where a table begins."""

from pathlib import Path

import pytest

from lab.new_feed.infer.table_start import start_of


@pytest.mark.parametrize(
    ("content", "header", "above", "delimiter"),
    [
        ("a,b\n1,2\n", "a,b\n", 0, ""),
        ("\n\na,b\n1,2\n", "a,b\n", 0, ""),
        ("sep=;\na;b\n1;2\n", "a;b\n", 0, ";"),
        ('"sep=\t"\na\tb\n', "a\tb\n", 0, "\t"),
        ("# one\n# two\nid,name\n1,x\n", "id,name\n", 2, ""),
        ("#id,name\n1,x\n2,y\n", "#id,name\n", 0, ""),
        ("# by us\n#id,name\n1,x\n2,y\n", "#id,name\n", 1, ""),
        ("Report of May\n\nid,name,town\n1,x,y\n2,x,y\n", "id,name,town\n", 2, ""),
        ("Report of May\n\nid,name\n1,x\n2,y\n", "id,name\n", 2, ""),
        ("Report\n\nMade on,2026-01-02\n\nid,name,town\n1,x,y\n2,x,y\n", "id,name,town\n", 4, ""),
        ("name,town\n\nJo,Rome\nAl,Oslo\n", "name,town\n", 0, ""),
        ("name,town\n\nJo,Rome,x\nAl,Oslo,y\n", "name,town\n", 0, ""),
        ("name,town\nJo,Rome\n\nAl,Oslo\nCy,Bonn\n", "name,town\n", 0, ""),
        ("id,name,town\n1,x,y,\n2,x,y,\n", "id,name,town\n", 0, ""),
        ("When;What\n1.1.26;1,5\n2.1.26;1,6\n", "When;What\n", 0, ""),
        ("name\nSmith, John\nDoe, Jane\n", "name\n", 0, ""),
        ("a,b\nx\ry,1\n", "a,b\n", 0, ""),
        ("", "", 0, ""),
    ],
)
def test_the_header_is_found(tmp_path: Path, content: str, header: str, above: int, delimiter: str) -> None:
    (tmp_path / "x.csv").write_text(content, newline="")
    found = start_of(tmp_path / "x.csv", "utf-8")
    assert (found.header.decode(), found.above, found.delimiter) == (header, above, delimiter)
