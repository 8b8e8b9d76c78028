"""`make backup` on a lab where records flow: what producers call sent is in the dump, and the archive is whole.

The way back onto a lab made anew: tests/lab/alone/test_restore_anew.py; onto a second one by hand: docs/backup.md.
"""

import re
import sqlite3
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from instruments.tools import Warehouse, as_root, millrace
from lab.backup import scripts
from lab.backup.archive import HOST, KAFKA, MYSQL, Manifest, unpack
from lab.backup.host_files import SECRETS, read
from lab.host import remote
from lab.location import CHECKOUT
from millrace.settings import Lab

BACKUP_SECONDS = 1800
pytestmark = [pytest.mark.full, pytest.mark.timeout(BACKUP_SECONDS + 600)]
APPENDED = "sales"
COPY = "s/`(millrace|superset)`/`\\1_copy`/"
AS_COPY = f"/^(USE|CREATE DATABASE|\\/\\*!40000 DROP DATABASE)/{COPY}"
DROPPED = "; ".join(f"DROP DATABASE IF EXISTS {name}_copy" for name in scripts.DATABASES)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Manifest, Path]]:
    """A backup of this lab, checked and unpacked; the archive goes afterwards."""
    run = millrace("backup", timeout=BACKUP_SECONDS)
    assert run.code == 0, run.err
    (name,) = re.findall(r"^(backups/millrace-\S+\.tar) ", run.out, re.M)
    file, folder = CHECKOUT / name, tmp_path_factory.mktemp("parts")
    assert file.stat().st_mode & 0o777 == 0o600
    try:
        yield unpack(file, folder), folder
    finally:
        file.unlink()


@pytest.fixture(scope="module")
def copy(parts: tuple[Manifest, Path]) -> Iterator[None]:
    """The dump beside the lab's own databases, under other names."""
    script = scripts.PUT_MYSQL.replace("| mysql", f"| LC_ALL=C sed -E '{AS_COPY}' | mysql")
    as_root(DROPPED)
    try:
        remote.push("mysql", scripts.as_root(script), parts[1] / MYSQL)
        yield
    finally:
        as_root(DROPPED)


def test_the_archive_tells_what_it_is(lab: Lab, mysql: Warehouse, parts: tuple[Manifest, Path]) -> None:
    manifest, folder = parts
    assert manifest.on == list(lab.feeds) and manifest.unread == {}
    assert manifest.migration == mysql.one("SELECT MAX(version_num) FROM alembic_version")
    assert 0 < manifest.records <= mysql.one("SELECT SUM(read_count) FROM pipeline_feed")
    assert read(folder / HOST)[SECRETS] == (CHECKOUT / SECRETS).read_bytes()


def test_what_the_journal_calls_sent_is_in_the_dump(lab: Lab, parts: tuple[Manifest, Path], copy: None) -> None:
    with tarfile.open(parts[1] / KAFKA) as tar:
        content = tar.extractfile("journal.sqlite")
        assert content
        journal = parts[1] / "journal.sqlite"
        journal.write_bytes(content.read())
    name = f"simulator, seed {lab.simulator(APPENDED).seed}"
    query = "SELECT source_id, acknowledged FROM sources WHERE feed = ? AND topic_uuid = ? AND name = ?"
    known = sqlite3.connect(journal).execute(query, (APPENDED, parts[0].topics[APPENDED], name)).fetchall()
    assert known
    for source, last in known:
        of = f"source_id = {source} AND row_no BETWEEN 1 AND {last}"
        loaded = as_root(f"SELECT COUNT(*) FROM millrace_copy.{APPENDED} WHERE {of}")
        refused = as_root(
            f"SELECT COUNT(DISTINCT row_no) FROM millrace_copy.quarantine WHERE feed = '{APPENDED}' AND {of}"
        )
        assert int(loaded) + int(refused) == last


def test_the_dump_is_of_one_moment(lab: Lab, copy: None) -> None:
    query = "SELECT (SELECT table_rows FROM millrace_copy.pipeline_feed WHERE feed = '{feed}')"
    query += " - (SELECT COUNT(*) FROM millrace_copy.v_{feed})"
    assert {feed: as_root(query.format(feed=feed)).strip() for feed in lab.feeds} == dict.fromkeys(lab.feeds, "0")


def test_dashboards_are_in_it(lab: Lab, copy: None) -> None:
    count = "SELECT COUNT(*) FROM superset{}.dashboards"
    assert as_root(count.format("_copy")) == as_root(count.format("")) != "0\n"
