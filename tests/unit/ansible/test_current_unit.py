"""The Ansible module that runs units: when it restarts them, and what it says when they do not come up."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.bulk
MODULE = Path(__file__).parents[3] / "ansible" / "roles" / "service" / "library" / "current_unit.py"
# Says it is as the file `active` says, writes down what it is asked, and fails to start where `broken` is there.
SYSTEMCTL = """#!/bin/sh
cd "$(dirname "$0")"
case "$1" in
    is-enabled) [ -f enabled ] ;;
    is-active) cat active 2> /dev/null || { echo inactive; exit 3; } ;;
    *) echo "$*" >> asked; if [ -f broken ] && [ "$1" != enable ]; then echo "no such thing" >&2; exit 1; fi ;;
esac
"""


@dataclass
class Machine:
    """A folder with a systemctl and a journalctl of its own, and a unit with one file."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "kafka.service"

    def set(self, name: str, content: str = "") -> None:
        (self.folder / name).write_text(content)

    def asked(self) -> list[str]:
        """What systemctl was asked to do since the last time."""
        asked = self.folder / "asked"
        lines = asked.read_text().splitlines() if asked.exists() else []
        asked.unlink(missing_ok=True)
        return lines

    def run(self, **options: object) -> dict[str, Any]:
        given = {"unit": "kafka.service", "reads": [str(self.file)], "mark": str(self.folder / "mark")}
        usual = {"waits": True, "host": "127.0.0.1", "port": 0, "timeout": 60}
        arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {**given, **usual, **options}})
        path = f"{self.folder}:{os.environ['PATH']}"
        command = [sys.executable, str(MODULE), arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, "PATH": path})
        assert done.stdout, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    for name, script in (("systemctl", SYSTEMCTL), ("journalctl", "#!/bin/sh\necho out of memory\n")):
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "kafka.service").write_text("[Unit]\n")
    return Machine(tmp_path)


def up(machine: Machine) -> None:
    machine.set("enabled")
    machine.set("active", "active\n")
    assert machine.run()["changed"]
    machine.asked()


def test_a_new_unit_is_enabled_and_restarted(machine: Machine) -> None:
    assert machine.run()["changed"]
    assert machine.asked() == ["daemon-reload", "enable kafka.service", "restart kafka.service"]


def test_nothing_is_asked_of_a_unit_that_runs_with_its_files(machine: Machine) -> None:
    up(machine)
    assert not machine.run()["changed"]
    assert machine.asked() == []


def test_a_changed_file_restarts_it(machine: Machine) -> None:
    up(machine)
    machine.file.write_text("[Unit]\nAfter=network.target\n")
    assert machine.run(waits=False)["changed"]
    assert machine.asked() == ["daemon-reload", "enable kafka.service", "restart --no-block kafka.service"]


def test_a_stopped_unit_is_started(machine: Machine) -> None:
    up(machine)
    machine.set("active", "failed\n")
    assert machine.run()["changed"]
    assert machine.asked() == ["enable kafka.service", "start kafka.service"]


def test_a_unit_on_its_way_is_left_alone(machine: Machine) -> None:
    up(machine)
    machine.set("active", "activating\n")
    assert not machine.run()["changed"]


def test_links_and_built_folders_count_by_where_they_lead_and_what_they_hold(machine: Machine) -> None:
    tree, other, link = machine.folder / "tree", machine.folder / "other", machine.folder / "app"
    for folder in (tree, other):
        folder.mkdir()
    (tree / ".tree-one").touch()
    link.symlink_to(tree)
    reads = [str(tree), str(link)]
    machine.set("enabled")
    machine.set("active", "active\n")
    assert [machine.run(reads=reads)["changed"] for _ in range(2)] == [True, False]
    (tree / ".tree-one").rename(tree / ".tree-two")
    assert [machine.run(reads=reads)["changed"] for _ in range(2)] == [True, False]
    link.unlink()
    link.symlink_to(other)
    assert [machine.run(reads=reads)["changed"] for _ in range(2)] == [True, False]


def test_a_unit_that_does_not_start_fails_with_its_journal(machine: Machine) -> None:
    machine.set("broken")
    found = machine.run()
    assert found["failed"]
    assert found["msg"] == "kafka.service did not start: no such thing\nIts last words:\nout of memory\n"
    assert not (machine.folder / "mark").exists()


def test_a_port_that_stays_silent_fails(machine: Machine) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = machine.run(port=port, timeout=0)
    assert found["failed"]
    assert found["msg"].startswith(f"kafka.service did not answer at 127.0.0.1:{port} in 0 s.")
    assert not (machine.folder / "mark").exists()


def test_a_port_that_answers_is_enough(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert machine.run(port=server.getsockname()[1])["changed"]


def test_a_missing_file_is_named(machine: Machine) -> None:
    found = machine.run(reads=[str(machine.folder / "gone")])
    assert (found["failed"], found["msg"]) == (
        True,
        f"kafka.service reads {machine.folder}/gone, which is not there.",
    )
