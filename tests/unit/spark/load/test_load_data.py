"""The load guard believes the server's report only when every number fits."""

from pathlib import Path
from typing import Any

import pytest
from mysql.connector import DatabaseError, ProgrammingError

from spark.load.load_data import LoadMismatch, Report, load_file, read_report
from sql.errors import is_transient


class Server:
    """A connection that gives one report and remembers the statement."""

    def __init__(self, report: str, warnings: list[tuple[str, int, str]] | None = None) -> None:
        self.report = report
        self.warnings = warnings or []
        self.statement = ""

    def cmd_query(self, statement: str) -> dict[str, Any]:
        self.statement = statement
        return {"info_msg": self.report.encode()}

    def cursor(self) -> "Server":
        return self

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def execute(self, query: str) -> None:
        assert query == "SHOW WARNINGS"

    def fetchall(self) -> list[tuple[str, int, str]]:
        return self.warnings


@pytest.fixture(autouse=True)
def spooled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of rows, in the working directory."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "rows.tsv"
    file.touch()
    return file


def load(server: Server, rows: int) -> Report:
    return load_file(server, "facts", columns=["a", "@b"], path=Path("rows.tsv"), rows=rows, values={"c": "UNHEX(@b)"})


def test_the_statement_names_every_rule_of_the_file() -> None:
    server = Server("Records: 2  Deleted: 0  Skipped: 0  Warnings: 0")
    assert load(server, 2) == Report(2, 0, 0)
    assert server.statement == (
        r"LOAD DATA LOCAL INFILE 'rows.tsv' INTO TABLE `facts` CHARACTER SET utf8mb4 "
        r"FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' (`a`, @b) SET `c` = UNHEX(@b)"
    )


def test_duplicates_are_no_mismatch() -> None:
    assert load(Server("Records: 70000  Deleted: 0  Skipped: 70000  Warnings: 70000"), 70_000).skipped == 70_000


def test_one_truncation_among_seventy_thousand_duplicates_fails() -> None:
    server = Server(
        "Records: 70001  Deleted: 0  Skipped: 70000  Warnings: 70001",
        [("Warning", 1062, "Duplicate entry '1-1'"), ("Warning", 1265, "Data truncated for column 'a' at row 70001")],
    )
    with pytest.raises(LoadMismatch) as caught:
        load(server, 70_001)
    assert str(caught.value) == (
        "facts: 70001 rows were written, and the server reports 70001 records, 70000 duplicates and 70001 warnings "
        "(Data truncated for column 'a' at row 70001); the load was rolled back."
    )


def test_a_row_too_few_fails() -> None:
    with pytest.raises(LoadMismatch, match="3 rows were written, and the server reports 2 records"):
        load(Server("Records: 2  Deleted: 0  Skipped: 0  Warnings: 0"), 3)


def test_no_report_is_no_success() -> None:
    with pytest.raises(LoadMismatch, match="no report"):
        read_report({})


def test_a_file_that_has_gone_is_not_taken_for_a_lost_connection(spooled: Path) -> None:
    spooled.unlink()
    with pytest.raises(FileNotFoundError) as gone:
        load(Server(""), 2)
    assert not is_transient(gone.value)


def test_a_server_that_takes_no_files_is_told_and_not_asked_for_90_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connector says so by an error without a number, which is else that of a lost connection."""
    server = Server("")

    def refuse(_statement: str) -> dict[str, Any]:
        disabled = ProgrammingError("Loading local data is disabled", errno=3948, sqlstate="42000")
        raise DatabaseError("LOAD DATA LOCAL INFILE file request rejected") from disabled

    monkeypatch.setattr(server, "cmd_query", refuse)
    with pytest.raises(ProgrammingError, match="Loading local data is disabled") as refused:
        load(server, 2)
    assert not is_transient(refused.value)
