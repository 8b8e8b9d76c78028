"""A second provision changes nothing, on any machine, and neither does the one that real hosts get."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from lab.host import remote
from lab.location import CHECKOUT, state_folder
from lab.observe.services import MACHINES
from millrace.settings import Lab

PROVISION_SECONDS = 600
pytestmark = pytest.mark.timeout(4 * PROVISION_SECONDS + 60)
RECAP = re.compile(r"ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")


@pytest.fixture(scope="module")
def second_provision(lab: Lab) -> dict[str, str]:
    """What a provision of each machine printed; all at the same time, as `make up` does it."""
    started = {
        machine: subprocess.Popen(
            ["vagrant", "provision", machine], cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for machine in MACHINES
    }
    return {machine: process.communicate(timeout=PROVISION_SECONDS)[0] for machine, process in started.items()}


@pytest.mark.parametrize("machine", MACHINES)
def test_second_provision_changes_nothing(second_provision: dict[str, str], machine: str) -> None:
    changes_nothing(second_provision[machine])


@pytest.mark.full
def test_over_ssh_from_a_control_machine_nothing_changes_either(lab: Lab, tmp_path: Path) -> None:
    """As docs/real-hosts.md has it: an inventory, ssh, Ansible's own way of running tasks; encrypting as it does."""
    overlay = tmp_path / "overlay.yml"
    overlay.write_text(yaml.safe_dump({"encrypt": lab.encrypts}))
    access = remote.write_config("mysql")
    inventory = tmp_path / "inventory.yml"
    settings = {
        "ansible_user": "vagrant",
        "ansible_ssh_common_args": f"-F {access}",
        "secrets_dir": str(state_folder() / "secrets"),
        # A control machine's checkout is not at /vagrant: the role would take this for a real host, and open its ssh.
        "firewall_ssh_from_host": True,
    }
    inventory.write_text(yaml.safe_dump({"all": {"vars": settings, "children": {"mysql": {"hosts": {"mysql": None}}}}}))
    command = [str(state_folder() / "venv" / "bin" / "ansible-playbook"), "--inventory", str(inventory), "site.yml"]
    environment = {**os.environ, "MILLRACE_OVERLAY": str(overlay)}
    done = subprocess.run(
        command, cwd=CHECKOUT / "ansible", env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    changes_nothing(done.stdout + done.stderr)


def changes_nothing(output: str) -> None:
    """Fails, naming what changed, unless the play's recap says that nothing did."""
    recap = RECAP.search(output)
    assert recap, output[-3000:]
    changed = re.findall(r"TASK \[[^\n]*\n(?:(?!TASK)[^\n]*\n)*?changed:[^\n]*", output)
    assert recap.groups()[1:] == ("0", "0", "0"), changed or output[-3000:]
