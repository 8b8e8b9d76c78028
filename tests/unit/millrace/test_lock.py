"""The lock keeps other processes out, and only while its holder lives."""

import subprocess
import sys
from pathlib import Path

import pytest

from millrace.errors import Refused
from millrace.lock import alone
from millrace.waiting import ask_until

SECONDS = 30
HOLDER = """
import sys
from pathlib import Path
from millrace.lock import alone
with alone(Path(sys.argv[1]), "busy", "the first"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    lock = tmp_path / "not there yet" / "feed.lock"
    command = [sys.executable, "-c", HOLDER, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for _ in range(2):
            with pytest.raises(Refused, match=r"^wait for the first\.$"), alone(lock, "wait for {holder}.", "another"):
                pass
        holder.kill()
    with alone(lock, "wait a little."):
        pass


WRITER = """
import sys
from pathlib import Path
from millrace.lock import in_turn
folder, name = Path(sys.argv[1]), sys.argv[2]
print("asks", flush=True)
with in_turn(folder):
    print("found", *sorted(file.name for file in folder.iterdir()), flush=True)
    sys.stdin.readline()
    (folder / name).touch()
"""


def is_waiting(process: int) -> bool:
    """Whether the kernel has put it to sleep: for the lock, or for what it would read behind it."""
    return "\nState:\tS" in Path(f"/proc/{process}/status").read_text()


def test_a_second_one_waits_for_its_turn(tmp_path: Path) -> None:
    def writer(name: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WRITER, str(tmp_path), name]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    with writer("one") as one:
        assert one.stdout is not None
        assert [one.stdout.readline() for _ in range(2)] == ["asks\n", "found\n"]
        with writer("two") as two:
            assert two.stdout is not None
            assert two.stdout.readline() == "asks\n"
            assert ask_until(lambda: is_waiting(two.pid), bool, seconds=SECONDS)
            one.communicate("go on\n")
            assert two.stdout.readline() == "found one\n"
            two.communicate("go on\n")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one", "two"]
