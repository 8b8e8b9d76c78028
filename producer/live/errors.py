"""What goes wrong between us and a publisher, as one sentence each."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx

from millrace.errors import Refused

Kind = Literal["offline", "busy", "failing", "gone", "wrong"]
"""offline: not reached · busy: asked to wait · failing: may answer next time · gone: moved · wrong: no use as it is."""

LAST_RETRY_AFTER = 86_400.0


class Trouble(Refused):
    """No usable answer. `wait`: the seconds that the publisher asks us to wait, where it says."""

    def __init__(self, kind: Kind, sentence: str, wait: float | None = None) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.wait = wait

    @property
    def may_pass(self) -> bool:
        """Whether asking again soon may help."""
        return self.kind in {"offline", "busy", "failing"}


def disk_nearly_full(folder: Path) -> Trouble:
    """The trouble where others of the folder's disk would lack room."""
    return Trouble("wrong", f"The disk under {folder} is nearly full; make room and fetch again.")


def of_error(error: Exception, url: str) -> Trouble:
    """The trouble behind an exception of the HTTP library."""
    host = urlsplit(url).netloc
    causes = tuple(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Trouble(
            "wrong",
            f"The certificate of {host} is not trusted ({_reason(causes)}); where your network signs for others, put "
            "its certificate into /usr/local/share/ca-certificates and run update-ca-certificates.",
        )
    if isinstance(error, httpx.TooManyRedirects):
        return Trouble("wrong", f"{host} sends in circles: more than 10 redirects from {url}.")
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
        why = "its name is not known here" if _has_no_name(causes) else "no connection"
        return Trouble("offline", f"{host} cannot be reached ({why}): is there Internet?")
    if isinstance(error, httpx.TimeoutException):
        return Trouble("failing", f"{host} stopped answering in the middle; try again later.")
    if isinstance(error, httpx.RemoteProtocolError):
        return Trouble("failing", f"{host} broke off its answer: {_reason((error,))}.")
    return Trouble("failing", f"{host} was asked, but {type(error).__name__}: {_reason((error,))}.")


def of_status(response: httpx.Response, page: str, now: datetime | None = None) -> Trouble:
    """The trouble that a status other than 200 means. `page`: where a person finds out more."""
    host, status = response.url.netloc.decode(), response.status_code
    words = f"{status} {response.reason_phrase}".strip()
    wait = retry_after(response.headers.get("Retry-After", ""), now or datetime.now(UTC))
    if status == httpx.codes.TOO_MANY_REQUESTS or (status == httpx.codes.SERVICE_UNAVAILABLE and wait is not None):
        when = f"in {wait:.0f} s" if wait is not None else "later"
        return Trouble("busy", f"{host} answers {words}: it takes no more questions now, ask again {when}.", wait)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Trouble("failing", f"{host} has trouble of its own ({words}); try again later.", wait)
    if status in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
        return Trouble("gone", f"{host} has nothing at that address any more ({words}); see {page} for the new one.")
    return Trouble("wrong", f"{host} refuses the question ({words}); see {page}.")


def retry_after(value: str, now: datetime) -> float | None:
    """Retry-After, given in seconds or as a date, in seconds from now; None where it says nothing readable."""
    if value.strip().isdecimal():
        return min(float(value), LAST_RETRY_AFTER)
    try:
        seconds = (parsedate_to_datetime(value).astimezone(UTC) - now).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), LAST_RETRY_AFTER)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _has_no_name(causes: tuple[BaseException, ...]) -> bool:
    return any(isinstance(cause, socket.gaierror) for cause in causes)


def _reason(causes: tuple[BaseException, ...]) -> str:
    return str(causes[-1] or causes[0]).strip().rstrip(".") or type(causes[-1]).__name__
