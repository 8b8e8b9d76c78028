"""What the four machines may take of the host's memory."""

from lab.host import remote
from lab.observe.services import MACHINES
from millrace.settings import Lab

MOST_ANONYMOUS_BYTES = 8 * 2**30


def test_the_four_machines_use_less_than_8_gb_of_anonymous_memory(lab: Lab) -> None:
    sum_up = "awk '/^Pss_Anon:/ {sum += $2} END {print sum * 1024}'"
    script = f"sudo sh -c 'cat /proc/[0-9]*/smaps_rollup 2> /dev/null' | {sum_up}"
    used = {machine: int(float(remote.run(machine, script))) for machine in MACHINES}
    assert all(used.values())
    assert sum(used.values()) < MOST_ANONYMOUS_BYTES, used
