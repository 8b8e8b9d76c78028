"""A large file over HTTP into the spool: taken up where it broke off, checked to be whole, then in place at once.

What arrives is kept as it was sent (compressed where the publisher compresses), so that an interrupted download can go
on with the bytes that are missing. A version is known by the publisher's validators; parts of two are never joined.
"""

import errno
import json
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from email.message import Message
from hashlib import sha256
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import httpx

from millrace.errors import Refused
from millrace.whole_file import RESERVE
from producer.live.errors import Trouble, disk_nearly_full, of_status
from producer.live.http_client import Validators, answering, patiently

ATTEMPTS = 6
LONGEST_WAIT = 120.0

Progress = Callable[[int, int | None], None]
"""Called with (bytes here, bytes in all where the publisher says)."""


@dataclass(frozen=True)
class Downloaded:
    """A whole file as it was sent: compressed by `encoding`, called `name` by the publisher."""

    path: Path
    name: str
    encoding: str
    validators: Validators


@dataclass(frozen=True)
class _Part:
    """What is known of a file that is not whole yet."""

    etag: str = ""
    last_modified: str = ""
    encoding: str = ""

    @property
    def may_go_on(self) -> bool:
        """Whether the publisher can tell us that the rest belongs to what is here. A weak ETag cannot."""
        return bool((self.etag and not self.etag.startswith("W/")) or (self.last_modified and not self.etag))

    @property
    def version(self) -> str:
        return self.etag or self.last_modified


@dataclass
class Download:
    """One address on its way into a folder."""

    client: httpx.Client
    url: str
    page: str
    folder: Path
    most_bytes: int
    progress: Progress = lambda _here, _all: None
    sleep: Callable[[float], None] = time.sleep
    on_wait: Callable[[Trouble, float], None] = lambda _trouble, _seconds: None

    def __post_init__(self) -> None:
        digest = sha256(self.url.encode()).hexdigest()[:16]
        self._partial = self.folder / f".{digest}.partial"
        self._part_file = self.folder / f".{digest}.json"

    def run(self, known: Validators) -> Downloaded | None:
        """The whole file; None where the publisher has nothing newer than `known`. Trouble where it cannot be had."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return patiently(
                lambda: self._once(known),
                attempts=ATTEMPTS,
                longest_wait=LONGEST_WAIT,
                sleep=self.sleep,
                on_wait=self.on_wait,
            )
        except OSError as error:
            if error.errno == errno.ENOSPC:
                self._discard()
            raise Refused(f"{self.folder} takes no more: {error.strerror}.") from None

    def _once(self, known: Validators) -> Downloaded | None:
        part, size = self._part()
        headers = {"Range": f"bytes={size}-", "If-Range": part.version} if size else known.asking
        with answering(self.client, self.url, headers=headers) as response:
            if response.status_code == httpx.codes.NOT_MODIFIED:
                return None
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                self._discard()
                raise Trouble(
                    "failing", f"{response.url.host} has another version by now; it is fetched from its start."
                )
            if response.status_code not in {httpx.codes.OK, httpx.codes.PARTIAL_CONTENT}:
                raise of_status(response, self.page)
            return self._receive(response, self._start(response, size))

    def _part(self) -> tuple[_Part, int]:
        """What an earlier try left, and its size; nothing where it cannot be gone on with."""
        try:
            part = _Part(**json.loads(self._part_file.read_text(encoding="utf-8")))
            size = self._partial.stat().st_size
        except (OSError, ValueError, TypeError):
            return _Part(), 0
        return (part, size) if part.may_go_on else (_Part(), 0)

    def _start(self, response: httpx.Response, size: int) -> int:
        """Where in the file this response begins. A whole one begins at 0, whatever is here already."""
        if response.status_code == httpx.codes.OK:
            self._begin(response)
            return 0
        content_range = response.headers.get("Content-Range", "")
        if not content_range.startswith(f"bytes {size}-"):
            self._discard()
            raise Trouble("failing", f"{response.url.host} sends another part than was asked for ({content_range!r}).")
        return size

    def _begin(self, response: httpx.Response) -> None:
        encoding = response.headers.get("Content-Encoding", "").strip().lower().replace("identity", "")
        if encoding not in {"", "gzip", "x-gzip"}:
            raise Trouble("wrong", f"{response.url.host} compresses by {encoding}, which was not asked for.")
        seen = Validators.of(response.headers)
        self._discard()
        self._part_file.write_text(json.dumps(asdict(_Part(seen.etag, seen.last_modified, encoding))), encoding="utf-8")

    def _receive(self, response: httpx.Response, start: int) -> Downloaded:
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdecimal() else None
        self._refuse_too_large(response, total or 0)
        here = start
        with self._partial.open("ab") as file:
            # In the pieces that come: a fixed size would lose the last one where the answer breaks off.
            for piece in response.iter_raw():
                here += file.write(piece)
                self._refuse_too_large(response, here)
                self.progress(here, total)
            file.flush()
            os.fsync(file.fileno())
        if total is not None and here != total:
            raise Trouble("failing", f"{response.url.host} broke off after {here:,} of {total:,} bytes.")
        return self._whole(response)

    def _whole(self, response: httpx.Response) -> Downloaded:
        part = _Part(**json.loads(self._part_file.read_text(encoding="utf-8")))
        self._part_file.unlink()
        path = self._partial.replace(self._partial.with_suffix(".whole"))
        return Downloaded(path, publishers_name(response), part.encoding, Validators(part.etag, part.last_modified))

    def _refuse_too_large(self, response: httpx.Response, size: int) -> None:
        if size > self.most_bytes:
            self._discard()
            most = f"{self.most_bytes / 1e6:,.0f} MB"
            raise Trouble("wrong", f"{response.url.host} sends more than {most}, which is most_mb of this file.")
        if size and shutil.disk_usage(self.folder).free < RESERVE:
            self._discard()
            raise disk_nearly_full(self.folder)

    def _discard(self) -> None:
        for file in (self._partial, self._part_file):
            with suppress(FileNotFoundError):
                file.unlink()


def publishers_name(response: httpx.Response) -> str:
    """What the publisher calls the file: Content-Disposition, else the end of the address it lies at. May be empty."""
    header = Message()
    header["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    return PurePosixPath(unquote(header.get_filename() or response.url.path)).name
