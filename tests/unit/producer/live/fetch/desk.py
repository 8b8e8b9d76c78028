"""One publisher's file, as it is published and as it is fetched."""

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from millrace.errors import Refused
from producer.live import publishers
from producer.live.fetch import Fetch, Fetched
from producer.live.http_client import Validators
from producer.live.publishers import RemoteFile
from tests.unit.producer.live.publisher_server import Publisher

URL = "https://data.example/files/Daily-2026-11-23.csv"
CONTENT = b"dep;jour;hosp\r\n" + b"".join(b"%02d;2026-11-23;%d\r\n" % (n % 95, n) for n in range(20_000))
NOTHING = Validators()


def remote(url: str = URL, **changes: object) -> RemoteFile:
    given = {"name": "daily", "what": "daily figures", "url": url, "format": "csv", "most_mb": 2}
    return RemoteFile.model_validate(given | changes)


PUBLISHER = publishers.Publisher(
    publisher="Somebody", page="https://data.example/about", licence="free", files=(remote(),)
)


@dataclass
class Desk:
    """A fetch of one publisher's files into a temporary folder."""

    folder: Path
    publisher: Publisher
    client: httpx.Client
    slept: list[float] = field(default_factory=list)
    seen: list[tuple[int, int | None]] = field(default_factory=list)

    def fetch(self, of: RemoteFile | None = None, known: Validators = NOTHING) -> Fetched | None:
        progress = lambda here, total: self.seen.append((here, total))  # noqa: E731
        asking = Fetch(
            self.client, PUBLISHER, "hospital", self.folder, self.publisher.base, progress, sleep=self.slept.append
        )
        return asking.file(of or remote(), known)

    def fetched(self, of: RemoteFile | None = None) -> Fetched:
        found = self.fetch(of)
        assert found is not None
        return found

    def content(self, of: RemoteFile | None = None) -> bytes:
        found = self.fetched(of)
        assert [path.name for path in self.folder.iterdir()] == [found.path.name], "nothing else is left in the spool"
        return found.path.read_bytes()

    def trouble(self, of: RemoteFile | None = None) -> str:
        with pytest.raises(Refused) as caught:
            self.fetch(of)
        assert not list(self.folder.glob("[!.]*")), "what is no file is not offered as one"
        return str(caught.value)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()
