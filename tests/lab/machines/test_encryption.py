"""`encrypt` of lab.yml: Kafka and Superset speak encrypted only, and as this lab; or both speak plainly."""

from pathlib import Path

import httpx
import pytest

from instruments.tools import wait_until
from lab.host import remote
from lab.observe.access import authority, kafka_account
from lab.observe.services import SUPERSET_PORT
from lab.observe.superset import superset_client
from millrace.errors import Refused
from millrace.kafka.broker import Broker
from millrace.kafka_account import KafkaAccount
from millrace.settings import Lab
from tests.lab.journals import journal, machine_time

SILENT_MS = 5_000
"""For a broker that is known not to answer; where it does, nothing is decided by time."""
LOGIN_PAGE = "/login/"
# Kafka's own tools, told to believe those whom Debian believes, and not the lab's authority.
BY_DEBIANS_AUTHORITIES = """
own=$(mktemp) && trap 'rm $own' EXIT
sed 's|=/etc/millrace/ca.pem$|=/etc/ssl/certs/ca-certificates.crt|' /etc/millrace/client.properties > $own
timeout 60 kafka-topics.sh --command-config $own --list 2>&1 || true
"""


@pytest.fixture
def encrypting(lab: Lab) -> Lab:
    if not lab.encrypts:
        pytest.skip("lab.yml does not say `encrypt: true`")
    return lab


@pytest.fixture
def speaking_plainly(lab: Lab) -> Lab:
    if lab.encrypts:
        pytest.skip("lab.yml says `encrypt: true`")
    return lab


@pytest.fixture
def other_authority(tmp_path: Path) -> Path:
    """One that has signed nothing which this lab's clients speak to: MySQL's own."""
    file = tmp_path / "other.pem"
    file.write_text(remote.run("mysql", ["sudo", "cat", "/var/lib/mysql/ca.pem"]))
    return file


def topics(account: KafkaAccount, timeout_ms: int = 60_000) -> object:
    """What Kafka answers that account; Refused where it does not, or is not spoken to."""
    broker = Broker(account, timeout_ms=timeout_ms)
    try:
        return broker.topics()
    finally:
        broker.close()


def cookie(client: httpx.Client) -> str:
    """How the session's is set by the page for log-ins."""
    with client:
        return client.get(LOGIN_PAGE).raise_for_status().headers["set-cookie"]


def test_who_speaks_plainly_to_kafka_is_refused(encrypting: Lab) -> None:
    person, began = kafka_account("person"), machine_time("kafka")
    assert topics(person)
    with pytest.raises(Refused, match="does not answer"):
        topics(person.model_copy(update={"ca": None}), SILENT_MS)
    wait_until(lambda: "SSL handshake failed" in journal("kafka", "kafka", began), "the broker says so")


def test_another_kafka_is_not_spoken_to(encrypting: Lab, other_authority: Path) -> None:
    """One whose certificate is not of this lab: here by clients that trust another authority."""
    with pytest.raises(Refused, match="is not this lab's Kafka"):
        topics(kafka_account("person").model_copy(update={"ca": other_authority}))
    assert "SSL handshake failed" in remote.run("kafka", BY_DEBIANS_AUTHORITIES, timeout=120)


def test_who_speaks_plainly_to_superset_is_refused(encrypting: Lab) -> None:
    plainly = f"http://{encrypting.address('superset')}:{SUPERSET_PORT}{LOGIN_PAGE}"
    try:
        answer = httpx.get(plainly, timeout=30)
    except httpx.TransportError:
        return
    assert answer.status_code == httpx.codes.BAD_REQUEST


def test_another_superset_is_not_spoken_to(
    encrypting: Lab, other_authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "; Secure" in cookie(superset_client(encrypting, 30))
    monkeypatch.setattr("lab.observe.superset.authority", lambda: other_authority)
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        superset_client(encrypting, 30).get(LOGIN_PAGE)


def test_where_nothing_is_encrypted_both_speak_plainly_and_only_so(speaking_plainly: Lab) -> None:
    person = kafka_account("person")
    assert person.protocol == "SASL_PLAINTEXT" and topics(person)
    with pytest.raises(Refused, match="does not answer"):
        topics(person.model_copy(update={"ca": authority()}), SILENT_MS)
    assert "Secure" not in cookie(superset_client(speaking_plainly, 30))
    with pytest.raises(httpx.TransportError):
        superset_client(speaking_plainly.model_copy(update={"encrypt": True}), 30).get(LOGIN_PAGE)
