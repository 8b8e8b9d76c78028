"""A second provision changes nothing, on any machine."""

import re
import subprocess

import pytest

from feeds.settings import Lab
from lab.place import CHECKOUT
from lab.services import MACHINES

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
    return {machine: process.communicate(timeout=600)[0] for machine, process in started.items()}


@pytest.mark.parametrize("machine", MACHINES)
def test_second_provision_changes_nothing(second_provision: dict[str, str], machine: str) -> None:
    output = second_provision[machine]
    recap = RECAP.search(output)
    assert recap, output[-3000:]
    changed = re.findall(r"TASK \[[^\n]*\n(?:(?!TASK)[^\n]*\n)*?changed:[^\n]*", output)
    assert recap.groups()[1:] == ("0", "0", "0"), changed or output[-3000:]
