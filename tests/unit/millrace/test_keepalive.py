"""Every connection to MySQL and Kafka is given up where the other side's kernel is silent."""

import re
import socket
import sys
from contextlib import closing

import pytest

from millrace.keepalive import BETWEEN_SECONDS, IDLE_SECONDS, PROBES, SILENT_SECONDS, socket_options
from millrace.lab_files import CHECKOUT

ROLES = CHECKOUT / "ansible" / "roles"


def test_the_system_takes_the_options() -> None:
    with closing(socket.socket()) as made:
        for option in socket_options():
            made.setsockopt(*option)
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_an_idle_connection_is_given_up_as_soon_as_one_with_data() -> None:
    assert IDLE_SECONDS + PROBES * BETWEEN_SECONDS == SILENT_SECONDS


@pytest.mark.skipif(sys.platform != "linux", reason="the guests' system")
def test_the_guests_have_all_of_them() -> None:
    assert {name for _, name, _ in socket_options()} == {
        socket.SO_KEEPALIVE,
        socket.TCP_KEEPIDLE,
        socket.TCP_KEEPINTVL,
        socket.TCP_KEEPCNT,
        socket.TCP_USER_TIMEOUT,
    }


@pytest.mark.parametrize("template", ["mysql/templates/unit.conf.j2", "superset/templates/superset.service.j2"])
def test_a_kernel_that_is_asked_by_others_notices_as_soon(template: str) -> None:
    """MySQL's server and Superset's client library say that they want keepalive, and not how often."""
    (line,) = re.findall(r"^ExecStartPre=-\+/usr/sbin/sysctl .*$", (ROLES / template).read_text(), re.MULTILINE)
    wanted = {"time": IDLE_SECONDS, "intvl": BETWEEN_SECONDS, "probes": PROBES}
    assert dict(re.findall(r"net\.ipv4\.tcp_keepalive_(\w+)=(\d+)", line)) == {k: str(v) for k, v in wanted.items()}
    assert "net.ipv4.tcp_retries2=6" in line
