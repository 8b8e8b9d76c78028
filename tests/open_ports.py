"""The table "Who may reach what" of docs/security.md, as tests compare it with rules and with machines."""

import re
from dataclasses import dataclass

from lab.location import CHECKOUT

PEOPLE = "people"
ROW = re.compile(r"^\| (\w+) \| (\d+)(?:-(\d+))? \| [^|]+ \| ([\w, ]+) \|$", re.MULTILINE)


@dataclass(frozen=True)
class OpenPorts:
    """One row: ports of a machine, and who may come there: other machines by name, and people."""

    machine: str
    ports: range
    callers: frozenset[str]


def open_ports() -> list[OpenPorts]:
    """All rows."""
    page = (CHECKOUT / "docs" / "security.md").read_text(encoding="utf-8")
    return [
        OpenPorts(machine, range(int(first), int(last or first) + 1), frozenset(callers.split(", ")))
        for machine, first, last, callers in ROW.findall(page)
    ]
