"""`send` as it is typed: what is refused before anything moves, what is run where, and the sum that is printed."""

import os
import shlex
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lab.cli import app
from lab.commands import send
from lab.host import remote
from lab.observe.ledger import Counts
from lab.operate import reconciliation, send_and_reconcile
from producer.files.send_file import SendResult

HEADER = "BusinessYear,StateCode,IssuerId,ImportDate,NetworkId\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "it's a file.csv"
    made.write_text(HEADER + "2014,AK,21989,3/19/2014 7:06,AKN001\n")
    return made


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The kafka machine as a record of what was done to it."""
    done: dict[str, object] = {}

    def put(name: str, local: Path, target: str, advance: object) -> None:
        done["put"] = (name, local.name, target)

    def attach(name: str, script: str) -> int:
        done["script"] = script
        return 1

    monkeypatch.setattr(remote, "run", lambda *_: "/var/tmp/millrace-send.abc\n")  # noqa: S108 - a machine's folder
    monkeypatch.setattr(remote, "put", put)
    monkeypatch.setattr(remote, "attach", attach)
    return done


def test_the_host_copies_the_file_under_its_name_and_passes_the_exit_code(
    machine: dict[str, object], file: Path
) -> None:
    result = CliRunner().invoke(app, ["send", "--replace", "--", "insurance_network", str(file)])
    assert result.exit_code == 1
    target = "/var/tmp/millrace-send.abc/it's a file.csv"  # noqa: S108 - a machine's folder
    assert machine["put"] == ("kafka", file.name, target)
    assert machine["script"] == (
        "trap 'rm -rf /var/tmp/millrace-send.abc' EXIT; millrace send --replace -- insurance_network "
        """'/var/tmp/millrace-send.abc/it'"'"'s a file.csv'"""
    )


def test_what_killed_sends_have_left_goes_with_a_later_one(tmp_path: Path) -> None:
    """The command as it is, in another folder."""
    for name, days in {"millrace-send.old one": 2, "millrace-send.new": 0, "other": 9}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.csv").touch()
        ago = time.time() - days * 86_400
        os.utime(tmp_path / name, (ago, ago))
    command = send.new_folder(shlex.quote(str(tmp_path)))
    made = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout.strip()
    assert stat.S_IMODE(Path(made).stat().st_mode) == 0o755
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["millrace-send.new", "other", Path(made).name])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["insurance_netwrk", "FILE"], "There is no feed 'insurance_netwrk'; did you mean insurance_network?"),
        (
            ["insurance_network", "none.csv"],
            "There is no file none.csv: check the path (FILE=… is read from the folder you stand in).",
        ),
        (["insurance_network", "."], ". is a folder: name one file in it."),
        (
            ["--as-new", "--replace", "insurance_network", "FILE"],
            "AS_NEW and REPLACE exclude each other: AS_NEW counts both versions, REPLACE takes the old one out.",
        ),
    ],
)
def test_what_cannot_be_sent_is_one_sentence(
    machine: dict[str, object], file: Path, arguments: list[str], sentence: str
) -> None:
    result = CliRunner().invoke(app, ["send", *(str(file) if word == "FILE" else word for word in arguments)])
    assert (result.exit_code, result.stderr) == (1, f"✗ {sentence}\n")
    assert machine == {}


class FakeSender:
    """A sender whose file has landed as `counts` says."""

    counts = Counts()

    def __init__(self, *_: object) -> None:
        pass

    def start(self, *_: object) -> int:
        return 7

    def send(self, *_: object) -> SendResult:
        return SendResult("insurance_network", "x.csv", 1, 10, 10, 0, 0, 1.0, "u", {0: 0}, {0: 10})

    def follow(self, sent: reconciliation.Sent, start: int, _progress: object) -> Counts:
        assert (sent.records, sent.end_offsets, start) == (10, {0: 10}, 7)
        return self.counts


@pytest.mark.parametrize(
    ("counts", "ended"),
    [
        (
            Counts(10, 4, 3, 2, 1),
            (
                0,
                "insurance_network: 10 sent = 4 loaded + 3 updated + 2 duplicates + 1 quarantined\n"
                "See why: make quarantine FEED=insurance_network\n",
                "",
            ),
        ),
        (
            Counts(19, 9, 0, 9, 1),
            (
                0,
                "insurance_network: 19 sent = 9 loaded + 0 updated + 9 duplicates + 1 quarantined\n"
                "See why: make quarantine FEED=insurance_network\n"
                "9 of them came from another command that sent the same file meanwhile; none counts twice.\n",
                "",
            ),
        ),
        (
            Counts(19, 11, 0, 8, 0),
            (
                1,
                "insurance_network: 19 sent = 11 loaded + 0 updated + 8 duplicates + 0 quarantined\n",
                "✗ It does not add up: 10 were sent, 19 are accounted for. See `make logs SERVICE=millrace-stream`.\n",
            ),
        ),
        (
            Counts(9, 9, 0, 0, 0),
            (
                1,
                "insurance_network: 10 sent = 9 loaded + 0 updated + 0 duplicates + 0 quarantined\n",
                "✗ It does not add up: 10 were sent, 9 are accounted for. See `make logs SERVICE=millrace-stream`.\n",
            ),
        ),
    ],
)
def test_the_sum_is_printed_and_must_add_up(
    monkeypatch: pytest.MonkeyPatch, file: Path, counts: Counts, ended: tuple[int, str, str]
) -> None:
    monkeypatch.setattr(send, "is_host", lambda: False)
    monkeypatch.setattr(send_and_reconcile, "Sender", FakeSender)
    monkeypatch.setattr(FakeSender, "counts", counts)
    result = CliRunner().invoke(app, ["send", "insurance_network", str(file)])
    assert (result.exit_code, result.stdout, result.stderr) == ended


def test_the_hosts_half_imports_no_clients() -> None:
    """Kafka's and MySQL's take a second and more, which a person would wait for at every send."""
    heavy = "{'kafka', 'sqlalchemy', 'mysql.connector', 'pydantic'}"
    script = f"import sys; from lab.cli import load; load('send'); print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
