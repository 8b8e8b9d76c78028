"""What services have written into their machines' journals."""

from lab.host import remote


def journal(machine: str, unit: str, since: str) -> str:
    """The lines of a unit since a time that `machine_time` gave; those of up to a second before may be among them."""
    command = f"sudo journalctl --sync; sudo journalctl --unit={unit} --no-pager --output=cat --since={since}"
    return remote.run(machine, command, timeout=120)


def machine_time(machine: str) -> str:
    """A machine's clock, in words that its journal takes."""
    return remote.run(machine, "date +@%s").strip()
