"""One publisher for several files in a row: connecting costs more than a small file."""

from collections.abc import Callable, Sequence

from millrace.errors import Refused
from producer.kafka.publisher import Publisher, Receipt


class KeptPublisher:
    """A Publisher that `close` leaves open as long as all is acknowledged; `end` closes it."""

    def __init__(self, make: Callable[[], Publisher]) -> None:
        self._make = make
        self._kept: Publisher | None = None
        self._receipts: list[Receipt] = []

    def publish(self, partition: int, events: Sequence[bytes]) -> Receipt:
        """See Publisher."""
        self._kept = self._kept or self._make()
        receipt = self._kept.publish(partition, events)
        self._receipts.append(receipt)
        return receipt

    def close(self) -> None:
        """Keep the connection, unless something on it was not acknowledged."""
        if not all(map(_is_acknowledged, self._receipts)):
            self.end()
        self._receipts.clear()

    def end(self) -> None:
        """See Publisher.close."""
        if self._kept:
            self._kept.close()
        self._kept = None


def _is_acknowledged(receipt: Receipt) -> bool:
    try:
        return receipt.is_here() and receipt.end_offset() > 0
    except Refused:
        return False
