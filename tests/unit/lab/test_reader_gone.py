"""`make sql | head`: whoever stops reading has seen enough. No traceback, no sentence, no error line of make's."""

import os
import subprocess
import sys

import pytest

from lab.location import CHECKOUT

PROGRAM = """
import socket
import sys
from lab import cli
from lab.commands import login
from lab.host import remote
from millrace.errors import Refused

def long() -> None:
    for number in range(100_000):
        print(number)

def short() -> None:
    print("one line")

def refused() -> None:
    print("one line")
    raise Refused("No.")

def on_a_machine() -> None:
    remote.command = lambda *_, **__: ["sh", "-c", "echo one line; exit 255"]
    remote.write_config = lambda _: sys.exit("asked Vagrant")
    remote.attach("kafka", "journalctl")

def line_by_line() -> None:
    remote.command = lambda *_: ["sh", "-c", "while :; do echo one line; done"]
    remote.show("kafka", "journalctl --follow")

def other_pipe() -> None:
    here, there = socket.socketpair()
    there.close()
    here.send(b"x")

login.login = {one.__name__: one for one in (long, short, refused, on_a_machine, line_by_line, other_pipe)}[sys.argv[1]]
sys.argv[1:] = ["login"]
print("begun", flush=True)
sys.stdin.readline()
cli.main()
"""


def run_without_reader(what: str) -> tuple[int, str]:
    """How the program ends, and what it complains of, when its reader leaves after the first line."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, what],
        cwd=CHECKOUT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.readline() == "begun\n"
        program.stdout.close()
        program.stdin.write("\n")
        program.stdin.close()
        said = program.stderr.read()
    return program.returncode, said


@pytest.mark.parametrize("what", ["long", "short", "on_a_machine", "line_by_line"])
def test_a_reader_who_leaves_is_no_failure(what: str) -> None:
    assert run_without_reader(what) == (0, "")


def test_a_refusal_is_told_all_the_same() -> None:
    assert run_without_reader("refused") == (1, "✗ No.\n")


def test_another_broken_pipe_is_no_reader_of_ours() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "other_pipe"],
        cwd=CHECKOUT,
        input="\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
