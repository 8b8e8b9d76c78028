"""Plans and their rates as the marketplace publishes them, drawn so that every cell's means come out by construction.

A block is one visit to a cell: a pair of plans in one rating area, one dearer than the cell's mean by as much as the
other is cheaper, age by age side by side. Blocks go round all cells again and again; in round r the pair lies at most
1.8 % times 2r + 1 apart from the mean, so that even a pair cut in two leaves the cell's mean within 2 %.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from feeds.insurance_rate.calibration import AGES, Cell, cells
from millrace.seeded_random import chance, is_drawn

VERSION = 1
"""Raised with every change of what is generated: other data, other identities."""

WIDEST = 0.30
TOBACCO_SHARE = 0.385
FAMILY_SHARE = 0.285
"""Of blocks; with 92 rates in a block this makes 0.31 % of all rates Family Option."""
UNPRICED_SHARE = 0.004
NO_RATE = {2014: "999999", 2015: "9999", 2016: "9999"}
"""What stands for no rate, by year."""

VARIANTS = {"Catastrophic": 2, "Silver": 7, "Low": 2, "High": 2}
"""Cost-sharing variants per metal level, -00 and up; four for the others."""
METALS = ("Catastrophic", "Bronze", "Silver", "Gold", "Platinum", "Low", "High")
ISSUERS_PER_STATE = 7
STATES = tuple(sorted({cell.state for cell in cells()}))


@dataclass(frozen=True)
class Plan:
    """A plan of a year. `number` makes its id unique within its state and metal level."""

    year: int
    state: str
    metal: str
    issuer: int
    number: int
    asks_tobacco: bool = False

    @property
    def component(self) -> str:
        """The 14-character id."""
        return f"{self.issuer}{self.state}{METALS.index(self.metal) + 1:03d}{self.number:04d}"

    @property
    def variants(self) -> int:
        return VARIANTS.get(self.metal, 4)


@dataclass(frozen=True)
class Block:
    """A visit to a cell. `first_row` and `first_plan_row` number its first rate and its first plan record."""

    first_row: int
    first_plan_row: int
    cell: Cell
    area: int
    spread: float
    pair: tuple[Plan, Plan]
    family: Plan | None
    unpriced: Plan | None
    plans: tuple[Plan, ...]
    """The plans that appear here for the first time."""

    @property
    def rows(self) -> int:
        return len(AGES) * (2 + bool(self.unpriced)) + bool(self.family)

    @property
    def plan_rows(self) -> int:
        return sum(plan.variants for plan in self.plans)


def blocks(seed: int) -> Iterator[Block]:
    """The endless run of blocks of a seed."""
    row = plan_row = 1
    turn = 0
    while True:
        for index, cell in enumerate(cells()):
            block = _block(seed, turn, index, cell, row, plan_row)
            row += block.rows
            plan_row += block.plan_rows
            yield block
        turn += 1


def _block(seed: int, turn: int, index: int, cell: Cell, row: int, plan_row: int) -> Block:  # noqa: PLR0913, PLR0917
    pair_number, area = divmod(turn, cell.areas)
    pair = _pair(seed, cell, pair_number, index)
    family = unpriced = None
    if chance(seed, "family", turn, index) < FAMILY_SHARE:
        metal = "High" if chance(seed, "dental", turn, index) < 0.5 else "Low"
        family = Plan(cell.year, cell.state, metal, pair[0].issuer, 1000 * METALS.index(cell.metal) + turn % 1000)
    if chance(seed, "unpriced", turn, index) < UNPRICED_SHARE:
        unpriced = Plan(cell.year, cell.state, cell.metal, pair[1].issuer, 5000 + turn % 5000)
    new = [*(pair if area == 0 else ()), family, unpriced]
    widest = min(0.018 * (2 * turn + 1), WIDEST)
    return Block(
        first_row=row,
        first_plan_row=plan_row,
        cell=cell,
        area=area + 1,
        spread=widest * (0.5 + 0.5 * chance(seed, "spread", turn, index)),
        pair=pair,
        family=family,
        unpriced=unpriced,
        plans=tuple(plan for plan in new if plan),
    )


def _pair(seed: int, cell: Cell, pair_number: int, index: int) -> tuple[Plan, Plan]:
    def plan(side: int) -> Plan:
        issuer = int(chance(seed, "issuer", cell.state, cell.metal, pair_number, side) * ISSUERS_PER_STATE)
        number = 2 * pair_number + side
        tobacco = is_drawn((pair_number * len(cells()) + index) * 2 + side, TOBACCO_SHARE)
        return Plan(cell.year, cell.state, cell.metal, _issuer(cell.state, issuer), number + 1, tobacco)

    return plan(0), plan(1)


def _issuer(state: str, number: int) -> int:
    """A five-digit issuer of a state; made up, as the plans are."""
    return 11_000 + STATES.index(state) * 1_500 + number * 211
