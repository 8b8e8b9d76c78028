"""A feed's real data from its publisher, as a file that can be sent."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import httpx

from producer.live.download import Download, Downloaded, Progress
from producer.live.errors import Trouble
from producer.live.http_client import Validators, rebased
from producer.live.publishers import Publisher, RemoteFile
from producer.live.unpack import unpack

MB = 1_000_000


@dataclass(frozen=True)
class Fetched:
    """A file in the spool, under the name it is sent by; `validators` are remembered once all of it is sent."""

    path: Path
    validators: Validators


@dataclass
class Fetch:
    """Fetches the files of one publisher into `folder`."""

    client: httpx.Client
    publisher: Publisher
    feed: str
    folder: Path
    base: str = ""
    progress: Progress = lambda _here, _all: None
    sleep: Callable[[float], None] = time.sleep
    on_wait: Callable[[Trouble, float], None] = lambda _trouble, _seconds: None

    def file(self, remote: RemoteFile, known: Validators) -> Fetched | None:
        """The file, unpacked; None where it has not changed since `known`. What comes damaged is fetched once more."""
        found = self._download(remote).run(known)
        try:
            return self._unpacked(remote, found) if found else None
        except Trouble as trouble:
            if trouble.kind != "failing":
                raise
        found = self._download(remote).run(known)
        return self._unpacked(remote, found) if found else None

    def _download(self, remote: RemoteFile) -> Download:
        url, most = rebased(remote.url, self.base), remote.most_mb * MB
        return Download(
            self.client, url, self.publisher.page, self.folder, most, self.progress, self.sleep, self.on_wait
        )

    def _unpacked(self, remote: RemoteFile, found: Downloaded) -> Fetched:
        target = self.folder / file_name(self.feed, remote, found.name)
        most = remote.most_mb * MB
        unpack(found.path, target, encoding=found.encoding, member=remote.member, most_bytes=most)
        if target.stat().st_size == 0:
            target.unlink()
            raise Trouble("wrong", f"The publisher's file {target.name} is empty; see {self.publisher.page}.")
        return Fetched(target, found.validators)


def file_name(feed: str, remote: RemoteFile, publishers: str) -> str:
    """The name a file is sent by: as publisher.yaml says, else the publisher's own where it tells the format."""
    ending = f".{remote.format}"
    if remote.saved_as:
        return remote.saved_as
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", PurePosixPath(publishers).name).removesuffix(".gz").strip("-.")
    return name[-100:] if name.lower().endswith(ending) else f"{feed}-{remote.name}{ending}"
