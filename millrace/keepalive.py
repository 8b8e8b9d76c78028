"""How a connection notices that the other side has gone without a word: a cut network, a machine without power."""

import socket

SILENT_SECONDS = 15
"""So long neither data nor an idle connection may go unanswered by the other machine's kernel."""
IDLE_SECONDS, BETWEEN_SECONDS, PROBES = 6, 3, 3
WANTED = (
    ("TCP_KEEPIDLE", IDLE_SECONDS),
    ("TCP_KEEPINTVL", BETWEEN_SECONDS),
    ("TCP_KEEPCNT", PROBES),
    ("TCP_USER_TIMEOUT", SILENT_SECONDS * 1000),
)


def socket_options() -> list[tuple[int, int, int]]:
    """Arguments of setsockopt, as far as this system has them. An answer may take any time while the peer lives."""
    known = [(getattr(socket, name), value) for name, value in WANTED if hasattr(socket, name)]
    return [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), *((socket.IPPROTO_TCP, name, value) for name, value in known)]
