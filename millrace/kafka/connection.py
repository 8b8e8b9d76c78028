"""How every client of Kafka's is made, and what is said when Kafka does not answer one, or refuses it."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from kafka import KafkaAdminClient
from kafka.errors import (
    AuthorizationError,
    BrokerResponseError,
    KafkaConnectionError,
    KafkaError,
    RequestTimedOutError,
    SaslAuthenticationFailedError,
)
from kafka.net.compat import KafkaNetClient
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from millrace.errors import Refused, disk_full, has_no_room
from millrace.kafka.unpacking import MOST, UnpackedTooLargeError, bound_unpacking
from millrace.kafka_account import KafkaAccount
from millrace.keepalive import socket_options

Client = TypeVar("Client")
KAFKA_DATA = Path("/var/lib/kafka")
"""Where the broker keeps topics, on its machine: `kafka_data` of its role."""
SOCKET_OPTIONS = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), *socket_options()]
"""Of every client; a setting of kafka-python's."""


class StrangeBrokerError(AuthorizationError):  # type: ignore[misc]
    """Who answers has no certificate of this lab; of a kind with which kafka-python gives up."""


class _Connections(KafkaConnectionManager):  # type: ignore[misc]
    """Knows when Kafka does not know an account or is another lab's; kafka-python 3.0.12 tries until its time is up."""

    async def _build_transport(self, node: Any, timeout_at: float | None = None) -> Any:
        try:
            return await super()._build_transport(node, timeout_at=timeout_at)
        except KafkaConnectionError as error:
            if isinstance(error.__context__, ssl.SSLCertVerificationError):
                raise StrangeBrokerError(error.__context__.verify_message) from error
            raise

    async def _connect(self, node: Any, conn: Any, **how: Any) -> None:
        await super()._connect(node, conn, **how)
        made = conn.init_future
        if made.failed() and isinstance(made.exception, SaslAuthenticationFailedError):
            self._auth_failures[node.node_id] = made.exception


class _NetClient(KafkaNetClient):  # type: ignore[misc]
    """What clients of kafka-python's speak through."""

    def __init__(self, **settings: Any) -> None:
        net = NetworkSelector(**settings)
        super().__init__(net, _Connections(net, **settings))


def made_whole(kind: type[Client], account: KafkaAccount, **settings: Any) -> Client:
    """A client of kafka-python's that is connected as that account; raises what its constructor does.

    What it reads is unpacked within bounds. Where the constructor fails kafka-python leaves the client's thread and
    sockets behind, for ever.
    """
    bound_unpacking()
    client = kind.__new__(kind)
    try:
        client.__init__(  # type: ignore[misc]
            **account.client(), socket_options=SOCKET_OPTIONS, kafka_client=_NetClient, **settings
        )
    except BaseException:
        if inner := getattr(client, "_client", None):
            inner.close()
        raise
    return client


class Unanswered(Refused):
    """Kafka has not answered in time."""


class Connection:
    """An administrator's connection to one broker. Every failure is a Refused sentence that names its address."""

    def __init__(self, account: KafkaAccount, timeout_ms: int = 10_000) -> None:
        self.address = account.address
        self._account, self._timeout_ms = account, timeout_ms
        self._client: KafkaAdminClient | None = None

    def close(self) -> None:
        """Close the connection; the next question opens it again."""
        if self._client:
            self._client.close()
        self._client = None

    @contextmanager
    def asking(self) -> Iterator[KafkaAdminClient]:
        """The client to ask with, connected."""
        try:
            if self._client is None:
                self._client = made_whole(
                    KafkaAdminClient,
                    self._account,
                    request_timeout_ms=self._timeout_ms,
                    bootstrap_timeout_ms=self._timeout_ms,
                )
            yield self._client
        except (KafkaError, OSError) as error:
            self.close()
            raise _kind(error)(failure(self.address, error)) from None


def failure(address: str, error: Exception) -> str:
    """The sentence for a question that has failed: what Kafka has refused, or why it does not answer."""
    silent = f"Kafka at {address} does not answer ({type(error).__name__}); see `make status`, then try again."
    return refusal(address, error) or kafka_disk_full() or silent


def _kind(error: Exception) -> type[Refused]:
    """Whether Kafka has said something at all; that its time is up kafka-python says itself."""
    said = isinstance(error, BrokerResponseError | UnpackedTooLargeError)
    return Refused if said and not isinstance(error, RequestTimedOutError) else Unanswered


def refusal(address: str, error: Exception) -> str | None:
    """The sentence for what Kafka has refused; None where the error is no answer, or one that soon may be another."""
    if isinstance(error, SaslAuthenticationFailedError):
        return f"Kafka at {address} does not know this account or its password; `make up` tells it those of this lab."
    if isinstance(error, StrangeBrokerError):
        return (
            f"Who answers at {address} is not this lab's Kafka: its certificate is not of this lab's authority"
            f" ({error.args[0]}). `make up` gives Kafka its own."
        )
    if isinstance(error, UnpackedTooLargeError):
        return (
            f"Records in Kafka at {address} unpack to more than {MOST >> 20} MB, which is not read;"
            " `sudo kafka-delete-records.sh` on the kafka machine takes away what stands before an offset."
        )
    if not isinstance(error, BrokerResponseError) or error.retriable:
        return None
    parts = [str(part) for part in error.args if part] or [str(error.description)]
    return f"Kafka at {address} refuses that ({error.message}): {parts[0].rstrip('.')}."


def kafka_disk_full() -> str | None:
    """Why Kafka does not answer, where this machine is its own and the disk is full: it ends then, and cannot start."""
    return disk_full("kafka") if has_no_room(KAFKA_DATA) else None
