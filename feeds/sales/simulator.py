"""A shop's sales, basket by basket, in the columns of the UCI Online Retail files.

Every week has as many lines as any other, so that the day of record n is known without counting: a day's baskets are
drawn from its number alone. All articles, customers and prices are made up.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from itertools import accumulate, count, islice
from typing import TypeVar

from millrace.feed_names import FOLDER
from millrace.seeded_random import chance

Thing = TypeVar("Thing")

VERSION = 1
FEED = "sales"
START = datetime(2012, 1, 2)
"""The first simulated day, a Monday soon after the published files end, so that both fit one chart.

Simulated time never asks the clock: the same record always has the same time.
"""
LINES = (170, 180, 190, 210, 250, 330, 110)
"""Lines sold from Monday to Sunday."""
HOURS = {9: 3, 10: 6, 11: 9, 12: 12, 13: 10, 14: 8, 15: 8, 16: 9, 17: 11, 18: 7, 19: 3}
"""How busy each hour is; the shop opens at nine and closes at eight."""
REGIONS = {
    "United Kingdom": 70,
    "Germany": 8,
    "France": 7,
    "EIRE": 5,
    "Netherlands": 4,
    "Belgium": 3,
    "Spain": 2,
    "Switzerland": 1,
}
PIECES = {1: 30, 2: 22, 3: 10, 4: 10, 6: 12, 12: 12, 24: 4}
MOST_LINES = 12
CANCELLED = 0.02
"""Of baskets; each takes back some lines of a basket sold in the fortnight before."""
UNKNOWN = 0.25
"""Of baskets: the till does not know the customer."""


@dataclass(frozen=True)
class Basket:
    """What one customer pays for at once."""

    day: int
    number: int
    lines: int

    @property
    def question(self) -> tuple[int, int]:
        """What chance is asked about it."""
        return self.day, self.number


@dataclass(frozen=True)
class Article:
    """A thing on the shelf."""

    code: str
    description: str
    price: str


def records(seed: int, after: int = 0) -> Iterator[dict[str, str]]:
    """The endless run of a seed, from record number `after` + 1: header → raw text."""
    week, within = divmod(after, sum(LINES))
    begins = [0, *accumulate(LINES)]
    weekday = max(day for day in range(7) if begins[day] <= within)
    days = (lines_of_day(seed, day) for day in count(week * 7 + weekday))
    return islice((line for lines in days for line in lines), within - begins[weekday], None)


@lru_cache(maxsize=32)
def lines_of_day(seed: int, day: int) -> tuple[dict[str, str], ...]:
    """Everything a day's invoices say, in the order of the till."""
    return tuple(line for basket in baskets(seed, day) for line in lines_of(seed, basket))


@lru_cache(maxsize=32)
def baskets(seed: int, day: int) -> tuple[Basket, ...]:
    """The baskets of a day; together they have the lines of that weekday."""
    found: list[Basket] = []
    left = LINES[day % 7]
    while left:
        size = min(left, 1 + int(MOST_LINES * chance(seed, day, len(found), "size") ** 2))
        found.append(Basket(day, len(found), size))
        left -= size
    return tuple(found)


def lines_of(seed: int, basket: Basket) -> list[dict[str, str]]:
    """The lines of a basket, or those it takes back."""
    invoice = f"{600_000 + basket.day * 200 + basket.number}"
    sold_at = moment(seed, basket)
    if is_cancellation(seed, basket):
        lines = sold_lines(seed, _taken_back(seed, basket))
        kept = [line | {"Quantity": f"-{line['Quantity']}"} for line in lines]
        # As many lines as the basket has, so that the day keeps its number of lines.
        lines = [kept[index % len(kept)] for index in range(basket.lines)]
        invoice = f"C{invoice}"
    else:
        lines = sold_lines(seed, basket)
    return [{"InvoiceNo": invoice} | line | {"InvoiceDate": f"{sold_at:%Y-%m-%d %H:%M:%S}"} for line in lines]


def sold_lines(seed: int, basket: Basket) -> list[dict[str, str]]:
    """What is sold, to whom, without invoice and time."""
    customer = 12_000 + int(6_000 * chance(seed, *basket.question, "customer"))
    is_known = chance(seed, *basket.question, "known") >= UNKNOWN
    region = drawn(REGIONS, chance(seed, customer, "region"))
    lines = []
    for number in range(basket.lines):
        article = drawn(assortment(), chance(seed, *basket.question, number, "article"))
        pieces = drawn(PIECES, chance(seed, *basket.question, number, "pieces"))
        lines.append(
            {
                "StockCode": article.code,
                "Description": article.description,
                "Quantity": str(1 if article.code == "POST" else pieces),
                "InvoiceDate": "",
                "UnitPrice": article.price,
                "CustomerID": f"{customer}.0" if is_known else "",
                "Country": region,
            }
        )
    return lines


def is_cancellation(seed: int, basket: Basket) -> bool:
    """Whether the basket brings something back; on the first day there is nothing to bring."""
    return basket.day > 0 and chance(seed, *basket.question, "cancelled") < CANCELLED


def _taken_back(seed: int, basket: Basket) -> Basket:
    """A basket of the fortnight before that was a sale, and had as many lines where there is one."""
    day = max(0, basket.day - 1 - int(14 * chance(seed, *basket.question, "days ago")))
    all_sales = [one for one in baskets(seed, day) if not is_cancellation(seed, one)]
    sales = [one for one in all_sales if one.lines >= basket.lines] or all_sales
    return sales[int(len(sales) * chance(seed, *basket.question, "which"))]


def moment(seed: int, basket: Basket) -> datetime:
    """When the basket is paid: its turn in the queue of a day whose hours are as busy as HOURS says."""
    queue = len(baskets(seed, basket.day))
    turn = (basket.number + chance(seed, *basket.question, "minute")) / queue
    hour, share = drawn_with_rest(HOURS, turn)
    return START + timedelta(days=basket.day, hours=hour, minutes=int(60 * share))


def drawn(weights: dict[Thing, int], number: float) -> Thing:
    """The thing that a number in [0, 1) falls on, each as wide as its weight."""
    return drawn_with_rest(weights, number)[0]


def drawn_with_rest(weights: dict[Thing, int], number: float) -> tuple[Thing, float]:
    """The thing, and how far across it the number lies, in [0, 1)."""
    at = number * sum(weights.values())
    for thing, weight in weights.items():
        if at < weight:
            return thing, at / weight
        at -= weight
    raise ValueError(f"{number} is not in [0, 1)")


@cache
def assortment() -> dict[Article, int]:
    """What the shop sells, and how often each is taken."""
    with (FOLDER / FEED / "assortment.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return {Article(line["code"], line["description"], line["price"]): int(line["weight"]) for line in lines}
