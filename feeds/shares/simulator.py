"""Prices of made-up shares, quote by quote: record n is the (n-1) mod shares-th share in round (n-1) div shares."""

from collections.abc import Iterator
from itertools import count

from millrace.seeded_random import chance

VERSION = 1
FEED = "shares"
SHARES = {"MILL": 141.04, "RACE": 62.15, "WEIR": 23.40, "LOCK": 310.55, "SLUICE": 8.72, "PADDLE": 77.10, "FLUME": 54.63}
"""Symbol → price in US dollars around which it moves."""
SWING = 0.08
"""How far a price strays from its middle, as a share of it."""
DAY = 400
"""Rounds of quotes from one opening of the exchange to the next."""
STEP = 40
"""Rounds from one turn of a price to the next; between two turns it moves smoothly."""


def records(seed: int, after: int = 0) -> Iterator[dict[str, str]]:
    """The endless run of a seed, from record number `after` + 1: header → raw text, as a market prints it."""
    for number in count(after):
        turn, share = divmod(number, len(SHARES))
        yield quote(seed, tuple(SHARES)[share], turn)


def quote(seed: int, symbol: str, turn: int) -> dict[str, str]:
    """One share in one round: its price, the difference to the last close, what was traded since the opening."""
    day, since_opening = divmod(turn, DAY)
    now, close = price(seed, symbol, turn), price(seed, symbol, day * DAY - 1)
    pace = 200 + int(600 * chance(seed, symbol, day, "pace"))
    traded = (since_opening + 1) * pace + int(pace * chance(seed, symbol, turn, "traded"))
    return {"symbol": symbol, "price": f"{now:,.2f}", "change": f"{now - close:+.2f}", "volume": f"{traded:,}"}


def price(seed: int, symbol: str, turn: int) -> float:
    """Dollars, to the cent; known for every round, also before the first."""
    step, within = divmod(turn, STEP)
    before, behind = (chance(seed, symbol, step + edge, "turn") for edge in (0, 1))
    share = within / STEP
    smooth = share * share * (3 - 2 * share)
    noise = 0.004 * (chance(seed, symbol, turn, "noise") - 0.5)
    stray = SWING * (2 * (before + (behind - before) * smooth) - 1)
    return round(SHARES[symbol] * (1 + stray + noise), 2)
