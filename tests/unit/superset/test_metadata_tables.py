"""Superset's own tables come from a file of the cache only where the host has written down its SHA-256."""

import hashlib
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest.mock import MagicMock

import pytest

from millrace.lab_files import CHECKOUT

SQL = "SET FOREIGN_KEY_CHECKS = 0;\nINSERT INTO `ab_role` VALUES ('a;b', '100 %')"
SUM = hashlib.sha256(f"{SQL};\n".encode()).hexdigest()
OTHER = "0" * 64


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module on a machine with that file in its cache, beside a database that is empty."""
    monkeypatch.setitem(sys.modules, "flask_migrate", MagicMock())
    monkeypatch.syspath_prepend(CHECKOUT / "superset")
    monkeypatch.delitem(sys.modules, "metadata_tables", raising=False)
    module = importlib.import_module("metadata_tables")
    monkeypatch.delitem(sys.modules, "metadata_tables")
    config = tmp_path / "superset_config.py"
    config.write_text("")
    for name, path in {"CONFIG_PATH": config, "TABLES_CACHE": tmp_path, "HOME": tmp_path}.items():
        monkeypatch.setenv(f"SUPERSET_{name}", str(path))
    monkeypatch.setattr(module, "applied", lambda: "")
    (tmp_path / module.file_name()).write_text(f"{SQL};\n")
    return module


def filled_with(tables: ModuleType, known: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches the database."""
    ran: list[str] = []

    @contextmanager
    def connect() -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(execution_options=lambda **_: SimpleNamespace(exec_driver_sql=ran.append))

    monkeypatch.setattr(tables, "database", lambda: SimpleNamespace(connect=connect))
    assert tables.fill_tables(known.replace("SUM", SUM).replace("NAME", tables.file_name())) is bool(ran)
    assert tables.state_file().exists() is bool(ran)
    return ran


@pytest.mark.parametrize("known", ["SUM:NAME", f"{OTHER}:NAME,SUM:NAME", "any"])
def test_what_is_known_is_believed(tables: ModuleType, known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert filled_with(tables, known, monkeypatch) == [*SQL.split(";\n"), "COMMIT"]


@pytest.mark.parametrize(
    "known", ["", f"{OTHER}:NAME", f"{SUM[:32]}:NAME", "SUM:tables-0.sql", "SUM", f"any,{OTHER}:NAME"]
)
def test_what_is_not_known_reaches_no_database(
    tables: ModuleType, known: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert filled_with(tables, known, monkeypatch) == []
    assert "is not as the host has written down" in capsys.readouterr().err


def test_a_database_that_is_superset_s_is_left_as_it_is(tables: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "applied", lambda: "abc")
    assert filled_with(tables, "SUM:NAME", monkeypatch) == []
