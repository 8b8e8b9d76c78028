"""Removing labs from this host: our own with Vagrant's help, another checkout's by the mark its containers carry."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lab.host import vagrant
from lab.host.boxes import RECIPES, as_root, wanted
from lab.host.downloads import downloads_folder
from lab.location import CHECKOUT, state_folder
from lab.screen.output import say
from lab.sentences import machines as sentences
from millrace.errors import Refused
from millrace.settings import load_lab

# Files about machines that are gone; boxes and passwords stay.
STALE = ("host", "log", "provisioned", "secrets", "ssh", "files.lock", "network.lock")
MARK = re.compile(r"^lxc\.environment\s*=\s*MILLRACE_LAB=(?P<subnet>\S+) (?P<checkout>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Container:
    """A lab's LXC machine and what its mark says."""

    name: str
    subnet: str
    checkout: Path

    @property
    def bridge(self) -> str:
        """The lab's bridge on the host; the same rule as in vagrant/lab.rb."""
        return f"lab-{self.subnet.replace('.', '-')}"


def remove_own(*, everything: bool) -> None:
    """Removes this checkout's machines, networks and boxes; with `everything` also `.lab`."""
    vagrant.run("{what}", [vagrant.job("destroy", "destroy", "--force")])
    remove_containers(container for container in containers() if container.checkout == CHECKOUT)
    remove_network(load_lab().subnet)
    remove_boxes()
    folder = state_folder()
    for path in [folder] if everything else [folder / name for name in STALE]:
        remove_path(path)
    say(sentences.REMOVED.format(what=f"the lab of {CHECKOUT}"))
    if not everything:
        say(sentences.KEPT.format(folder=folder))
    say(sentences.KEPT_DOWNLOADS.format(folder=downloads_folder(), root="sudo " if as_root() else ""))


def remove_other(checkout: Path) -> None:
    """Removes the machines of another checkout, whose folder may be gone; refuses when there are none."""
    found = containers()
    theirs = [container for container in found if container.checkout == checkout]
    if not theirs:
        known = ", ".join(sorted({str(container.checkout) for container in found})) or sentences.NO_OTHERS
        raise Refused(sentences.UNKNOWN_CHECKOUT.format(checkout=checkout, known=known))
    remove_lab(theirs)


def remove_others() -> None:
    """Removes the machines of every other checkout on this host."""
    theirs = [container for container in containers() if container.checkout != CHECKOUT]
    if theirs:
        remove_lab(theirs)
    else:
        say(sentences.NOTHING_TO_REMOVE)


def remove_lab(theirs: list[Container]) -> None:
    """Removes containers and the networks that only they used."""
    remove_containers(theirs)
    in_use = {container.subnet for container in containers()}
    for subnet in {container.subnet for container in theirs} - in_use:
        remove_network(subnet)


def containers() -> list[Container]:
    """Every lab's containers on this host. One of ours that was never started has no mark, and is known by its name."""
    if shutil.which("lxc-ls") is None:
        return []
    folder = output(["lxc-config", "lxc.lxcpath"]).strip()
    found = []
    own = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:6]  # the same as in vagrant/lab.rb
    for name in output([*as_root(), "lxc-ls", "-1"]).split():
        if name.startswith("millrace-"):
            mark = MARK.search(output([*as_root(), "cat", f"{folder}/{name}/config"]))
            if mark:
                found.append(Container(name, mark["subnet"], Path(mark["checkout"])))
            elif name.endswith(f"-{own}"):
                found.append(Container(name, load_lab().subnet, CHECKOUT))
    return found


def remove_containers(gone: Iterable[Container]) -> None:
    """Stops and removes them, all at the same time."""

    def remove(container: Container) -> None:
        # Not asked to shut down first, which takes a minute: what it holds goes away anyway.
        run([*as_root(), "lxc-stop", "--kill", "--name", container.name])
        output([*as_root(), "lxc-destroy", "--force", "--name", container.name])
        say(sentences.REMOVED.format(what=f"{container.name} of {container.checkout}"))

    with ThreadPoolExecutor() as pool:
        list(pool.map(remove, gone))


def remove_network(subnet: str) -> None:
    """Removes the lab's bridge, its rules in the firewall and the route that guards it, where they are."""
    bridge = f"lab-{subnet.replace('.', '-')}"
    remove_rules(bridge)
    if Path("/sys/class/net", bridge).exists():
        output([*as_root(), "ip", "link", "delete", bridge])
    guard = [line for line in routes() if line.startswith(f"unreachable {subnet}.0/24 ")]
    for line in guard:
        output([*as_root(), "ip", "route", "delete", *line.split()])


def remove_rules(bridge: str) -> None:
    """Removes the rules that vagrant/lxc/network.rb has made for the bridge."""
    # A person's PATH may lack the folder, root's does not.
    if shutil.which("iptables") is None and shutil.which("iptables", path="/usr/sbin:/sbin") is None:
        return
    iptables = [*as_root(), "iptables", "--wait"]
    for rule in output([*iptables, "-S", "FORWARD"]).splitlines():
        if f" -o {bridge} " in rule:
            output([*iptables, "-D", *rule.split()[1:]])


def routes() -> list[str]:
    """The routes that guard a lab's subnet while its bridge is away."""
    if shutil.which("ip") is None:
        return []
    return output(["ip", "-4", "route", "show", "type", "unreachable"]).splitlines()


def remove_boxes() -> None:
    """Takes this checkout's boxes out of Vagrant's own store; the files stay."""
    stored = set(re.findall(r"^(millrace-\S+)\s+\((\w+),", vagrant.ask("box", "list"), re.MULTILINE))
    built = {(box.name, provider) for provider in RECIPES for box in wanted(provider)}
    for name, provider in stored & built:
        vagrant.ask("box", "remove", name, "--provider", provider, "--all", "--force")


def remove_path(path: Path) -> None:
    """Removes a file or a folder; guests write as root into the cache."""
    output([*as_root(), "rm", "-rf", "--", str(path)])


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """The command and how it ended."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def output(command: list[str]) -> str:
    """What the command prints; refuses with its last words when it fails."""
    done = run(command)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise Refused(f"`{' '.join(command)}` failed: {last}")
    return done.stdout
