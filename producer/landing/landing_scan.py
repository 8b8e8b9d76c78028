"""A landing folder: finished files are sent and move to archive/, refused ones to quarantine/ with the reason beside.

A kill at any moment neither loses nor repeats: what the journal knows as sent is only moved, what it knows in part is
sent from there on, and a file leaves the folder last.
"""

import logging
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import orjson

from millrace.errors import Refused
from millrace.lock import in_turn
from millrace.whole_file import write_whole
from producer.files.errors import Unusable
from producer.files.file_format import printable
from producer.files.send_file import SendResult
from producer.files.spool import Spooled
from producer.landing.file_moves import move, own_folder, write_beside
from producer.landing.file_stability import Stamp, changed_ns, is_finished, stamp

log = logging.getLogger(__name__)
ARCHIVE, QUARANTINE, NOTES = "archive", "quarantine", ".notes"
OURS = {ARCHIVE, QUARANTINE}
BEING_WRITTEN = "it is still being written"
Kind = Literal["waits", "trouble"]


class Stays(Exception):  # noqa: N818 - it says what becomes of a file
    """The file stays in the folder for now, and why."""

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Note:
    """Why something stays in the folder: a file that is still written waits, everything else is trouble."""

    name: str
    kind: Kind
    message: str


@dataclass
class Scan:
    """What came of one look at the folder."""

    sent: list[SendResult] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def did_something(self) -> bool:
        return bool(self.sent or self.refused)


@dataclass
class Landing:
    """One feed's folder. `copy` puts an open file into the spool, under the path it has, `send` sends what is there."""

    folder: Path
    copy: Callable[[Path, int], Spooled]
    send: Callable[[Spooled], SendResult]
    is_full: Callable[[], bool] = lambda: False
    """Whether nothing more may be put into quarantine/."""
    _noted: list[Note] | None = None

    def scan(self) -> Scan:
        """Deal with everything that lies in the folder, the oldest first.

        A file that is wrong, or that cannot be copied or moved, never holds up the others. Refused where nothing can be
        sent at all: the rest stays as it is.
        """
        scan = Scan()
        with in_turn(self.folder):
            try:
                for path in self._entries():
                    self._take(path, scan)
            except Refused as refused:
                scan.notes.append(Note("", "trouble", str(refused)))
                raise
            finally:
                self._report(scan.notes)
        return scan

    def notes(self) -> list[Note]:
        """What the last look left in the folder, and why."""
        if self._noted is not None:
            return self._noted
        try:
            file = own_folder(self.folder / QUARANTINE) / NOTES
            return [Note(**note) for note in orjson.loads(file.read_bytes())]
        except (OSError, orjson.JSONDecodeError):
            return []

    def _take(self, path: Path, scan: Scan) -> None:
        try:
            with _opened(path) as descriptor:
                self._take_open(path, descriptor, scan)
        except Stays as stays:
            scan.notes.append(Note(printable(path), stays.kind, str(stays)))
        except FileNotFoundError:
            return
        except OSError as error:
            scan.notes.append(Note(printable(path), "trouble", _why(error)))

    def _take_open(self, path: Path, descriptor: int, scan: Scan) -> None:
        seen = _finished_stamp(descriptor)
        try:
            result = self.send(self._copied(path, descriptor, seen))
        except Unusable as unusable:
            self._refuse(path, unusable.in_folder())
            scan.refused.append(printable(path))
        else:
            scan.sent.append(result)
            state = "archived" if self._archive(path, seen, scan) else "stays"
            log.info("%s: %s, %s", printable(path), _count(result), state)

    def _copied(self, path: Path, descriptor: int, seen: Stamp) -> Spooled:
        """The file in the spool, if nobody touched it meanwhile."""
        try:
            spooled = self.copy(path, descriptor)
        except Unusable:
            raise
        except Refused as refused:
            raise Stays("trouble", str(refused)) from None
        if stamp(descriptor) != seen or not is_finished(descriptor):
            spooled.discard()
            raise Stays("waits", BEING_WRITTEN)
        return spooled

    def _archive(self, path: Path, seen: Stamp, scan: Scan) -> bool:
        try:
            _keep_changed(path, seen)
            move(path, self.folder / ARCHIVE)
        except Stays as stays:
            waits = stays.kind == "waits"
            scan.notes.append(Note(printable(path), "waits", str(stays)) if waits else _unmoved(path, str(stays)))
        except OSError as error:
            scan.notes.append(_unmoved(path, _why(error)))
        else:
            return True
        return False

    def _refuse(self, path: Path, reason: str) -> None:
        """The reason comes first, so that no file in quarantine/ is ever without one."""
        if self.is_full():
            raise Stays(
                "trouble", f"it is refused, and {QUARANTINE}/ is full; look at what is there, and empty it: {reason}"
            )
        try:
            target = move(path, self.folder / QUARANTINE, before=lambda to: write_beside(to, f"{reason}\n"))
        except OSError as error:
            cannot = f"it is refused, but cannot be moved to {QUARANTINE}/ ({_why(error)}): {reason}"
            raise Stays("trouble", cannot) from None
        log.warning("%s is refused and lies in %s: %s", printable(path), target.parent, reason)

    def _entries(self) -> list[Path]:
        """What a person has put here, the oldest first; hidden names belong to programs that are not done yet."""
        found = [
            entry for entry in os.scandir(self.folder) if not entry.name.startswith(".") and entry.name not in OURS
        ]
        return [Path(entry.path) for entry in sorted(found, key=lambda entry: (changed_ns(entry), entry.name))]

    def _report(self, notes: list[Note]) -> None:
        """Keep the notes for `millrace status`; each is logged once."""
        known, self._noted = self.notes(), notes
        for note in notes:
            if note not in known:
                log.log(logging.WARNING if note.kind == "trouble" else logging.INFO, "%s", sentence(note))
        with suppress(OSError):  # a full disk takes no note of itself
            file = own_folder(self.folder / QUARANTINE) / NOTES
            if not notes:
                file.unlink(missing_ok=True)
            elif notes != known:
                write_whole(file, orjson.dumps([vars(note) for note in notes]))


def sentence(note: Note) -> str:
    """A note as people read it."""
    return f"{note.name} stays in the landing folder: {note.message}" if note.name else note.message


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """The file, open for reading; it stays where it is none."""
    found = path.lstat()
    kinds = {stat.S_ISLNK: "a link; put the file itself here", stat.S_ISDIR: "a folder; put single files here"}
    for is_kind, words in kinds.items():
        if is_kind(found.st_mode):
            raise Stays("trouble", f"it is {words}")
    if not stat.S_ISREG(found.st_mode):
        raise Stays("trouble", "it is no file with content; remove it")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except PermissionError:
        raise Stays("trouble", "the user millrace may not read it; `chmod a+r` it") from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _finished_stamp(descriptor: int) -> Stamp:
    """Taken before asking: whoever writes later changes it."""
    seen = stamp(descriptor)
    if not is_finished(descriptor):
        raise Stays("waits", BEING_WRITTEN)
    return seen


def _keep_changed(path: Path, seen: Stamp) -> None:
    with _opened(path) as descriptor:
        if stamp(descriptor) != seen:
            raise Stays("waits", "it was written to after it had been sent")


def _unmoved(path: Path, why: str) -> Note:
    message = f"it is sent, but cannot be moved to {ARCHIVE}/ ({why}); nothing is sent twice"
    return Note(printable(path), "trouble", message)


def _why(error: OSError) -> str:
    return str(error.strerror or error)


def _count(result: SendResult) -> str:
    if not result.sent:
        return f"its {result.records:,} records were sent before"
    return f"{result.sent:,} of {result.records:,} records sent" if result.skipped else f"{result.sent:,} records sent"
