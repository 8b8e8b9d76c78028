"""What machines say of themselves: read over the network, warned of in time, told in sentences."""

import socket
from collections.abc import Callable
from threading import Thread

import pytest

from lab.commands.status import machine_row
from lab.observe.machines import Facts, MachineStatus, knock, machine_problems, machine_warnings, read_facts
from lab.screen.output import BAD, OK, WARN

ANSWER = (
    b'{"now": 4102444800.5, "disk_used": 4000000000, "disk_size": 20000000000,'
    b' "memory_used": 900, "memory_size": 1000, "failed": ["a.service"], "stopped": ["b.timer"]}\n'
)


def machine(disk: int = 40, memory: int = 40, clock: float = 0.1, up: bool = True) -> MachineStatus:
    facts = Facts(disk * 10**8, 10**10, memory * 10**7, 10**9, clock, [], [])
    return MachineStatus("kafka", "192.168.33.13", up, facts if up else None)


@pytest.fixture
def port(request: pytest.FixtureRequest) -> int:
    """The port of a machine that tells these bytes to the first who connects, as systemd lets it."""
    server = socket.create_server(("127.0.0.1", 0))
    request.addfinalizer(server.close)

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(request.param)

    Thread(target=answer, daemon=True).start()
    return int(server.getsockname()[1])


@pytest.mark.parametrize("port", [ANSWER], indirect=True)
def test_a_machine_tells_its_facts(port: int) -> None:
    found = read_facts(knock("127.0.0.1", port))
    assert found is not None
    assert (found.disk_share, found.memory_share) == (0.2, 0.9)
    assert (found.failed, found.stopped) == (["a.service"], ["b.timer"])
    assert found.clock_ahead > 10**9, "the year 2100 is ahead of us"


@pytest.mark.parametrize(
    "port",
    [b"", b"no json", b'{"now": 1}', b"[1]", ANSWER.replace(b"1000", b"0"), b"x" * 100_000],
    indirect=True,
    ids=["nothing", "text", "less", "a list", "no memory", "no end"],
)
def test_what_a_machine_cannot_have_told_is_unknown(port: int) -> None:
    assert read_facts(knock("127.0.0.1", port)) is None


def test_a_machine_without_facts_is_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert read_facts(knock("127.0.0.1", port)) is None


@pytest.mark.parametrize(
    ("seen", "warned", "wrong"),
    [
        (machine(), None, None),
        (machine(disk=79, memory=79, clock=-2.0), None, None),
        (machine(disk=80), "the disk of machine kafka is 80% full", None),
        (machine(disk=95), None, "the disk of machine kafka is 95% full"),
        (machine(memory=80), "80% of machine kafka's memory is in use", None),
        (machine(clock=-2.1), "the clock of machine kafka is -2.1 s off this one's", None),
        (machine(up=False), None, "machine kafka does not answer at 192.168.33.13: make up"),
    ],
)
def test_what_fills_is_warned_of_and_what_is_full_is_wrong(
    seen: MachineStatus, warned: str | None, wrong: str | None
) -> None:
    def begins(found: Callable[[list[MachineStatus]], object], expected: str | None) -> bool:
        sentences = list(found([seen]))  # type: ignore[call-overload]
        return [one.startswith(expected or "") for one in sentences] == ([True] if expected else [])

    assert begins(machine_warnings, warned)
    assert begins(machine_problems, wrong)
    mark = BAD if wrong else WARN if warned else OK
    assert machine_row(seen)[0] is mark


def test_a_machines_line() -> None:
    assert machine_row(machine(disk=61, clock=-0.04))[1:] == [
        "kafka",
        "192.168.33.13",
        "61% of 10.0 GB",
        "40% of 1.0 GB",
        "-0.0 s",
    ]
    assert machine_row(machine(up=False))[1:] == ["kafka", "192.168.33.13", None, None, None]


def test_a_unit_that_has_failed_is_wrong() -> None:
    """A job that is ended every time it runs leaves its records where they are."""
    facts = Facts(1, 10, 1, 10, 0.0, ["millrace-batch-lake.service"], ["b.timer"])
    found = list(machine_problems([MachineStatus("spark", "192.168.33.12", True, facts)]))
    assert found == ["millrace-batch-lake.service has failed on machine spark: make logs MACHINE=spark"]


def test_a_machine_that_refuses_is_there_and_one_that_is_silent_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
        found = knock("127.0.0.1", port)
        assert found.up and found.connection
        found.connection.close()
    assert knock("127.0.0.1", port).up, "it refuses now"

    def silent(*_: object, **__: object) -> socket.socket:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)
    assert not knock("127.0.0.1", port).up
