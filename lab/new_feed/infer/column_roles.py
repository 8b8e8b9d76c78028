"""What the columns are good for: the one that tells when, the one that sorts, the numbers that add up."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.new_feed.infer.type_inference import Proposal
from lab.new_feed.infer.vocabulary import ADDED_UP, AVERAGED, NO_AMOUNT

MOST_CATEGORIES = 60
LONGEST_CATEGORY = 100
FEW = 10
MOST_NUMBERS = 3


@dataclass(frozen=True)
class Roles:
    """The columns that rollup and dashboard are made of; any of them may be lacking."""

    time: Proposal | None
    category: Proposal | None
    numbers: tuple[Proposal, ...]

    @property
    def number(self) -> Proposal | None:
        """The one that the dashboard shows."""
        return self.numbers[0] if self.numbers else None


def is_averaged(number: Proposal) -> bool:
    """Whether people ask for its mean, not for its sum."""
    return bool(AVERAGED & _words(number)) and not ADDED_UP & _words(number)


def roles_of(columns: Sequence[Proposal], records: int) -> Roles:
    """Choose among the columns; the first in the file's order wins where two are as good."""
    dates = [column for column in columns if column.is_date and column.examples]
    sorting = [column for column in columns if _sorts(column, records)]
    amounts = [column for column in columns if _adds_up(column, records)]
    return Roles(
        time=max(dates, key=lambda column: (column.required, column.distinct), default=None),
        category=max(sorting, key=lambda column: (column.required, -abs(column.distinct - 8)), default=None),
        numbers=tuple(sorted(amounts, key=_rank)[:MOST_NUMBERS]),
    )


def _sorts(column: Proposal, records: int) -> bool:
    """A text that takes a few values again and again."""
    is_short = column.kind.is_text and column.kind.length is not None and column.kind.length <= LONGEST_CATEGORY
    return is_short and 2 <= column.distinct <= min(MOST_CATEGORIES, max(records // 2, min(records - 1, FEW)))


def _adds_up(column: Proposal, records: int) -> bool:
    """An exact number that is no code, place or year. Sums of `double` are not exact, and rollups must be."""
    is_exact = column.kind.is_number and column.kind.name != "double"
    counts_records = column.kind.is_whole and column.distinct == records > 20
    return (
        is_exact
        and column.distinct > 1
        and not counts_records
        and not column.is_code
        and not NO_AMOUNT & _words(column)
    )


def _rank(column: Proposal) -> tuple[bool, bool, bool]:
    """First what is added up, then what has a fraction; what is averaged comes last."""
    return not ADDED_UP & _words(column), is_averaged(column), column.kind.is_whole


def _words(column: Proposal) -> set[str]:
    """Without the numbers behind them: issuer_id2 is an id."""
    return {word.rstrip("0123456789") for word in column.name.split("_")}
