"""The README's every command, run as it is written."""

import os
import re
import subprocess
import time

import pytest

from feeds.settings import Lab
from lab import machine_words, remote
from lab.place import CHECKOUT
from tests.lab.tools import Warehouse, wait_until

BLOCKS = re.findall(r"^ *```sh\n(.*?)^ *```", (CHECKOUT / "README.md").read_text(), re.M | re.S)
COMMANDS = [block.strip() for block in BLOCKS]
TYPED = "echo '2014,AK"
ENDLESS = "kafka-console-consumer.sh --topic insurance_network'"
ELSEWHERE = {
    "make test": "runs this test",
    "make down": "would halt the lab under the other tests",
    "make destroy": "would remove the lab under the other tests; CI runs it at its end",
}
RUN = [command for command in COMMANDS if command not in ELSEWHERE and not command.endswith(ENDLESS)]


def shell(command: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Runs a line as a person's shell in the checkout does."""
    return subprocess.run(
        ["bash", "-c", command],
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def test_the_readme_has_its_commands() -> None:
    assert {"make up", "make test", "make status", "make down", "make destroy"} <= set(COMMANDS)


@pytest.mark.parametrize("command", RUN)
def test_a_command_of_the_readme_succeeds(lab: Lab, command: str) -> None:
    done = shell(command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_up_on_a_lab_that_is_up_takes_at_most_thirty_seconds(lab: Lab) -> None:
    began = time.monotonic()
    done = shell("make up")
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began <= 30
    assert machine_words.TRY in done.stdout


def test_the_consumer_of_the_readme_shows_what_its_producer_sent(lab: Lab) -> None:
    (producer,) = (command for command in COMMANDS if command.startswith(TYPED))
    (consumer,) = (command for command in COMMANDS if command.endswith(ENDLESS))
    others = consumers()
    with subprocess.Popen(
        ["bash", "-c", f"exec {consumer}"],
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    ) as watching:
        try:
            # Vagrant refuses the second of two commands that look a machine up in the same instant.
            wait_until(lambda: bool(consumers() - others), "the consumer has begun", 60)
            seen = first_line(watching, producer)
        finally:
            watching.terminate()
    assert "Typed by hand" in seen


def consumers() -> set[str]:
    """The console consumers that run; one whose terminal was closed lives until it has something to write."""
    return set(remote.run("kafka", "pgrep -f '[C]onsoleConsumer.* insurance_network' || true").split())


def first_line(watching: subprocess.Popen[str], producer: str, seconds: float = 90) -> str:
    """What the consumer shows first; the producer types until it does, since a consumer starts at the topic's end."""
    assert watching.stdout is not None
    os.set_blocking(watching.stdout.fileno(), False)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        typed = shell(producer)
        assert typed.returncode == 0, typed.stderr
        if line := watching.stdout.readline():
            return line
    raise AssertionError(f"the consumer showed nothing within {seconds:.0f} s")


def test_the_typed_line_is_a_row(lab: Lab, mysql: Warehouse) -> None:
    (producer,) = (command for command in COMMANDS if command.startswith(TYPED))
    rows = "SELECT COUNT(*) FROM v_insurance_network WHERE network_name = 'Typed by hand'"
    before = mysql.one(rows)
    assert shell(producer).returncode == 0
    wait_until(lambda: mysql.one(rows) != before, "the typed line is in MySQL", 60)


@pytest.mark.parametrize("command", [command for command, _ in machine_words.TRY_THESE])
def test_what_make_up_tells_to_try_works(lab: Lab, command: str) -> None:
    done = shell(command)
    assert done.returncode == 0, done.stdout + done.stderr
