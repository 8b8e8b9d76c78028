"""Superset's own tables are made once and then come from the cache: the same tables, and nothing secret in the file."""

import subprocess
from collections.abc import Iterator

import pytest
import yaml

from instruments.tools import as_root
from lab.host import remote
from lab.host.downloads import downloads_folder
from lab.location import state_folder
from millrace.settings import Lab

AGAIN = "superset_again"
FOLDER = "/var/cache/millrace/superset/tables"
SHAPES = {
    "columns": "table_name, column_name, column_type, is_nullable, column_default, extra, collation_name",
    "statistics": "table_name, index_name, seq_in_index, column_name, non_unique",
    "key_column_usage": "table_name, constraint_name, ordinal_position, column_name, referenced_table_name",
}
WITHOUT_MYSQL = """sudo -u superset sh -c '
set -a; . /etc/millrace/superset.env; MILLRACE_MYSQL_HOST=127.0.0.1
timeout 60 /opt/millrace/venv/bin/superset db current' 2>&1 || true"""


@pytest.fixture
def kept(lab: Lab) -> str:
    """The name of the newest file in the cache."""
    names = remote.run("superset", f"ls -t {FOLDER}").split()
    assert names, f"{FOLDER} is empty: the lab came up without keeping Superset's tables"
    return names[0]


@pytest.fixture
def filled(kept: str) -> Iterator[None]:
    """A database of its own, filled from the file."""
    as_root(f"CREATE DATABASE {AGAIN} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    try:
        tables = (downloads_folder() / "cache" / "superset" / "tables" / kept).read_bytes()
        subprocess.run(remote.command("mysql", f"sudo mysql {AGAIN}"), input=tables, check=True, timeout=60)
        yield
    finally:
        as_root(f"DROP DATABASE {AGAIN}")


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("kind", SHAPES)
def test_tables_from_the_cache_are_those_that_run(kind: str) -> None:
    def shape(schema: str) -> list[str]:
        columns = SHAPES[kind]
        return as_root(
            f"SELECT {columns} FROM information_schema.{kind} WHERE table_schema = '{schema}' ORDER BY {columns}"
        ).splitlines()

    assert len(shape("superset")) > 100
    assert shape(AGAIN) == shape("superset")


@pytest.mark.usefixtures("filled")
def test_roles_from_the_cache_are_superset_s_own() -> None:
    roles = as_root(f"SELECT name FROM {AGAIN}.ab_role").split()
    assert {"Admin", "Gamma", "Public"} <= set(roles)
    version = "SELECT version_num FROM {}.alembic_version"
    assert as_root(version.format(AGAIN)) == as_root(version.format("superset"))


def test_the_host_has_written_the_file_down(kept: str) -> None:
    found = remote.run("superset", ["sha256sum", f"{FOLDER}/{kept}"]).split()[0]
    assert f"{found}  superset/tables/{kept}" in (downloads_folder() / "trees.sha256").read_text().splitlines()


def test_file_in_the_cache_has_neither_users_nor_secrets(kept: str) -> None:
    text = remote.run("superset", ["cat", f"{FOLDER}/{kept}"])
    secrets = yaml.safe_load((state_folder() / "secrets.yml").read_text())
    assert "INSERT INTO `ab_role`" in text
    assert "INSERT INTO `ab_user`" not in text
    assert [name for name, secret in secrets.items() if secret in text] == []


def test_superset_without_mysql_prints_no_password(lab: Lab) -> None:
    said = remote.run("superset", WITHOUT_MYSQL, timeout=90)
    assert "Cannot connect to database mysql+mysqldb://superset@127.0.0.1" in said
    secrets = yaml.safe_load((state_folder() / "secrets.yml").read_text())
    assert [name for name, secret in secrets.items() if secret in said] == []
