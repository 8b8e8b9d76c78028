"""What this computer needs to have: complaints, one sentence each."""

import hashlib
import shutil
import socket
import stat
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path

from lab.doctor.examination import Evidence
from lab.host import provisioning_digest
from lab.location import CHECKOUT, state_folder
from lab.observe.client_files import CLIENT_FILES
from lab.observe.machines import WARN_SHARE
from lab.observe.services import MACHINES
from lab.sentences import doctor as sentences

DISCARD = 9
LOCKS = ("lab", "dev")


def settings_that_are_wrong(evidence: Evidence) -> list[str]:
    """What lab.yml and lab.local.yml say that cannot be."""
    evidence.lab()
    return []


def what_preflight_refuses(evidence: Evidence) -> tuple[str, ...]:
    """Provider, memory, disk, subnet, another lab: whatever would keep a machine from coming up."""
    return evidence.vagrant().failures


def boxes_to_build(evidence: Evidence) -> list[str]:
    """Releases without a box, where a machine is still to be made."""
    found = evidence.vagrant()
    if all(machine.made for machine in found.machines):
        return []
    return [sentences.NO_BOX.format(provider=found.provider, release=release) for release in found.missing_boxes]


def packages_of_another_time(_evidence: Evidence) -> Iterator[str]:
    """Whether the commands' Python packages are those of the lock that vagrant/install.sh last installed."""
    if not any(is_installed(CHECKOUT, lock) for lock in LOCKS):
        yield sentences.OLD_PACKAGES


def is_installed(checkout: Path, lock: str) -> bool:
    """Whether the stamp that the installation leaves is that of the lock."""
    stamp, file = checkout / ".lab" / "venv" / f".installed-{lock}", checkout / "requirements" / f"{lock}.txt"
    return stamp.is_file() and stamp.read_text().strip() == hashlib.sha256(file.read_bytes()).hexdigest()


def disk_that_fills(_evidence: Evidence) -> Iterator[str]:
    """The disk that the checkout lies on."""
    found = shutil.disk_usage(CHECKOUT)
    share = found.used / (found.used + found.free)
    if share >= WARN_SHARE:
        yield sentences.HOST_DISK_FILLS.format(share=share, gb=found.free / 1e9)


def no_way_to_the_machines(evidence: Evidence) -> Iterator[str]:
    """Whether packets for the lab's subnet leave through an address in it, and not through another network."""
    lab = evidence.lab()
    subnet = ip_network(f"{lab.subnet}.0/24")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((lab.address(MACHINES[0]), DISCARD))
        except OSError as error:
            yield sentences.NO_ROUTE.format(subnet=subnet, why=error.strerror)
            return
        if ip_address(probe.getsockname()[0]) not in subnet:
            yield sentences.OTHER_ROUTE.format(subnet=subnet, address=probe.getsockname()[0])


def open_secrets(_evidence: Evidence) -> Iterator[str]:
    """Files with passwords that others on this host may read."""
    folder = state_folder()
    for file in [
        folder / "secrets.yml",
        *(folder / name for name in CLIENT_FILES),
        *sorted((folder / "secrets").glob("*.yml")),
    ]:
        if file.is_file() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield sentences.OPEN_FILE.format(file=file.relative_to(CHECKOUT), mode=stat.S_IMODE(file.stat().st_mode))


def machines_that_are_behind(evidence: Evidence) -> Iterator[str]:
    """Machines that were last provisioned with something else than stands in the checkout now."""
    made = [machine for machine in evidence.vagrant().machines if machine.made]
    digest = provisioning_digest.inputs() if made else ""
    for machine in made:
        if not provisioning_digest.is_current(machine, digest):
            yield sentences.NOT_PROVISIONED.format(machine=machine.name)
