"""The archive: a tar of a manifest and parts, each with its digest. It holds passwords: its owner alone may read it."""

import io
import tarfile
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from lab.location import CHECKOUT
from lab.sentences import backup as sentences
from millrace.errors import Refused
from millrace.whole_file import whole_file
from sql.migrate import revisions

FORMAT = 2
MANIFEST = "manifest.json"
PRIVATE = 0o600
HOST, KAFKA, MYSQL, LATER = "host.tar", "kafka.tar.gz", "mysql.sql.gz", "later-journal.sqlite"
PARTS = (HOST, KAFKA, MYSQL, LATER)
SINCE = {LATER: 2}
"""The format that brought a part; an older archive is taken without it."""


class DamagedError(ValueError):
    """What is wrong with an archive, as the inner part of a sentence."""


@dataclass(frozen=True)
class Manifest:
    """What an archive is.

    `migration`: the newest of its schema; `topics`: by feed, the id of the topic that was loaded; `unread`: by feed,
    records in Kafka that were not loaded; `on`: feeds that are switched on; `digests`: SHA-256 by part.
    """

    made_at: str
    release: str
    migration: str
    records: int
    on: list[str]
    topics: dict[str, str]
    unread: dict[str, int]
    digests: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def parts(self) -> tuple[str, ...]:
        """Those that it has."""
        return tuple(name for name in PARTS if SINCE.get(name, 1) <= self.format)

    def version(self) -> str:
        """As it is told to people."""
        return f"{self.release}, schema {self.migration}, archive {self.format}"


def release() -> str:
    """This checkout's."""
    project: str = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return project


def digest_of(file: Path) -> str:
    """SHA-256, as hexadecimal digits."""
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def pack(target: Path, manifest: Manifest, parts: Path) -> None:
    """Write the archive of the parts in that folder; there is a whole one under that name or none."""
    digests = {name: digest_of(parts / name) for name in PARTS}
    head = orjson.dumps({**asdict(manifest), "digests": digests}, option=orjson.OPT_INDENT_2)
    with whole_file(target, synced=True) as unfinished:
        unfinished.touch(mode=PRIVATE)
        with tarfile.open(unfinished, mode="w") as tar:
            add(tar, MANIFEST, head)
            for name in PARTS:
                tar.add(parts / name, arcname=name, filter=_as_ours)


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    """A file of that content, for its owner alone."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), PRIVATE
    tar.addfile(entry, io.BytesIO(content))


def unpack(file: Path, folder: Path) -> Manifest:
    """Its parts into the folder; Refused where it is damaged, or of a newer release than this checkout."""
    try:
        with tarfile.open(file, "r:") as tar:
            manifest = _manifest(tar)
            _refuse_newer(file, manifest)
            for name in manifest.parts:
                _write(_member(tar, name), folder / name)
        _check_digests(manifest, folder)
    except (tarfile.TarError, EOFError, DamagedError) as damaged:
        raise Refused(sentences.DAMAGED.format(file=file, why=str(damaged) or "it ends too early")) from None
    except OSError as failed:
        raise Refused(sentences.UNREADABLE.format(file=file, why=failed.strerror or failed)) from None
    return manifest


def _check_digests(manifest: Manifest, folder: Path) -> None:
    for name in manifest.parts:
        if digest_of(folder / name) != manifest.digests.get(name):
            raise DamagedError(f"{name} has another digest than the manifest says")


def _manifest(tar: tarfile.TarFile) -> Manifest:
    known: Any = None
    try:
        known = orjson.loads(_member(tar, MANIFEST).read())
        return Manifest(**known)
    except (orjson.JSONDecodeError, TypeError):
        # A later format may have other keys: what it says of its format counts then.
        if isinstance(known, Mapping) and isinstance(of := known.get("format"), int) and of > FORMAT:
            made_at, release_, migration = (str(known.get(name, "?")) for name in ("made_at", "release", "migration"))
            return Manifest(made_at, release_, migration, 0, [], {}, {}, format=of)
        raise DamagedError("its manifest cannot be read") from None


def _refuse_newer(file: Path, manifest: Manifest) -> None:
    ours = Manifest("", release(), max(revisions()), 0, [], {}, {})
    is_newer = (manifest.format, _numbers(manifest.release)) > (FORMAT, _numbers(ours.release))
    if is_newer or manifest.format > FORMAT or manifest.migration > ours.migration:
        raise Refused(sentences.NEWER.format(file=file, theirs=manifest.version(), ours=ours.version()))


def _numbers(of_release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in of_release.split(".") if part.isdigit())


def _member(tar: tarfile.TarFile, name: str) -> BinaryIO:
    try:
        found = tar.extractfile(name)
    except KeyError:
        found = None
    if found is None:
        raise DamagedError(f"it has no {name}")
    return found  # type: ignore[return-value]


def _write(content: BinaryIO, target: Path) -> None:
    with target.open("wb") as out:
        while chunk := content.read(1 << 20):
            out.write(chunk)


def _as_ours(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.mode, entry.uid, entry.gid, entry.uname, entry.gname = PRIVATE, 0, 0, "", ""
    return entry
