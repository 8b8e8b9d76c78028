"""The boxes: built by boxes/build.sh, kept by their recipe for every checkout, and linked into .lab/boxes."""

import hashlib
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lab.host.command_log import Job, run_jobs
from lab.host.downloads import downloads_folder
from lab.location import CHECKOUT, state_folder
from lab.sentences import machines as sentences
from millrace.errors import Refused
from millrace.settings import load_lab

GUEST = ("boxes/build.sh", "boxes/rootfs.sh", "boxes/packages.list", "boxes/vagrant.pub", "vagrant/host-files.sh")
RECIPES = {
    "lxc": (*GUEST, "boxes/lxc.sh", "boxes/lxc-config"),
    "libvirt": (*GUEST, "boxes/disk.sh", "boxes/libvirt.sh"),
    "virtualbox": (*GUEST, "boxes/disk.sh", "boxes/virtualbox.sh", "boxes/box.ovf"),
}
# What a recipe calls, and the packages that bring it.
TOOLS = {"mmdebstrap": "mmdebstrap"}
VM_TOOLS = {
    "qemu-img": "qemu-utils",
    "extlinux": "extlinux",
    "sfdisk": "fdisk",
    "mkfs.ext4": "e2fsprogs",
    "losetup": "mount",
}


@dataclass(frozen=True)
class Box:
    """A box that is built here."""

    provider: str
    release: str

    @property
    def file(self) -> Path:
        """A link to `kept`, for Vagrant; beside it one to its `.sha256`."""
        return state_folder() / "boxes" / f"{self.provider}-{self.release}.box"

    @property
    def kept(self) -> Path:
        """The box itself, which every checkout with this recipe uses; beside it `.sha256`, once it is whole."""
        return downloads_folder() / "boxes" / f"{self.provider}-{self.release}-{recipe(self.provider)[:12]}.box"

    @property
    def sum_file(self) -> Path:
        """The box's SHA-256, as sha256sum writes it; Vagrant checks the box against it."""
        return sum_of(self.file)

    @property
    def name(self) -> str:
        """What Vagrant calls it; the same rule as in vagrant/boxes.rb."""
        return f"millrace-{self.release}-{self.sum_file.read_text()[:12]}" if self.sum_file.is_file() else ""

    def take_kept(self) -> bool:
        """Whether it is there, whole, made by today's recipe in any checkout; then Vagrant finds it."""
        whole = self.kept.is_file() and sum_of(self.kept).is_file()
        if whole:
            self.link()
        return whole

    def link(self) -> None:
        """Puts box and sum before Vagrant; as links they fit each other also when another checkout builds anew."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        for link, target in ((self.file, self.kept), (self.sum_file, sum_of(self.kept))):
            link.unlink(missing_ok=True)
            link.symlink_to(target)


def recipe(provider: str) -> str:
    """A digest of all that decides what is in this provider's boxes."""
    digest = hashlib.sha256()
    for name in RECIPES[provider]:
        digest.update(name.encode() + b"\0" + (CHECKOUT / name).read_bytes())
    return digest.hexdigest()


def wanted(provider: str) -> list[Box]:
    """The boxes the lab needs from this provider; those that lab.yml takes from elsewhere are left out."""
    if provider not in RECIPES:
        raise Refused(sentences.UNKNOWN_PROVIDER.format(provider=provider))
    lab = load_lab()
    elsewhere = lab.boxes.get(provider, {})
    return [
        Box(provider, release) for release in sorted({m.box for m in lab.machines.values()}) if release not in elsewhere
    ]


def missing(provider: str) -> list[Box]:
    """Those of the wanted that neither this checkout nor another has made by today's recipe."""
    return [box for box in wanted(provider) if not box.take_kept()]


def build(boxes: Iterable[Box]) -> None:
    """Builds the boxes at the same time; refuses with the last lines of the first that failed."""
    jobs = {box: job_of(box) for box in boxes}
    if not jobs:
        return
    need_tools(next(iter(jobs)).provider)
    for box, ended in zip(jobs, run_jobs(sentences.BUILDING, list(jobs.values())), strict=True):
        if ended.code != 0:
            log = ended.job.log.relative_to(CHECKOUT)
            raise Refused(
                sentences.BOX_FAILED.format(provider=box.provider, release=box.release, log=log, tail=ended.tail())
            )
        seal(box)


def job_of(box: Box) -> Job:
    """The recipe, run as root."""
    box.kept.parent.mkdir(parents=True, exist_ok=True)
    sum_of(box.kept).unlink(missing_ok=True)  # a build that is broken off must not leave it beside another box
    script = str(CHECKOUT / "boxes" / "build.sh")
    return Job(f"box-{box.provider}-{box.release}", [*as_root(), script, box.provider, box.release, str(box.kept)])


def as_root() -> list[str]:
    """What to put before a command that needs root."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        raise Refused(sentences.WANTS_ROOT)
    return ["sudo"]


def need_tools(provider: str) -> None:
    """Refuses, naming the packages, when the recipe could not run here."""
    if not sys.platform.startswith("linux"):
        raise Refused(sentences.NO_LINUX)
    tools = TOOLS if provider == "lxc" else TOOLS | VM_TOOLS
    missing = {tool: package for tool, package in tools.items() if find(tool) is None}
    if missing:
        raise Refused(
            sentences.BOX_TOOLS.format(
                provider=provider, tools=", ".join(missing), packages=" ".join(dict.fromkeys(missing.values()))
            )
        )


def find(tool: str) -> str | None:
    """Where the tool is; root's own tools are not on everyone's PATH."""
    return shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def seal(box: Box) -> str:
    """Writes the SHA-256 of a box just built beside it, and links it; returns the sum."""
    with box.kept.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    sum_of(box.kept).write_text(f"{sha256}  {box.kept.name}\n")
    box.link()
    return sha256


def sum_of(box: Path) -> Path:
    """The file with a box's SHA-256."""
    return box.with_name(box.name + ".sha256")
