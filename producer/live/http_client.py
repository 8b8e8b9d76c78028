"""Questions over HTTP: one client with our time limits, small answers whole, and retries."""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from producer.live.errors import Trouble, of_error, of_status
from producer.live.redirects import refuse_unsafe

SECONDS = 20.0
"""How long a publisher may send nothing before it is given up."""

AGENT = "Millrace (streaming data lab)"
Found = TypeVar("Found")


@dataclass(frozen=True)
class Validators:
    """What a publisher said of the version it gave, by which it is asked for news only."""

    etag: str = ""
    last_modified: str = ""

    @property
    def asking(self) -> dict[str, str]:
        """The headers of a conditional question."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": "" if self.etag else self.last_modified}
        return {name: value for name, value in asked.items() if value}

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Validators":
        return cls(headers.get("ETag", ""), headers.get("Last-Modified", ""))


@dataclass(frozen=True)
class Answer:
    """A small answer. `body` is None where nothing is new since the version of the validators."""

    body: bytes | None
    headers: Mapping[str, str]
    validators: Validators


def open_client(seconds: float = SECONDS) -> httpx.Client:
    """A client that trusts whom the system trusts, and follows redirects, see producer.live.redirects."""
    return httpx.Client(
        timeout=httpx.Timeout(seconds, connect=min(seconds, 10.0)),
        follow_redirects=True,
        max_redirects=10,
        verify=ssl.create_default_context(),
        headers={"User-Agent": AGENT, "Accept-Encoding": "gzip"},
        event_hooks={"response": [refuse_unsafe]},
    )


def rebased(url: str, base: str) -> str:
    """`url`, or, where tests put one server in all publishers' place, that server with the host as first folder."""
    if not base:
        return url
    parts = urlsplit(url)
    return f"{base.rstrip('/')}/{parts.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def ask(  # noqa: PLR0913 - what a question has
    client: httpx.Client,
    url: str,
    *,
    page: str,
    params: Mapping[str, str] | None = None,
    known: Validators | None = None,
    most_bytes: int = 1 << 20,
    within: float = 60.0,
) -> Answer:
    """One question, its answer read whole; Trouble where there is none, or it is longer than it may be, or too slow."""
    deadline = time.monotonic() + within
    with answering(client, url, params=params, headers=(known or Validators()).asking) as response:
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return Answer(None, response.headers, known or Validators())
        if response.status_code != httpx.codes.OK:
            raise of_status(response, page)
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > most_bytes:
                raise Trouble("wrong", f"{response.url.host} answers with more than {most_bytes:,} bytes.")
            if time.monotonic() > deadline:
                raise Trouble("failing", f"{response.url.host} has not finished its answer within {within:.0f} s.")
        return Answer(bytes(body), response.headers, Validators.of(response.headers))


@contextmanager
def answering(
    client: httpx.Client, url: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str]
) -> Iterator[httpx.Response]:
    """A response whose body is read while the context is open; every failure of the library becomes Trouble."""
    try:
        with client.stream("GET", url, params=params or None, headers=dict(headers)) as response:
            yield response
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise of_error(error, url) from error


def patiently(
    question: Callable[[], Found],
    *,
    attempts: int,
    longest_wait: float,
    sleep: Callable[[float], None] = time.sleep,
    on_wait: Callable[[Trouble, float], None] = lambda _trouble, _seconds: None,
) -> Found:
    """Ask up to `attempts` times while the trouble may pass, waiting ever longer, or as long as the publisher says.

    Where it says more than `longest_wait` seconds, its trouble is raised at once.
    """

    def is_worth_it(error: BaseException) -> bool:
        return isinstance(error, Trouble) and error.may_pass and (error.wait or 0) <= longest_wait

    backing_off = wait_random_exponential(multiplier=1, max=longest_wait)

    def wait(state: RetryCallState) -> float:
        trouble = state.outcome.exception() if state.outcome else None
        wanted = trouble.wait if isinstance(trouble, Trouble) else None
        seconds = float(backing_off(state)) if wanted is None else wanted
        if isinstance(trouble, Trouble):
            on_wait(trouble, seconds)
        return seconds

    asking = Retrying(
        stop=stop_after_attempt(attempts),
        wait=wait,
        retry=retry_if_exception(is_worth_it),
        sleep=sleep,
        reraise=True,
    )
    return asking(question)
