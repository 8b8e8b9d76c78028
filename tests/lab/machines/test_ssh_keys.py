"""Who may log in on a machine: whoever has the lab's own key, and nobody by the key that every box comes with."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from instruments.tools import wait_until
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.services import MACHINES
from millrace.settings import Lab
from tests.lab.journals import machine_time

SSHD = " ".join(f"--identifier={name}" for name in ("sshd", "sshd-session", "sshd-auth"))
"""What it calls itself in the journal, in Debian 12 and 13."""


def settings(machine: str) -> dict[str, list[str]]:
    """What ssh has been told of the machine, by its words in lower case."""
    told = subprocess.run(
        ["ssh", "-G", "-F", remote.config_file(machine), machine], capture_output=True, text=True, check=True
    ).stdout
    found: dict[str, list[str]] = {}
    for line in told.splitlines():
        word, _, value = line.partition(" ")
        found.setdefault(word, []).append(value)
    return found


def log_in(machine: str, keys: list[str]) -> "subprocess.CompletedProcess[str]":
    """An ssh of its own that has these keys alone."""
    told = settings(machine)
    options = ["-F", "/dev/null", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no"]
    options += ["-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=30", "-p", told["port"][0]]
    options += [option for key in keys for option in ("-i", key)]
    user = f"{told['user'][0]}@{told['hostname'][0]}"
    return subprocess.run(["ssh", *options, user, "hostname"], capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def known_key(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The private half of the key that everybody has, as Vagrant brings it along; ssh wants it readable by us alone."""
    folder = Path(os.environ.get("VAGRANT_HOME", Path.home() / ".vagrant.d"))
    kept = tmp_path_factory.mktemp("keys") / "known"
    kept.touch(mode=0o600)
    kept.write_bytes((folder / "insecure_private_key").read_bytes())
    public = subprocess.run(["ssh-keygen", "-y", "-f", kept], capture_output=True, text=True, check=True).stdout
    boxes = (CHECKOUT / "boxes" / "vagrant.pub").read_text()
    assert public.split()[1] == boxes.split()[1], "another key than the boxes'"
    return str(kept)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_labs_own_key_lets_in(lab: Lab, machine: str) -> None:
    done = log_in(machine, [shlex.split(key)[0] for key in settings(machine)["identityfile"]])
    assert (done.returncode, done.stdout) == (0, f"{machine}\n"), done.stderr


@pytest.mark.parametrize("machine", MACHINES)
def test_the_key_that_everybody_has_does_not(lab: Lab, known_key: str, machine: str) -> None:
    since = machine_time(machine)
    done = log_in(machine, [known_key])
    assert (done.returncode, done.stdout) == (remote.SSH_FAILED, "")
    assert "Permission denied" in done.stderr
    # Of a process that has ended at once the journal does not know the unit.
    asked = f"sudo journalctl --no-pager --output=cat --since={since} {SSHD}"
    turned_away = lambda: "authenticating user vagrant" in remote.run(machine, asked)  # noqa: E731
    wait_until(turned_away, "sshd says who was turned away", 30)


@pytest.mark.parametrize("machine", MACHINES)
def test_nobody_logs_in_by_a_password(lab: Lab, machine: str) -> None:
    told = set(remote.run(machine, "sudo sshd -T").splitlines())
    assert {"passwordauthentication no", "kbdinteractiveauthentication no"} <= told
