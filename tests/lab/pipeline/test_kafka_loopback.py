"""Kafka's listeners on the loopback address of its machine: they let in whom the passwords beside them name."""

import secrets

import pytest
from kafka.errors import SaslAuthenticationFailedError, UnsupportedSaslMechanismError

from instruments.tools import run_python
from lab.observe.access import secret
from millrace.settings import Lab
from tests.lab.journals import machine_time
from tests.lab.pipeline.kafka_acts import unsaid

CONTROLLER, LOOPBACK = ("CONTROLLER", 9093), ("BROKER", 9094)
"""What the broker's journal calls them, and their ports: server.properties.j2."""
PLAIN, SCRAM = "PLAIN", "SCRAM-SHA-512"
LET_IN, UNKNOWN, NOT_SO = 0, SaslAuthenticationFailedError.errno, UnsupportedSaslMechanismError.errno
WRONG = "wrong"
"""Nobody's password."""
# A log-in and nothing else, and the number of the error that it was answered with. Clients ask for more, which a
# controller answers to none: https://kafka.apache.org/43/design/protocol/#protocol_api_keys, of the keys 17 and 36.
LOG_IN = r"""
import json, socket, struct, sys
port, mechanism, user, password = json.load(sys.stdin)

def asked(key, version, body):
    request = struct.pack(">hhih", key, version, 1, -1) + body
    there.sendall(struct.pack(">i", len(request)) + request)
    size, _, error = struct.unpack(">iih", answers.read(10))
    answers.read(size - 6)
    return error

with socket.create_connection(("127.0.0.1", port), timeout=30) as there, there.makefile("rb") as answers:
    name = mechanism.encode()
    error = asked(17, 1, struct.pack(">h", len(name)) + name)
    if not error and mechanism == "PLAIN":
        words = f"\0{user}\0{password}".encode()
        error = asked(36, 0, struct.pack(">i", len(words)) + words)
print(error)
"""


def password(user: str) -> str:
    return secrets.token_hex(16) if user == WRONG else secret(f"kafka_{user}_password")


@pytest.mark.parametrize(
    ("listener", "user", "whose", "answer"),
    [
        (CONTROLLER, "broker", "broker", LET_IN),
        (CONTROLLER, "broker", "person", UNKNOWN),
        (CONTROLLER, "broker", WRONG, UNKNOWN),
        (CONTROLLER, "admin", "admin", UNKNOWN),
        (CONTROLLER, "person", "person", UNKNOWN),
        (LOOPBACK, "broker", "broker", LET_IN),
        (LOOPBACK, "broker", "person", UNKNOWN),
        (LOOPBACK, "admin", "admin", LET_IN),
        (LOOPBACK, "admin", "person", UNKNOWN),
        (LOOPBACK, "admin", WRONG, UNKNOWN),
        (LOOPBACK, "person", "person", UNKNOWN),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_listener_lets_in_whom_its_passwords_name(
    lab: Lab, listener: tuple[str, int], user: str, whose: str, answer: int
) -> None:
    kind, port = listener
    began = machine_time("kafka")
    assert int(run_python("kafka", LOG_IN, [port, PLAIN, user, password(whose)])) == answer
    if answer != LET_IN:
        line = rf"listenerType={kind}, .*Failed authentication with /127\.0\.0\.1 .*Invalid username or password"
        assert unsaid([line], began) == []


@pytest.mark.parametrize("listener", [CONTROLLER, LOOPBACK], ids=lambda listener: listener[0])
def test_a_listener_asks_for_the_passwords_beside_it_alone(lab: Lab, listener: tuple[str, int]) -> None:
    """By SCRAM, which the broker keeps accounts for, people would be let in."""
    assert int(run_python("kafka", LOG_IN, [listener[1], SCRAM, "", ""])) == NOT_SO
