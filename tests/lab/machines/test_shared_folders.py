"""What a machine is shown of the checkout it may not change; in its part of the host's cache it may."""

import shlex

import pytest

from lab.host import remote
from lab.location import guest_folders
from lab.observe.services import MACHINES
from millrace.settings import Lab

SHOWN = [f"/vagrant/{folder}" for folder in (*guest_folders(), "host")]
FILE = ".of-a-test"
"""What is laid for a moment where that can be done."""
# Says of each folder whether root may lay a file there, or why not, and leaves none.
LAY = """
export LC_ALL=C
for folder do
    said=$(touch -- "$folder/{file}" 2>&1) && rm -- "$folder/{file}" && said=laid
    echo "${{said##*: }}"
done
"""
ITSELF = {"lxc", "oracle"}
"""Containers and machines of VirtualBox, by systemd-detect-virt: they are shown the folders of the host themselves."""


def laid(machine: str, folders: list[str]) -> dict[str, str]:
    """By folder what became of a file there: `laid`, or why it was not."""
    script = LAY.format(file=FILE)
    said = remote.run(machine, f"sudo sh -c {shlex.quote(script)} sh {shlex.join(folders)}").splitlines()
    return dict(zip(folders, said, strict=True))


@pytest.mark.parametrize("machine", MACHINES)
def test_root_of_a_machine_changes_nothing_of_the_checkout(lab: Lab, machine: str) -> None:
    kind = remote.run(machine, "systemd-detect-virt || true").strip()
    if kind not in ITSELF:
        pytest.skip(f"{machine} is {kind}: it has a copy of the checkout")
    assert laid(machine, SHOWN) == dict.fromkeys(SHOWN, "Read-only file system")


@pytest.mark.parametrize("machine", MACHINES)
def test_root_of_a_machine_may_write_into_its_part_of_the_cache(lab: Lab, machine: str) -> None:
    own = f"/var/cache/millrace/{machine}"
    assert laid(machine, [own]) == {own: "laid"}
