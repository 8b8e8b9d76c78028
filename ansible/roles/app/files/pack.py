"""Packs folders of a checkout into a tar whose bytes depend on their content alone.

Usage: pack.py CHECKOUT FOLDER,FOLDER…    Prints JSON: {"release": <hash>, "code": <hash>, "path": <the tar>}.
The same content gives the same release on every control machine, whatever its clock, umask or file system. `code`
leaves out what a running stream has from MySQL, or needs not: contracts, views, samples and words of feeds.
"""

import hashlib
import io
import json
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

NO_CODE = ("feeds/*/contract.yaml", "feeds/*/views.sql", "feeds/*/sample.*", "feeds/*/README.md")
LEFT_OUT = {"__pycache__", ".DS_Store", ".mypy_cache", ".ruff_cache"}


def files_of(checkout: Path, folders: list[str]) -> Iterator[Path]:
    """Every file to pack, in an order that does not depend on the file system."""
    for folder in sorted(folders):
        found = (path for path in (checkout / folder).rglob("*") if path.is_file())
        yield from sorted(path for path in found if not LEFT_OUT.intersection(path.parts))


def pack(checkout: Path, folders: list[str]) -> bytes:
    """The tar, every file readable by all and executable by none: only Python and data travel."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in files_of(checkout, folders):
            content = path.read_bytes()
            entry = tarfile.TarInfo(path.relative_to(checkout).as_posix())
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def code(checkout: Path, folders: list[str]) -> str:
    """A hash of the files that code is, by name and content."""
    found = hashlib.sha256()
    for path in files_of(checkout, folders):
        name = path.relative_to(checkout)
        if not any(name.match(pattern) for pattern in NO_CODE):
            found.update(f"{name.as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()[:16]


def main() -> None:
    checkout, folders = Path(sys.argv[1]), sys.argv[2].split(",")
    for folder in folders:
        if not (checkout / folder).is_dir():
            sys.exit(f"{checkout / folder} is not there: `vagrant reload` shares a folder that is new.")
    content = pack(checkout, folders)
    release = hashlib.sha256(content).hexdigest()[:16]
    target = Path(tempfile.gettempdir()) / f"millrace-{release}.tar"
    if not target.exists():
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as part:
            part.write(content)
        Path(part.name).replace(target)
    print(json.dumps({"release": release, "code": code(checkout, folders), "path": str(target)}))


if __name__ == "__main__":
    main()
