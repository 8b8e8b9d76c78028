"""Who is not known to Kafka is told so at once, and is not taken for somebody whom it does not answer."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, SaslAuthenticationFailedError, TopicAuthorizationFailedError
from kafka.future import Future
from kafka.net.manager import KafkaConnectionManager

from millrace.kafka import connection
from millrace.kafka.connection import refusal


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
    assert refusal("k:1", KafkaConnectionError("lost")) is None
