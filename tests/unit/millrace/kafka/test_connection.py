"""Who is not known to Kafka is told so at once, and is not taken for somebody whom it does not answer."""

import asyncio
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.errors import (
    KafkaConnectionError,
    KafkaTimeoutError,
    LeaderNotAvailableError,
    RequestTimedOutError,
    SaslAuthenticationFailedError,
    TopicAuthorizationFailedError,
)
from kafka.future import Future
from kafka.net.manager import KafkaConnectionManager

from millrace.errors import Refused
from millrace.kafka import connection
from millrace.kafka.broker import Broker
from millrace.kafka.connection import Connection, Unanswered, refusal
from millrace.kafka.unpacking import UnpackedTooLargeError
from millrace.kafka_account import KafkaAccount


@pytest.mark.parametrize(
    ("error", "is_kept"), [(SaslAuthenticationFailedError("no"), True), (KafkaConnectionError("lost"), False)]
)
def test_only_an_account_that_is_not_known_is_no_longer_tried(
    error: Exception, is_kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that is away is tried again, as long as its client has time."""

    async def fails(*_: Any, **__: Any) -> None:
        pass

    monkeypatch.setattr(KafkaConnectionManager, "_connect", fails)
    made = connection._Connections.__new__(connection._Connections)
    made._auth_failures = {}
    conn = SimpleNamespace(init_future=Future().failure(error))
    asyncio.run(made._connect(SimpleNamespace(node_id="bootstrap-0"), conn))
    assert made._auth_failures == ({"bootstrap-0": error} if is_kept else {})


def test_what_kafka_refuses_is_said_in_its_words_and_an_unknown_account_in_ours() -> None:
    assert refusal("k:1", SaslAuthenticationFailedError("x")) == (
        "Kafka at k:1 does not know this account or its password; `make up` tells it those of this lab."
    )
    assert refusal("k:1", TopicAuthorizationFailedError("shares")) == (
        "Kafka at k:1 refuses that (TOPIC_AUTHORIZATION_FAILED): shares."
    )
    assert refusal("k:1", UnpackedTooLargeError()) == (
        "Records in Kafka at k:1 unpack to more than 32 MB, which is not read;"
        " `sudo kafka-delete-records.sh` on the kafka machine takes away what stands before an offset."
    )
    assert refusal("k:1", KafkaConnectionError("lost")) is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (KafkaTimeoutError(), Unanswered),
        (RequestTimedOutError(), Unanswered),
        (ConnectionResetError(), Unanswered),
        (LeaderNotAvailableError(), Refused),
        (TopicAuthorizationFailedError("shares"), Refused),
        (UnpackedTooLargeError(), Refused),
    ],
)
def test_a_kafka_that_says_something_is_not_silent(error: Exception, kind: type[Refused]) -> None:
    made = Connection(KafkaAccount(address="127.0.0.1:1"))
    made._client = SimpleNamespace(close=lambda: None)
    with pytest.raises(Refused) as raised, made.asking():
        raise error
    assert raised.type is kind


def signed_by_itself(folder: Path, name: str) -> Path:
    """A file with a key and a certificate for 127.0.0.1, of an authority that nobody else has."""
    file = folder / f"{name}.pem"
    made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "-", "-out", "-"]
    subject = ["-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"]
    done = subprocess.run(["openssl", "req", "-x509", *made, *subject], check=True, capture_output=True, text=True)
    file.write_text(done.stdout)
    return file


@pytest.fixture
def encrypting(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Where somebody speaks TLS and says nothing, and his certificate."""
    own = signed_by_itself(tmp_path, "own")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    heard = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.is_set():
            try:
                heard.accept()[0].close()
            except OSError:
                continue

    serving = threading.Thread(target=serve)
    serving.start()
    yield f"127.0.0.1:{heard.getsockname()[1]}", own
    stopped.set()
    with socket.create_connection(heard.getsockname()):
        pass
    serving.join()
    heard.close()


def test_who_has_another_certificate_is_not_spoken_to_and_not_called_silent(
    encrypting: tuple[str, Path], tmp_path: Path
) -> None:
    address, own = encrypting
    for ca, said in ((signed_by_itself(tmp_path, "other"), "is not this lab's Kafka"), (own, "does not answer")):
        with pytest.raises(Refused, match=f"{address} {said}"):
            Broker(KafkaAccount(address=address, ca=ca), timeout_ms=2_000).topics()
