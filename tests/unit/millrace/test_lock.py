"""The lock keeps other processes out, and only while its holder lives."""

import subprocess
import sys
from pathlib import Path

import pytest

from millrace.errors import Refused
from millrace.lock import alone

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
