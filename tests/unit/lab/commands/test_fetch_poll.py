"""`fetch` and `poll` as a person sees them, with a publisher on loopback and nothing of the lab."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest

from lab.commands import fetch, poll
from lab.location import CHECKOUT
from lab.operate import first_data
from millrace.contract.contract import Contract, load_contract
from millrace.errors import Refused
from millrace.record.identity import file_source
from millrace.settings import Settings
from producer.files.send_file import send_spooled
from producer.files.spool import spool
from producer.kafka.journal import Entry, Journal
from producer.live import download
from tests.unit.producer.live.publisher_server import Publisher, Reply, serving
from tests.unit.producer.memory_kafka import MemoryKafka

NETWORKS = "https://download.cms.gov/marketplace-puf/2016/network-puf.zip"


@dataclass
class Sent:
    """What was sent instead of to Kafka."""

    files: list[tuple[str, bytes, str]] = field(default_factory=list)
    refuses: str = ""

    def __call__(self, _contract: Contract, file: Path, again: str) -> None:
        if self.refuses:
            raise Refused(self.refuses)
        self.files.append((file.name, file.read_bytes(), again))

    def knows(self, _settings: Settings, _feed: str, file: Path) -> bool:
        return any(content == file.read_bytes() for _, content, _ in self.files)


class Kafka:
    """A broker that has every topic."""

    def __init__(self, _address: str) -> None:
        pass

    def topic_uuid(self, _topic: str) -> str:
        return "uuid"


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Publisher]:
    with serving() as server:
        monkeypatch.setenv("MILLRACE_PUBLISHERS", server.base)
        monkeypatch.setenv("MILLRACE_STATE_DIR", str(tmp_path))
        monkeypatch.setattr(fetch, "is_host", lambda: False)
        monkeypatch.setattr(fetch, "Broker", Kafka)
        monkeypatch.setattr(download, "ATTEMPTS", 1)
        yield server


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    desk = Sent()
    monkeypatch.setattr(fetch, "send_from_here", desk)
    monkeypatch.setattr(fetch, "is_sent", desk.knows)
    return desk


def test_what_is_fetched_is_sent_once(publisher: Publisher, sent: Sent, capsys: pytest.CaptureFixture[str]) -> None:
    publisher.answers(NETWORKS, Reply(b"BusinessYear\n2016\n", etag='"one"'))
    fetch.fetch("insurance_network")
    fetch.fetch("insurance_network")
    assert sent.files == [("insurance_network-2016.csv", b"BusinessYear\n2016\n", "replace")]
    assert publisher.asked[-1].headers["If-None-Match"] == '"one"'
    assert capsys.readouterr().out == (
        "Fetching provider networks, plan year 2016: Centers for Medicare & Medicaid Services, "
        "public domain (work of the United States government).\n"
        * 2
        + "insurance_network: nothing new at download.cms.gov since it was last fetched; nothing was sent.\n"
    )


def test_the_same_content_without_a_validator_is_not_sent_again(
    publisher: Publisher, sent: Sent, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher.answers(NETWORKS, Reply(b"BusinessYear\n2016\n"))
    fetch.fetch("insurance_network")
    fetch.fetch("insurance_network")
    assert len(sent.files) == 1
    assert "holds what was sent before; nothing was sent." in capsys.readouterr().out


def test_a_refused_file_is_kept_and_asked_for_again(publisher: Publisher, sent: Sent, tmp_path: Path) -> None:
    publisher.answers(NETWORKS, Reply(b"Other\n1\n", etag='"one"'))
    sent.refuses = "The column BusinessYear is missing."
    with pytest.raises(Refused, match=r"is missing\. The fetched file is kept as .*refused-insurance_network-2016.csv"):
        fetch.fetch("insurance_network")
    assert (tmp_path / "live/insurance_network/refused-insurance_network-2016.csv").read_bytes() == b"Other\n1\n"
    sent.refuses = ""
    fetch.fetch("insurance_network")
    assert len(sent.files) == 1, "what did not go through is not taken for known"


def test_without_internet_the_sentence_says_what_goes_on(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILLRACE_PUBLISHERS", "http://127.0.0.1:9")
    with pytest.raises(Refused) as caught:
        fetch.fetch("insurance_rate")
    assert str(caught.value) == (
        "127.0.0.1:9 cannot be reached (no connection): is there Internet? "
        "Meanwhile the simulator of insurance_rate goes on."
    )


def test_a_year_is_asked_for_by_name(publisher: Publisher, sent: Sent) -> None:
    publisher.answers("https://download.cms.gov/marketplace-puf/2014/network-puf.zip", Reply(b"A\n1\n"))
    fetch.fetch("insurance_network", only="2014")
    assert sent.files[0][0] == "insurance_network-2014.csv"


def test_a_feed_that_gives_files_is_not_polled() -> None:
    with pytest.raises(Refused, match="no live source to ask"):
        poll.poll("insurance_rate")


def test_content_is_known_by_the_identity_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kafka, file, feed = MemoryKafka(Journal(":memory:"), uuid="uuid"), tmp_path / "x.csv", "insurance_rate"
    monkeypatch.setattr(first_data, "kafka_outlet", lambda _settings: kafka.outlet)
    file.write_bytes(b"a\n1\n")
    assert not first_data.is_sent(Settings(), feed, file)
    digest = sha256(b"a\n1\n").hexdigest()
    source = file_source(feed, digest)
    kafka.journal.put(Entry(source, feed, "x.csv", digest, "uuid", 1, "sent"))
    assert first_data.is_sent(Settings(), feed, file)


def test_content_that_kafka_has_lost_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kafka, file, feed = MemoryKafka(Journal(":memory:")), tmp_path / "x.csv", "insurance_network"
    monkeypatch.setattr(first_data, "kafka_outlet", lambda _settings: kafka.outlet)
    file.write_bytes(next((CHECKOUT / "feeds" / feed).glob("sample.csv")).read_bytes())
    send_spooled(load_contract(feed), spool(file, tmp_path / "spool"), kafka.outlet)
    assert first_data.is_sent(Settings(), feed, file)
    kafka.lose(feed, 0, 1)
    assert not first_data.is_sent(Settings(), feed, file)
