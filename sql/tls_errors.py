"""What a broken TLS connection leaves behind in its thread, and must not.

OpenSSL keeps a list of errors per thread, by which Python's ssl tells what became of a read or write, and which it does
not empty (CPython's issue 148594). With Python 3.13 and OpenSSL 3.5 a connection that MySQL's end broke leaves EPIPE
there: from then on every connection that another thread has opened fails in this one as soon as it has to wait.
"""

import ssl
from contextlib import suppress

_UNUSED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_UNUSED.check_hostname = False


def forget_tls_errors() -> None:
    """Empties this thread's list, as the beginning of any handshake does."""
    with suppress(ssl.SSLWantReadError):
        _UNUSED.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO()).do_handshake()
