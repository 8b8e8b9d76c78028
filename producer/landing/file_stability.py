"""Whether somebody is still writing a file."""

import errno
import fcntl
import os
import signal
import time
from typing import NamedTuple

QUIET_SECONDS = 5.0
"""Where the kernel cannot say, a file that nobody has changed for so long counts as finished."""
NOT_HERE = {errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS}


class Stamp(NamedTuple):
    """What changes when a file is written to."""

    inode: int
    size: int
    changed_ns: int


def stamp(descriptor: int) -> Stamp:
    """The open file's stamp."""
    found = os.fstat(descriptor)
    return Stamp(found.st_ino, found.st_size, found.st_mtime_ns)


def is_finished(descriptor: int) -> bool:
    """Whether nobody has the open file open for writing.

    A read lease tells: the kernel grants none while there is a writer. It is given back at once, so no writer waits for
    us. Needs CAP_LEASE for other users' files, and a file system that knows leases; else the file must be quiet.
    """
    try:
        _with_lease(descriptor)
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EWOULDBLOCK}:
            return False
        if error.errno in NOT_HERE:
            return _is_quiet(descriptor)
        raise
    return True


def _with_lease(descriptor: int) -> None:
    # A writer that comes while we hold it would send us this signal, whose default is to end the process.
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    finally:
        signal.signal(signal.SIGIO, before)


def _is_quiet(descriptor: int) -> bool:
    age = time.time() - stamp(descriptor).changed_ns / 1e9
    return not 0 <= age < QUIET_SECONDS


def changed_ns(entry: os.DirEntry[str]) -> int:
    """When it was last written to; 0 where it has gone."""
    try:
        return entry.stat(follow_symlinks=False).st_mtime_ns
    except FileNotFoundError:
        return 0
