"""How fast a simulator goes on, so that a lab that is left on never fills its disks, and its dashboards still move."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """`per_second` records behind the `first`; half as many after each further `halves_every`, by their numbers alone.

    So their sum grows with the logarithm of time: thirty days at 20 a second and 250,000 add 1.8 million, not 52.
    """

    per_second: float
    first: int = 0
    halves_every: int | None = None
    """None: never."""

    def halvings(self, row: int) -> float:
        """How often it has halved once record number `row` is sent."""
        return max(0, row - self.first) / self.halves_every if self.halves_every else 0.0

    def at(self, row: int) -> float:
        """Records per second behind record number `row`."""
        return float(self.per_second * 0.5 ** self.halvings(row))
