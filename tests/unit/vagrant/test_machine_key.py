"""Containers know the lab's own key before they have ever run, and not the one that everybody has."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.vagrant.ruby import NEEDS_RUBY, ROOT
from tests.unit.vagrant.test_vagrantfile import evaluate, provider

pytestmark = NEEDS_RUBY
SCRIPT = ROOT / "vagrant" / "lxc" / "own-key.sh"
KNOWN = ROOT / "boxes" / "vagrant.pub"
OWN = "ssh-ed25519 AAAAown millrace\n"


def ssh(checkout: Path, machine: str) -> dict[str, object]:
    """What is set for ssh where LXC runs the machine."""
    vm = next(children[0] for name, _, _, children in evaluate(checkout)[machine] if name == "vm")
    _, override = next(inner for name, given, _, inner in vm if name == "provider" and given == ["lxc"])
    calls = next(children[0] for name, _, _, children in override if name == "ssh")
    return {name.removesuffix("="): given[0] for name, given, _, _ in calls if name.endswith("=")}


def test_the_key_is_made_once_and_is_its_owners_alone(checkout: Path) -> None:
    key = checkout / ".lab" / "machine_key"
    assert ssh(checkout, "kafka") == {"private_key_path": [str(key)], "insert_key": False}
    assert key.stat().st_mode & 0o777 == 0o600
    made = key.read_text()
    assert ssh(checkout, "mysql")["private_key_path"] == [str(key)]
    assert key.read_text() == made


def test_machines_of_an_older_release_are_let_in_by_the_key_they_know(checkout: Path) -> None:
    older = checkout / ".vagrant" / "machines" / "kafka" / "lxc" / "private_key"
    older.parent.mkdir(parents=True)
    older.write_text("older")
    assert ssh(checkout, "kafka")["private_key_path"] == [str(checkout / ".lab" / "machine_key"), str(older)]


def test_lxc_puts_it_in_before_it_starts_a_container(checkout: Path) -> None:
    settings, _ = provider(evaluate(checkout)["kafka"], "lxc")
    words = settings["customize"]["hook.pre-start"].split('"')
    assert words[1::2] == [
        str(checkout / "vagrant" / "lxc" / "own-key.sh"),
        str(checkout / ".lab" / "machine_key.pub"),
        str(checkout / "boxes" / "vagrant.pub"),
    ]


@pytest.mark.parametrize("prefix", ["", "dir:"])
@pytest.mark.parametrize(
    ("before", "after"), [(KNOWN.read_text(), OWN), (f"# a box\n{KNOWN.read_text()}", OWN), ("another\n", "another\n")]
)
def test_only_the_key_that_everybody_has_gives_way(tmp_path: Path, prefix: str, before: str, after: str) -> None:
    keys = tmp_path / "rootfs" / "home" / "vagrant" / ".ssh" / "authorized_keys"
    keys.parent.mkdir(parents=True)
    keys.write_text(before)
    keys.chmod(0o600)
    assert run(tmp_path, prefix).returncode == 0
    assert (keys.read_text(), keys.stat().st_mode & 0o777) == (after, 0o600)


def test_a_box_without_keys_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "rootfs").mkdir()
    assert run(tmp_path, "").returncode == 0
    assert list((tmp_path / "rootfs").iterdir()) == []


def run(folder: Path, prefix: str) -> "subprocess.CompletedProcess[str]":
    """The hook, with a chroot that goes nowhere and leads /home there by name."""
    own, tools, guest = folder / "own.pub", folder / "tools", folder / "rootfs"
    own.write_text(OWN)
    tools.mkdir()
    (tools / "chroot").write_text(f'#!/bin/bash\nshift 3\nexec bash -c "${{1//\\/home/{guest}/home}}" "${{@:2}}"\n')
    (tools / "chroot").chmod(0o755)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "LXC_ROOTFS_PATH": f"{prefix}{guest}"}
    command = [shutil.which("sh") or "", SCRIPT, own, KNOWN, "millrace-kafka", "lxc", "pre-start"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
