"""What services have written into their machines' journals."""

from instruments.tools import wait_until
from lab.host import remote


def journal(machine: str, unit: str, since: str) -> str:
    """The lines of a unit since a time that `machine_time` gave; those of up to a second before may be among them."""
    command = f"sudo journalctl --sync; sudo journalctl --unit={unit} --no-pager --output=cat --since={since}"
    return remote.run(machine, command, timeout=120)


def machine_time(machine: str) -> str:
    """A machine's clock, in words that its journal takes."""
    return remote.run(machine, "date +@%s").strip()


def wait_until_superset_says(line: str, since: str) -> None:
    """Returns once Superset's journal has the line, from that time of its machine on."""
    wait_until(lambda: line in journal("superset", "superset", since), f"Superset says {line}")
