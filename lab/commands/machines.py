"""`make up`, `down`, `destroy`, `boxes`, `test-vm`: the machines themselves."""

from pathlib import Path
from typing import Annotated

import typer

from lab.host import boxes as box_store
from lab.host import destroy as removal
from lab.host import emulated_machine, vagrant
from lab.host import up as bringing_up
from lab.host.one_at_a_time import only
from lab.location import need_host
from lab.screen.output import say
from lab.sentences import machines as sentences


def up(
    fresh: Annotated[bool, typer.Option("--fresh", help="with new lists of packages, from the network")] = False,
) -> None:
    """Brings the lab up: makes what is missing, waits for the first data, prints addresses and what to try."""
    need_host("make up")
    with only("make up"):
        bringing_up.bring_up(fresh=fresh)


def down() -> None:
    """Halts the machines."""
    need_host("make down")
    with only("make down"):
        vagrant.run("{what}", [vagrant.job("halt", "halt")])
    say(sentences.HALTED)


def destroy(
    everything: Annotated[bool, typer.Option("--all", help="passwords too")] = False,
    checkout: Annotated[Path | None, typer.Option(help="the lab of this other checkout instead")] = None,
    others: Annotated[bool, typer.Option("--others", help="the labs of all other checkouts instead")] = False,
) -> None:
    """Removes what the lab made on this host: machines, networks, registered boxes."""
    need_host("make destroy")
    if others:
        removal.remove_others()
    elif checkout is not None:
        removal.remove_other(checkout)
    else:
        with only("make destroy"):
            removal.remove_own(everything=everything)


def boxes(
    provider: Annotated[
        str | None, typer.Option(help="lxc, libvirt or virtualbox; else the one `make up` takes")
    ] = None,
) -> None:
    """Builds the machines' boxes anew from Debian's packages."""
    need_host("make boxes")
    wanted = box_store.wanted(provider or vagrant.check().provider)
    with only("make boxes"):
        box_store.build(wanted)
    for box in wanted:
        size = box.file.stat().st_size // 2**20
        say(sentences.BOX_DONE.format(file=box.file, size=size, sha256=box.sum_file.read_text()[:64]))


def test_vm() -> None:
    """One real machine under emulation: up, provisioned twice, its service tested, removed."""
    need_host("make test-vm")
    emulated_machine.prove()
