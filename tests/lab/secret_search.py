"""Where secrets stand that do not belong there. Run as root on a machine; standard input: JSON, secrets by their names.

Prints a line `name where` for each find, never a value. It looks into arguments and environments of all processes, the
journal, and what everybody may read. Archives are not opened.
"""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from pwd import getpwuid

ROOTS = ("/etc", "/opt", "/var", "/home", "/srv", "/tmp", "/run", "/vagrant")  # noqa: S108 - looked at, not written to
PACKED = (".deb", ".whl", ".jar", ".tar", ".zst", ".gz", ".xz", ".pyc")
JOURNAL = ["journalctl", "--all", "--no-pager", "--output=export", "--output-fields=MESSAGE,_CMDLINE"]
FILES_AT_ONCE = 2000

Words = dict[str, bytes]


def words(secrets: dict[str, str]) -> Words:
    """What to look for: the secret, of a key its first line. Certificates and the cluster's id are no secrets."""
    public = {name for name in secrets if name.endswith("_certificate")} | {"kafka_cluster_id"}
    lines = {name: value.splitlines() for name, value in secrets.items() if name not in public}
    return {name: (line[1] if line[0].startswith("-----BEGIN") else line[0]).encode() for name, line in lines.items()}


def names_in(data: bytes, sought: Words) -> list[str]:
    return [name for name, word in sought.items() if word in data]


def in_processes(sought: Words) -> Iterator[tuple[str, str]]:
    for process in Path("/proc").glob("[0-9]*"):
        for kind in ("cmdline", "environ"):
            try:
                data, owner = (process / kind).read_bytes(), getpwuid(process.stat().st_uid).pw_name
            except (OSError, KeyError):  # gone, or a kernel's
                continue
            yield from ((name, f"{kind}:{owner}") for name in names_in(data, sought))


def grep(sought: Words, *arguments: str, given: int = subprocess.DEVNULL) -> bytes:
    """What grep prints of the lines or files that have one of the words, which it reads from a pipe."""
    read, write = os.pipe()
    os.write(write, b"\n".join(sought.values()) + b"\n")
    os.close(write)
    command = ["grep", "--text", "--fixed-strings", f"--file=/dev/fd/{read}", *arguments]
    try:
        return subprocess.run(command, stdin=given, stdout=subprocess.PIPE, pass_fds=[read], check=False).stdout
    finally:
        os.close(read)


def in_journal(sought: Words) -> Iterator[tuple[str, str]]:
    with subprocess.Popen(JOURNAL, stdout=subprocess.PIPE) as journal:
        assert journal.stdout is not None
        lines = grep(sought, given=journal.stdout.fileno())
    yield from ((name, "journal") for name in names_in(lines, sought))


def open_files() -> Iterator[str]:
    """Those that everybody may read: the file itself, and each folder on the way to it."""
    for root in ROOTS:
        for folder, folders, files in os.walk(root):
            folders[:] = [name for name in folders if is_open(f"{folder}/{name}", stat.S_IXOTH)]
            paths = (f"{folder}/{name}" for name in files if not name.endswith(PACKED))
            yield from (path for path in paths if is_open(path, stat.S_IROTH))


def is_open(path: str, right: int) -> bool:
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return False
    return (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and bool(mode & right)


def in_open_files(sought: Words) -> Iterator[tuple[str, str]]:
    files = list(open_files())
    for first in range(0, len(files), FILES_AT_ONCE):
        some = files[first : first + FILES_AT_ONCE]
        for path in grep(sought, "--files-with-matches", "--null", "--no-messages", "--", *some).split(b"\0")[:-1]:
            yield from ((name, os.fsdecode(path)) for name in names_in(Path(os.fsdecode(path)).read_bytes(), sought))


def main() -> None:
    sought = words(json.load(sys.stdin))
    finds = {*in_processes(sought), *in_journal(sought), *in_open_files(sought)}
    sys.stdout.writelines(f"{name} {where}\n" for name, where in sorted(finds))


if __name__ == "__main__":
    main()
