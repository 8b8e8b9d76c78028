"""A restore replaces nothing before all is checked, and what producers remember fits the new topics."""

import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from lab.backup import host_files, put_back
from lab.backup.archive import KAFKA, LATER, Manifest, add
from lab.commands import backup as commands
from lab.host import provisioning_digest, vagrant
from lab.host.vagrant import LabCheck, Machine
from millrace.errors import Refused
from producer.kafka.journal import Entry, Journal, Position

MANIFEST = Manifest("2026-11-28", "0.1.0", "0130", 7, ["sales"], {"sales": "old", "shares": "old"}, {"shares": 3})


def machines(monkeypatch: pytest.MonkeyPatch, *states: str, failures: tuple[str, ...] = ()) -> None:
    found = [Machine(f"m{number}", "lxc", state) for number, state in enumerate(states)]
    monkeypatch.setattr(vagrant, "check", lambda: LabCheck("lxc", "", failures, (), found))


def test_whether_there_is_a_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    machines(monkeypatch, "not_created", "not_created")
    assert not put_back.is_made()
    machines(monkeypatch, "running", "running")
    assert put_back.is_made()


@pytest.mark.parametrize("states", [("running", "not_created"), ("running", "stopped"), ("stopped", "stopped")])
def test_half_a_lab_is_refused(monkeypatch: pytest.MonkeyPatch, states: tuple[str, str]) -> None:
    machines(monkeypatch, *states)
    with pytest.raises(Refused, match="Some machines of this lab do not run"):
        put_back.is_made()


def test_a_host_that_can_make_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    machines(monkeypatch, "not_created", failures=("The subnet is in use.",))
    with pytest.raises(Refused, match="The subnet is in use"):
        put_back.is_made()


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What is done to the lab, in order."""
    done: list[str] = []

    def run(machine: str, script: object, **_: object) -> str:
        words = script if isinstance(script, list) else [str(script)]
        done.append(f"{machine}: {words[-1] if 'mysql' in words else ' '.join(words)[:30]}")
        return "41\n"

    monkeypatch.setattr(put_back, "state_folder", lambda: tmp_path)
    monkeypatch.setattr(provisioning_digest, "outdate", lambda: done.append("all is provisioned again"))
    monkeypatch.setattr(put_back.remote, "run", run)  # type: ignore[attr-defined]
    monkeypatch.setattr(
        put_back.remote,  # type: ignore[attr-defined]
        "push",
        lambda machine, _script, local: done.append(f"{machine} gets {local.name}"),
    )
    monkeypatch.setattr(put_back.up, "bring_up", lambda: done.append("up"))  # type: ignore[attr-defined]
    monkeypatch.setattr(host_files, "put", lambda *_, has_broker: done.append(f"host, has broker: {has_broker}"))
    monkeypatch.setattr(put_back, "renew_topics", lambda _manifest: done.append("topics"))
    monkeypatch.setattr(put_back, "moved_journal", lambda *_: tmp_path / "journal.sqlite")
    return done


RESTORED = [
    "topics",
    "kafka gets kafka.tar.gz",
    "kafka gets journal.sqlite",
    "mysql gets mysql.sql.gz",
    "mysql: UPDATE millrace.pipeline_app SET lease_until = NULL, connection_id = NULL, epoch = GREATEST(epoch, 41); "
    "UPDATE millrace.pipeline_feed SET latest_offsets = JSON_OBJECT(), lag_records = NULL"
    " WHERE feed NOT IN ('', 'shares')",
    "up",
]


def test_an_existing_lab_rests_before_anything_is_replaced(steps: list[str], tmp_path: Path) -> None:
    put_back.put_back(MANIFEST, tmp_path, {}, is_fresh=False, report=lambda _: None)
    resting = [step for step in steps if "systemctl stop" in step]
    assert {step.partition(":")[0] for step in resting} == {"kafka", "spark", "superset"}
    assert max(map(steps.index, resting)) < steps.index("host, has broker: True")
    assert steps[-len(RESTORED) :] == RESTORED
    assert steps.index("all is provisioned again") < min(map(steps.index, resting))


def test_a_fresh_one_is_made_with_the_old_passwords(steps: list[str], tmp_path: Path) -> None:
    put_back.put_back(MANIFEST, tmp_path, {}, is_fresh=True, report=lambda _: None)
    assert steps[:2] == ["host, has broker: False", "up"]
    assert "host, has broker: True" not in steps
    assert steps[-len(RESTORED) :] == RESTORED


def test_what_was_sent_counts_as_sent_to_the_new_topic_but_for_what_was_not_loaded(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        for feed, topic in (("sales", "old"), ("shares", "old"), ("weather", "old")):
            journal.put(Entry(7, feed, "x.csv", "ab", topic, 500, "sent", version=3))
        journal.put(Entry(8, "sales", "y.csv", "cd", "older", 9, "sent"))
        journal.acknowledge("sales", 7, 500, [Position(0, 499, 500)])
    with tarfile.open(tmp_path / KAFKA, "w:gz") as tar:
        add(tar, "journal.sqlite", (tmp_path / "journal.sqlite").read_bytes())
    parts = tmp_path / "parts"
    parts.mkdir()
    (tmp_path / KAFKA).rename(parts / KAFKA)
    with closing(Journal(parts / LATER)) as later:
        later.put(Entry(7, "sales", "x.csv", "ab", "old", 600, "sent", version=3))
        later.put(Entry(9, "sales", "x.csv", "ef", "old", 500, "sent", (7,), version=4))
    moved = put_back.moved_journal(parts, MANIFEST, {"sales": "new", "shares": "new", "weather": "new"})
    assert moved
    with closing(Journal(moved)) as journal:
        topics = {
            (feed, source): found.topic_uuid
            for feed in ("sales", "shares", "weather")
            for source in (7, 8)
            if (found := journal.entry(feed, source))
        }
        assert topics == {("sales", 7): "new", ("sales", 8): "older", ("shares", 7): "old", ("weather", 7): "old"}
        assert journal.positions("sales", 7) == []
        assert journal.named("sales", "x.csv") == [
            Entry(9, "sales", "x.csv", "ef", "old", 0, "sending", (7,), version=4),
            Entry(7, "sales", "x.csv", "ab", "new", 500, "sent", version=3),
        ]


def test_a_lab_that_never_sent_has_no_journal(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / KAFKA, "w:gz") as tar:
        add(tar, "landing/x", b"")
    assert put_back.moved_journal(tmp_path, MANIFEST, {}) is None


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An archive that is whole, over a lab with records; replacing anything fails the test."""
    monkeypatch.setattr(commands, "unpack", lambda _file, _parts: MANIFEST)
    monkeypatch.setattr(commands, "host_part", lambda *_: {})
    monkeypatch.setattr(commands, "is_made", lambda: True)
    monkeypatch.setattr(commands, "records_there", lambda: 12_345)
    monkeypatch.setattr(commands, "put_back", lambda *_, **__: pytest.fail("it was restored"))
    file = tmp_path / "x.tar"
    file.touch()
    return file


def test_a_lab_with_records_is_left_alone(checked: Path) -> None:
    with pytest.raises(Refused, match=r"holds 12,345 records.*OVER=1 says that it is meant"):
        commands.restore(checked, yes=True)


def test_it_asks_first(checked: Path) -> None:
    with pytest.raises(Refused, match="say so with YES=1"):
        commands.restore(checked, over=True)


def test_no_file_and_a_missing_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Say which backup"):
        commands.restore(Path())
    with pytest.raises(Refused, match="There is no file"):
        commands.restore(tmp_path / "none.tar")


def test_a_feed_without_a_contract_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(host_files, "read", lambda _part: {"feeds/shop/contract.yaml": b""})
    files = put_back.host_part(Path("x.tar"), tmp_path, Manifest("", "", "", 0, ["sales", "shop"], {}, {}))
    assert list(files) == ["feeds/shop/contract.yaml"]
    with pytest.raises(Refused, match="no contract here or in it: lost"):
        put_back.host_part(Path("x.tar"), tmp_path, Manifest("", "", "", 0, ["lost", "shop"], {}, {}))
