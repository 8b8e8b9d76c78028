"""A provision from a control machine, as docs/real-hosts.md has it: an inventory, ssh, and Ansible's own way."""

import os
import subprocess
from pathlib import Path

import yaml

from lab.host import remote
from lab.location import CHECKOUT, state_folder
from millrace.settings import Lab

SECONDS = 300


def provision(lab: Lab, machine: str, scratch: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Ansible's own command for one of the lab's machines, encrypting as the lab does."""
    overlay = scratch / "overlay.yml"
    overlay.write_text(yaml.safe_dump({"encrypt": lab.encrypts}))
    inventory = scratch / "inventory.yml"
    settings = {
        "ansible_user": "vagrant",
        "ansible_ssh_common_args": f"-F {remote.write_config(machine)}",
        "secrets_dir": str(state_folder() / "secrets"),
        # A control machine's checkout is not at /vagrant: the role would take this for a real host, and open its ssh.
        "firewall_ssh_from_host": True,
    }
    inventory.write_text(yaml.safe_dump({"all": {"vars": settings, "children": {machine: {"hosts": {machine: None}}}}}))
    command: list[str | Path] = [
        state_folder() / "venv" / "bin" / "ansible-playbook",
        "--inventory",
        inventory,
        *arguments,
        "site.yml",
    ]
    return subprocess.run(
        command,
        cwd=CHECKOUT / "ansible",
        env={**os.environ, "MILLRACE_OVERLAY": str(overlay)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
