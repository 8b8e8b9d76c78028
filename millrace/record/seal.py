"""The seal of an event: that the lab's producers have written it, who alone know the key beside the stream.

It is a keyed BLAKE2b over every byte before it, and the event's last member: `…,"seal":"32 hexadecimal digits"}`. So no
field can be another one, and none can be taken over into another event.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from hmac import compare_digest
from typing import Any

from pydantic import SecretStr

from millrace.errors import Refused

SEAL = "seal"
"""The member's name."""
TAIL = b',"seal":"%b"}'
DIGEST_BYTES = 16
TAIL_BYTES = len(TAIL % (b"0" * 2 * DIGEST_BYTES))
SEAL_BYTES = TAIL_BYTES - 1
"""By so many an event grows."""


@dataclass(frozen=True)
class Seal:
    """Puts the seal of a key on events, and knows it again. Refused without a key."""

    key: SecretStr

    def __post_init__(self) -> None:
        if not self.key.get_secret_value():
            raise Refused("There is no key to seal records with (MILLRACE_RECORD_KEY); `make up` makes one.")

    def __reduce__(self) -> Any:
        """A keyed state cannot travel to Spark's tasks; the key can."""
        return Seal, (self.key,)

    def put_on(self, event: bytes) -> bytes:
        """The event, a JSON object with a member at least, sealed."""
        if event[-1:] != b"}":
            raise ValueError("only a JSON object can be sealed")
        body = event[:-1]
        return body + self._tail(body)

    def is_on(self, value: bytes) -> bool:
        """Whether the record ends in this seal over all that stands before it."""
        return compare_digest(value[-TAIL_BYTES:], self._tail(value[:-TAIL_BYTES]))

    def _tail(self, body: bytes) -> bytes:
        digest = self._keyed()
        digest.update(body)
        return TAIL % digest.hexdigest().encode()

    @cached_property
    def _keyed(self) -> Callable[[], blake2b]:
        """Gives keyed states: to copy one costs less than to key one anew."""
        return blake2b(key=self.key.get_secret_value().encode(), digest_size=DIGEST_BYTES).copy


@dataclass(frozen=True)
class Trust:
    """Which records of a topic are believed: sealed ones, and those that a release wrote which did not seal.

    `older`: per partition, the offset where those end, 0 where nothing is said. None: it is not known yet, and each is
    taken to be one.
    """

    seal: Seal
    older: tuple[tuple[int, int], ...] | None = ()

    def is_older(self, partition: int, offset: int) -> bool:
        """Whether the record that stands there is of such a release."""
        return self.older is None or offset < dict(self.older).get(partition, 0)
