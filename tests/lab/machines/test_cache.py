"""The host's cache of downloads in the machines: each sees the folder of its own name, and no other's."""

import pytest

from lab.host import remote
from lab.observe.services import MACHINES
from millrace.settings import Lab

CACHE = "/var/cache/millrace"


@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_sees_its_own_folder_alone(lab: Lab, machine: str) -> None:
    assert remote.run(machine, ["ls", "--almost-all", CACHE]).split() == [machine]


@pytest.mark.parametrize("machine", MACHINES)
def test_packages_and_what_was_built_come_through_it(lab: Lab, machine: str) -> None:
    found = remote.run(machine, f"sudo find {CACHE}/{machine} -mindepth 1 -maxdepth 1 -type d -printf '%f '").split()
    assert {"apt", "trees", "venvs"} <= set(found)
    assert f"{CACHE}/{machine}/apt/archives" in remote.run(machine, "apt-config dump Dir::Cache::archives")
