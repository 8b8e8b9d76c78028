"""The scripts, as far as a machine is not needed: what is taken from a folder is there, whatever moves meanwhile."""

import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from lab.backup import scripts

DUMP = r"""
/*!50001 DROP VIEW IF EXISTS `v_shop`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`migrate`@`192.168.33.14` SQL SECURITY INVOKER */
/*!50001 VIEW `v_shop` AS select 1 AS `x` */;
INSERT INTO `shop` VALUES ('/*!50013 DEFINER=`a`@`b`');
"""


def test_views_belong_to_an_account_that_every_lab_has() -> None:
    done = subprocess.run(["sed", "-E", scripts.DEFINER], input=DUMP, capture_output=True, text=True, check=True)
    assert done.stdout == DUMP.replace("`192.168.33.14`", "`localhost`", 1)


def test_the_scripts_are_shell() -> None:
    for script in (scripts.TAKE_KAFKA, scripts.PUT_KAFKA, scripts.PUT_JOURNAL, scripts.TAKE_MYSQL, scripts.PUT_MYSQL):
        subprocess.run(["bash", "-n", "-c", script], check=True)


def test_feeds_that_were_not_loaded_keep_where_their_topic_ended() -> None:
    assert scripts.nothing_unread(["shop"]).endswith("WHERE feed NOT IN ('', 'shop')")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """What a kafka machine keeps, with a journal that is being written."""
    folder = tmp_path / "state"
    for name in ("landing/shop/new.csv", "landing/shop/archive/old.csv", "landing/shop/quarantine/bad.csv", "spool/x"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "shop.lock").touch()
    journal = sqlite3.connect(folder / "journal.sqlite")
    journal.execute("PRAGMA journal_mode=WAL")
    journal.execute("CREATE TABLE sources (n INTEGER)")
    journal.execute("INSERT INTO sources VALUES (7)")
    journal.commit()
    return folder


def run(script: str, state: Path, **streams: object) -> None:
    """A script of root's, as ourselves, in another folder than a machine's."""
    own = re.sub(
        r"runuser --user=millrace -- |--owner=millrace --group=millrace | && chown millrace:millrace .journal.new",
        "",
        script,
    )
    own = own.replace(scripts.PYTHON, sys.executable).replace(scripts.STATE, str(state))
    subprocess.run(["bash", "-o", "pipefail", "-c", own], check=True, **streams)  # type: ignore[call-overload]


@pytest.mark.skipif(shutil.which("tar") is None, reason="needs GNU tar")
def test_journals_and_landing_folders_go_and_come_back(state: Path, tmp_path: Path) -> None:
    taken, other = tmp_path / "kafka.tar.gz", tmp_path / "other"
    with taken.open("wb") as out:
        run(scripts.TAKE_KAFKA, state, stdout=out)
    assert not (state / ".backup").exists()
    with tarfile.open(taken) as tar:
        assert "journal.sqlite" in tar.getnames() and "." not in tar.getnames()
    (other / "landing/shop").mkdir(parents=True)
    (other / "landing/shop/of-the-other-lab.csv").touch()
    with taken.open("rb") as content:
        run(scripts.PUT_KAFKA, other, stdin=content)
    found = sorted(str(file.relative_to(other)) for file in other.rglob("*") if file.is_file())
    assert found == [
        "journal.sqlite",
        "landing/shop/archive/old.csv",
        "landing/shop/new.csv",
        "landing/shop/quarantine/bad.csv",
    ]
    assert sqlite3.connect(other / "journal.sqlite").execute("SELECT n FROM sources").fetchall() == [(7,)]
    with taken.open("rb") as content:
        run(scripts.PUT_JOURNAL, other, stdin=content)
    assert (other / "journal.sqlite").read_bytes() == taken.read_bytes()


def test_the_journal_is_taken_once_more(state: Path, tmp_path: Path) -> None:
    taken = tmp_path / "later.sqlite"
    with taken.open("wb") as out:
        run(scripts.TAKE_JOURNAL, state, stdout=out)
    assert sqlite3.connect(taken).execute("SELECT n FROM sources").fetchall() == [(7,)]
    (state / "journal.sqlite").unlink()
    with taken.open("wb") as out:
        run(scripts.TAKE_JOURNAL, state, stdout=out)
    assert taken.read_bytes() == b""
