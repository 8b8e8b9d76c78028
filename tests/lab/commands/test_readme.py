"""The README's every command, run as it is written."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from instruments.tools import Warehouse, wait_until
from lab.host import remote
from lab.host.up import things_to_try
from lab.location import CHECKOUT
from lab.observe.services import MACHINES, SERVICES
from lab.sentences import machines as machine_words
from millrace.settings import Lab, load_lab

BLOCKS = re.findall(r"^ *```sh\n(.*?)^ *```", (CHECKOUT / "README.md").read_text(), re.M | re.S)
COMMANDS = [block.strip() for block in BLOCKS]
TYPED = "echo '2014,AK"
ENDLESS = "kafka-console-consumer.sh --topic insurance_network'"
ELSEWHERE = {
    "make test": "runs this test",
    "make backup": "tests/lab/commands/test_backup.py does it, and looks at what it wrote",
    "make down": "would halt the lab under the other tests",
    "make destroy": "would remove the lab under the other tests; CI runs it at its end",
}
RUN = [command for command in COMMANDS if command not in ELSEWHERE and not command.endswith(ENDLESS)]


def shell(command: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
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


def lives() -> dict[str, str]:
    """Per machine what a restart of it, or of one of its services, would change."""
    found = {}
    for machine in MACHINES:
        units = " ".join(service.unit for service in SERVICES if service.machine == machine)
        ask = f"cut -d ' ' -f 22 /proc/1/stat; systemctl show --property=InvocationID --value {units}"
        found[machine] = remote.run(machine, ask)
    return found


def test_make_up_on_a_lab_that_is_up_changes_nothing(lab: Lab) -> None:
    before = lives()
    done = shell("make up")
    assert done.returncode == 0, done.stdout + done.stderr
    steps = {
        cells[0]: cells[2:] for line in done.stdout.splitlines() if len(cells := re.split(r" {2,}", line.strip())) >= 2
    }
    assert steps[machine_words.STEP_BOXES] == [machine_words.BOXES_THERE]
    assert steps[machine_words.STEP_MACHINES] == [machine_words.NOTHING_CHANGED]
    assert steps[machine_words.STEP_PROVISION] == [machine_words.NOTHING_CHANGED]
    assert lives() == before
    assert machine_words.TRY in done.stdout


def test_the_consumer_of_the_readme_shows_what_its_producer_sent(lab: Lab) -> None:
    (producer,) = (command for command in COMMANDS if command.startswith(TYPED))
    (consumer,) = (command for command in COMMANDS if command.endswith(ENDLESS))
    with watching(consumer) as lines:

        def is_shown() -> bool:
            # It begins at the topic's end, and nobody is told when it has found it: what comes before is not shown.
            typed = shell(producer)
            assert typed.returncode == 0, typed.stderr
            return any("Typed by hand" in line for line in lines)

        wait_until(is_shown, "the consumer shows the typed line", 300)


@contextmanager
def watching(consumer: str) -> Iterator[list[str]]:
    """The lines that an endless consumer shows, while they come; it runs when this begins, and has ended after it."""
    others = consumers()
    lines: list[str] = []
    with subprocess.Popen(
        ["bash", "-c", f"exec {consumer}"], cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        reader = Thread(target=lines.extend, args=[process.stdout])
        reader.start()
        try:
            # Vagrant refuses the second of two commands that look a machine up in the same instant.
            wait_until(lambda: bool(consumers() - others), "the consumer has begun", 300)
            yield lines
        finally:
            # Vagrant's ssh outlives it, and a consumer whose terminal was closed lives until it has something to write.
            remote.run("kafka", f"kill {' '.join(consumers() - others)} || true")
            process.terminate()
            reader.join()


def consumers() -> set[str]:
    """The process ids of the console consumers that run."""
    return set(remote.run("kafka", "pgrep -f '[C]onsoleConsumer.* insurance_network' || true").split())


def test_the_typed_line_is_a_row(lab: Lab, mysql: Warehouse) -> None:
    (producer,) = (command for command in COMMANDS if command.startswith(TYPED))
    rows = "SELECT COUNT(*) FROM v_insurance_network WHERE network_name = 'Typed by hand'"
    before = mysql.one(rows)
    assert shell(producer).returncode == 0
    wait_until(lambda: mysql.one(rows) != before, "the typed line is in MySQL")


@pytest.mark.parametrize("command", [command for command, _ in things_to_try(load_lab().feeds)])
def test_what_make_up_tells_to_try_works(lab: Lab, command: str) -> None:
    done = shell(command)
    assert done.returncode == 0, done.stdout + done.stderr
