"""What of a lab lies on the host: passwords, what a person has set, feeds of one's own with their dashboards."""

import subprocess
import tarfile
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from lab.backup.archive import PRIVATE, DamagedError, add
from lab.location import CHECKOUT
from millrace.kafka.declared_rights import USERS
from millrace.lab_files import LOCAL
from millrace.whole_file import whole_file
from millrace.yaml_file import read_yaml

SECRETS = ".lab/secrets.yml"
OWN = ("feeds", "superset/assets")
"""Folders that `make new-feed` and people write into."""
OF_HOST = ("provider", "cache", "subnet", "machines", "boxes")
"""Settings that are the host's, not the lab's: what this checkout says of them counts."""
BROKERS = ("kafka_cluster_id", *(f"kafka_{user}_password" for user in ("broker", *USERS)))
"""Written on the broker's disk when that is made, or known to it since it was provisioned."""


def keep(target: Path, checkout: Path = CHECKOUT) -> None:
    """Write the files into a tar, under their paths in the checkout."""
    with tarfile.open(target, "w") as tar:
        for name in (SECRETS, LOCAL, *own_files(checkout)):
            if (checkout / name).is_file():
                add(tar, name, (checkout / name).read_bytes())


def own_files(checkout: Path = CHECKOUT) -> list[str]:
    """Files there that are not the release's, as git knows it; all of them where nobody can say."""
    command = ["git", "ls-files", "-z", "--others", "--exclude-standard", "--", *OWN]
    try:
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
        known = done.stdout if done.returncode == 0 else None
    except OSError:
        known = None
    if known is not None:
        return sorted(name for name in known.split("\0") if name)
    found = (file for folder in OWN for file in (checkout / folder).rglob("*") if "__pycache__" not in file.parts)
    return sorted(file.relative_to(checkout).as_posix() for file in found if file.is_file())


def read(part: Path) -> dict[str, bytes]:
    """The contents by path; DamagedError where one would lie elsewhere than `keep` takes them from."""
    found = {}
    with tarfile.open(part) as tar:
        for entry in tar:
            content = tar.extractfile(entry)
            if content is None or not _is_ours(entry.name):
                raise DamagedError(f"{entry.name} does not belong into {part.name}")
            found[entry.name] = content.read()
    return found


def feeds_of(files: Iterable[str]) -> set[str]:
    """Feeds whose contract is among the files."""
    paths = map(PurePosixPath, files)
    return {path.parts[1] for path in paths if path.parts[0] == "feeds" and path.parts[2:] == ("contract.yaml",)}


def put(files: dict[str, bytes], aside: Path, checkout: Path = CHECKOUT, *, has_broker: bool) -> None:
    """Write them into the checkout: of one's own what is not there, settings and passwords in place of what is.

    What stood there goes into the folder `aside`. `has_broker`: its disk is made, with the id and accounts
    that are known here.
    """
    for name, content in files.items():
        if name not in {SECRETS, LOCAL} and not (checkout / name).exists():
            _write(checkout / name, content, 0o644)
    for name, kept in ((SECRETS, BROKERS if has_broker else []), (LOCAL, OF_HOST)):
        there, new = checkout / name, files.get(name)
        if there.is_file():
            _write(aside / name, there.read_bytes(), PRIVATE)
        if new is not None:
            _write(there, _over(there, new, kept), PRIVATE if name == SECRETS else 0o644)
        elif there.is_file() and name == LOCAL:
            _write(there, _over(there, b"{}", kept), 0o644)


def _over(there: Path, new: bytes, kept: Collection[str]) -> bytes:
    """The new content but for those keys, which stay as they are; its text as it was written where nothing stays."""
    stays = {key: value for key, value in _known(there).items() if key in kept}
    if not stays:
        return new
    wanted: dict[str, Any] = yaml.safe_load(new) or {}
    return yaml.safe_dump({**wanted, **stays}, sort_keys=False, allow_unicode=True).encode()


def _known(file: Path) -> dict[str, Any]:
    return read_yaml(file, may_be_empty=True) if file.is_file() else {}


def _write(file: Path, content: bytes, mode: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(file) as unfinished:
        unfinished.touch(mode=mode)
        unfinished.write_bytes(content)


def _is_ours(name: str) -> bool:
    path = PurePosixPath(name)
    is_own = any(PurePosixPath(folder) in path.parents for folder in OWN) and ".." not in path.parts
    return name in {SECRETS, LOCAL} or is_own
