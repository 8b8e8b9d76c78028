"""A second provision changes nothing, on any machine, and neither does the one that real hosts get."""

import re
import subprocess
from pathlib import Path

import pytest

from lab.location import CHECKOUT
from lab.observe.services import MACHINES
from millrace.settings import Lab
from tests.lab import control_machine

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
    done = control_machine.provision(lab, "mysql", tmp_path)
    changes_nothing(done.stdout + done.stderr)


def changes_nothing(output: str) -> None:
    """Fails, naming what changed, unless the play's recap says that nothing did."""
    recap = RECAP.search(output)
    assert recap, output[-3000:]
    changed = re.findall(r"TASK \[[^\n]*\n(?:(?!TASK)[^\n]*\n)*?changed:[^\n]*", output)
    assert recap.groups()[1:] == ("0", "0", "0"), changed or output[-3000:]
