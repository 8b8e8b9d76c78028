"""Real slices as their publishers give them: redirected, compressed, in a zip; held against the contract."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from instruments.tools import DATA
from millrace.contract.contract import load_contract
from producer.files.file_check import CheckedFile, check_file
from producer.files.spool import spool
from producer.live.fetch import Fetch
from producer.live.http_client import Validators, open_client
from producer.live.publishers import load_publisher
from tests.unit.producer.live.publisher_server import Publisher, Reply, serving


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with serving() as server:
        yield server


def real(name: str) -> bytes:
    file = DATA / name
    if not file.is_file():
        pytest.skip(f"the real file ../shared/data/{name} is not here")
    return file.read_bytes()


def fetched(feed: str, publisher: Publisher, folder: Path) -> CheckedFile:
    known = load_publisher(feed)
    with open_client() as client:
        found = Fetch(client, known, feed, folder, publisher.base).file(known.wanted()[0], Validators())
    assert found is not None
    return check_file(load_contract(feed), spool(found.path, folder / "spool"))


def test_the_hospitals_daily_file_behind_its_lasting_address(publisher: Publisher, tmp_path: Path) -> None:
    name = "donnees-hospitalieres-covid19-2020-04-23-19h00.csv"
    content = real(f"hospital/{name}")
    lasting = load_publisher("hospital").files[0].url
    publisher.answers(lasting, Reply(b"", 302, {"Location": f"{{base}}/static.data.gouv.fr/resources/{name}"}))
    publisher.answers(f"static.data.gouv.fr/resources/{name}", Reply(content, packed=True))
    found = fetched("hospital", publisher, tmp_path)
    assert (found.spooled.name, found.records, found.unreadable) == (name, 11_214, 0)
    assert found.given["@published"] == "2020-04-23"


def test_an_insurance_file_out_of_its_zip(publisher: Publisher, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Network_PUF.csv", real("insurance/Network_kaggle_2014_2016.csv"))
        archive.writestr("Network_DataDictionary.pdf", b"%PDF")
    publisher.answers(load_publisher("insurance_network").files[0].url, Reply(packed.getvalue()))
    found = fetched("insurance_network", publisher, tmp_path)
    assert (found.spooled.name, found.records) == ("insurance_network-2016.csv", 3_822)
