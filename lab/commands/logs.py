"""`make logs`: the journals of the machines."""

import shlex
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer

from lab.host import remote
from lab.location import need_host
from lab.observe.services import LOGGED, MACHINES, machine_named, service_named
from lab.screen.output import complain, say, visible
from millrace.errors import Refused

SHORT, LONG = 15, 200


def logs(
    machine: Annotated[str | None, typer.Option(help="the whole journal of this machine")] = None,
    service: Annotated[str | None, typer.Option(help="this service, such as millrace-stream")] = None,
    follow: Annotated[bool, typer.Option(help="go on printing what comes; needs a machine or a service")] = False,
    lines: Annotated[int, typer.Option(min=1, help="how many lines back")] = LONG,
) -> None:
    """Prints a service's or a machine's journal; without either the last lines of every service."""
    need_host("make logs")
    if service:
        unit = service_named(service)
        code = remote.show(unit.machine, journal([unit.unit], lines, follow))
    elif machine:
        code = remote.show(machine_named(machine), journal([], lines, follow))
    else:
        code = show_all()
    raise typer.Exit(1 if code else 0)


def journal(units: list[str], lines: int, follow: bool) -> str:
    """The journalctl command for a machine's shell.

    Beside a pattern stands its template: journalctl fails where nothing that a pattern fits has written a line yet.
    """
    named = [name for unit in units for name in dict.fromkeys((unit, unit.removesuffix("*")))]
    chosen = [f"--unit={unit}.service" for unit in named]
    return shlex.join(
        ["sudo", "journalctl", "--no-pager", f"--lines={lines}", *chosen, *(["--follow"] if follow else [])]
    )


def show_all() -> int:
    """The last lines of every service, machine by machine; 1 when a machine does not answer."""
    with ThreadPoolExecutor(max_workers=len(MACHINES)) as pool:
        pages = list(pool.map(page, MACHINES))
    for machine, content in zip(MACHINES, pages, strict=True):
        say(f"[bold]── {machine} ──[/]")
        if isinstance(content, Refused):
            complain(str(content))
        else:
            print(visible(content), end="")
    return int(any(isinstance(content, Refused) for content in pages))


def page(machine: str) -> str | Refused:
    """The last lines of each of the machine's services."""
    units = [service.unit for service in LOGGED if service.machine == machine]
    try:
        return remote.run(machine, "; ".join(journal([unit], SHORT, follow=False) for unit in units))
    except Refused as refused:
        return refused
