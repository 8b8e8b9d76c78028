"""What a machine's firewall refuses is said in the kernel's log: a container's is the host's, which has to be let."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from instruments.tools import wait_until
from lab.host import remote
from lab.host.boxes import as_root
from millrace.settings import Lab

SWITCH = "net.netfilter.nf_log_all_netns"
"""Whether the kernel logs what containers' firewalls ask for: https://docs.kernel.org/networking/netfilter-sysctl.html."""
TARGET, CALLER, PORT = "mysql", "superset", 33060
SAID = "millrace refuses: "
KernelLog = Callable[[], str]


def on_host(*command: str) -> str:
    """What a command of root's prints on this host."""
    return subprocess.run([*as_root(), *command], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def kernel_log(lab: Lab) -> Iterator[KernelLog]:
    """What the target's kernel has logged."""
    if remote.run(TARGET, "systemd-detect-virt --container || true").strip() == "none":
        yield lambda: remote.run(TARGET, "sudo journalctl --dmesg --boot --no-pager")
        return
    file = Path("/proc/sys", SWITCH.replace(".", "/"))
    before = file.read_text().strip() if file.exists() else ""
    if not before:
        pytest.skip(f"this host's kernel has no {SWITCH}, by which containers' firewalls are let write to its log")
    on_host("sysctl", "-qw", f"{SWITCH}=1")
    try:
        yield lambda: on_host("dmesg")
    finally:
        on_host("sysctl", "-qw", f"{SWITCH}={before}")


def test_what_is_refused_is_said_in_the_kernels_log(lab: Lab, kernel_log: KernelLog) -> None:
    """At most one line a second is written, of whatever was refused in it."""
    source, target = lab.address(CALLER), lab.address(TARGET)

    def is_said() -> bool:
        remote.run(CALLER, f"timeout 5 bash -c ': < /dev/tcp/{target}/{PORT}' 2> /dev/null || true")
        said = [line for line in kernel_log().splitlines() if SAID in line]
        return any(f"SRC={source} DST={target} " in line and f"DPT={PORT} " in line for line in said)

    wait_until(is_said, "the kernel's log says who was refused", 30)
