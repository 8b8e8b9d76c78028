"""Whether a machine was provisioned with what stands in the checkout now."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from lab.host.vagrant import Machine
from lab.location import CHECKOUT, guest_folders, state_folder
from millrace.settings import load_lab

# What decides how guests are provisioned, beside what they see of the checkout.
OTHERS = ("vagrant", "Vagrantfile")
FOLDER = "provisioned"
# What the host knows of the cache grows with every provisioning, and decides only whether a tree is built or unpacked.
SCRATCH = {"trees.sha256", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".ansible"}


def inputs() -> str:
    """A digest of everything a provisioning reads: the shared folders, the settings, the secrets, the host's own."""
    digest = hashlib.sha256(json.dumps(load_lab().model_dump(mode="json"), sort_keys=True).encode())
    for file in sorted(files()):
        digest.update(str(file.relative_to(CHECKOUT)).encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def files() -> Iterator[Path]:
    """The files a provisioning reads."""
    state = state_folder()
    for start in [*(CHECKOUT / name for name in [*guest_folders(), *OTHERS]), state / "secrets.yml", state / "host"]:
        if start.is_file():
            yield start
        else:
            yield from (file for file in start.rglob("*") if file.is_file() and not SCRATCH & set(file.parts))


def is_current(machine: Machine, digest: str) -> bool:
    """Whether this very machine was last provisioned with these inputs."""
    kept = stamp(machine)
    return kept.is_file() and kept.read_text() == content(machine, digest)


def is_known(machine: Machine) -> bool:
    """Whether this very machine was provisioned before, with whatever inputs."""
    kept = stamp(machine)
    return kept.is_file() and kept.read_text().startswith(f"{machine.id()} ")


def keep(machine: Machine, digest: str) -> None:
    """Notes that the machine has been provisioned with these inputs."""
    kept = stamp(machine)
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(content(machine, digest))


def outdate() -> None:
    """Has every machine that was provisioned be provisioned again: something else on it has changed."""
    for kept in (state_folder() / FOLDER).glob("*"):
        kept.write_text(f"{kept.read_text().rpartition(' ')[0]} \n")


def stamp(machine: Machine) -> Path:
    """Where it is noted."""
    return state_folder() / FOLDER / machine.name


def content(machine: Machine, digest: str) -> str:
    """A machine made anew has another id, so its note no longer fits."""
    return f"{machine.id()} {digest}\n"
