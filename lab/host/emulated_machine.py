"""`make test-vm`: one real machine under emulation, on addresses of its own, as proof of the virtual-machine path."""

import re
import shutil
import subprocess
from pathlib import Path

from lab.host import boxes, vagrant
from lab.host.destroy import output
from lab.location import state_folder
from lab.screen.output import say, table
from lab.screen.progress import Phases
from lab.sentences import machines as sentences
from millrace.errors import Refused

MACHINE = "mysql"
SUBNET = "192.168.234"
STEPS = 5
RECAP = re.compile(rf"^\s*(?:{MACHINE}: )?{MACHINE}\s+: ok=\d+\s+changed=(?P<changed>\d+).*failed=0", re.MULTILINE)
# Tables, accounts and what the server says of itself, asked as root on the machine.
PROBE = (
    "sudo mysql --batch --skip-column-names --execute"
    ' \'select concat(version(), ", ", count(*), " tables") from information_schema.tables\''
)


def prove() -> None:
    """Box, machine, provisioning twice, the service, removal. What fails refuses, and leaves the machine to look at."""
    phases = Phases(STEPS)
    environment = own_environment()
    with phases.step(sentences.STEP_BOXES) as phase:
        make_box()
        phase.note = "libvirt"
    start_libvirt()
    with phases.step(sentences.STEP_MACHINES):
        refuse_failures(environment)
        vagrant.run("{what}", [vagrant.job("vm-up", "up", "--no-provision", MACHINE, environment=environment)])
    with phases.step(sentences.STEP_PROVISION):
        provision("vm-provision", environment)
        vagrant.fetch_cache(vagrant.check(environment).machines, environment)
    with phases.step(sentences.VM_AGAIN) as phase:
        phase.note = refuse_change(provision("vm-provision-again", environment))
    with phases.step(sentences.VM_ASK) as phase:
        phase.note = vagrant.ask("ssh", MACHINE, "-c", PROBE, environment=environment).strip()
    vagrant.run("{what}", [vagrant.job("vm-destroy", "destroy", "--force", MACHINE, environment=environment)])
    table("", ["step", "seconds", ""], phases.rows(), right=["seconds"])
    say(sentences.VM_DONE)


def own_environment() -> dict[str, str]:
    """Vagrant's memory and the lab's settings apart from those of a lab that may be running here."""
    folder = state_folder() / "vm"
    folder.mkdir(exist_ok=True)
    overlay = folder / "lab.yml"
    overlay.write_text(f"provider: libvirt\nsubnet: {SUBNET}\n")
    return {
        "MILLRACE_OVERLAY": str(overlay),
        "VAGRANT_DOTFILE_PATH": str(folder / "vagrant"),
        "VAGRANT_DEFAULT_PROVIDER": "libvirt",
    }


def make_box() -> None:
    """Builds the machine's libvirt box unless it is there."""
    missing = [box for box in boxes.missing("libvirt") if box.release == "trixie"]
    boxes.build(missing)


def start_libvirt() -> None:
    """Starts libvirt's daemons where no systemd runs that would have done it."""
    if shutil.which("virsh") is None:
        raise Refused(sentences.VM_PROVIDER)
    if subprocess.run(["virsh", "-c", "qemu:///system", "version"], capture_output=True, check=False).returncode == 0:
        return
    if Path("/run/systemd/system").is_dir():
        output([*boxes.as_root(), "systemctl", "start", "libvirtd"])
    else:
        output([*boxes.as_root(), "virtlogd", "--daemon"])
        output([*boxes.as_root(), "libvirtd", "--daemon"])


def refuse_failures(environment: dict[str, str]) -> None:
    """Refuses what the checks before a machine is made find."""
    found = vagrant.check(environment)
    if found.failures:
        raise Refused(found.failures[0])


def provision(name: str, environment: dict[str, str]) -> str:
    """Runs the same playbook as the lab's; returns all that it printed."""
    job = vagrant.job(name, "provision", MACHINE, environment=environment)
    vagrant.run("{what}", [job])
    return job.log.read_text(errors="replace")


def refuse_change(printed: str) -> str:
    """Refuses unless Ansible's recap says that nothing changed and nothing failed."""
    recap = RECAP.search(printed)
    if recap is None or recap["changed"] != "0":
        raise Refused(sentences.VM_CHANGED.format(recap=recap[0].strip() if recap else "no recap"))
    return "changed=0"
