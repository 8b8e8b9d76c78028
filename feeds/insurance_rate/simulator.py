"""Rate records of a block, as events or as the fields of a file."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

import orjson

from feeds.insurance_rate.calibration import AGES
from feeds.insurance_rate.market import NO_RATE, Block, Plan
from millrace.record.event import Clock
from millrace.seeded_random import chance

FEED = "insurance_rate"
TIERS = {
    "Couple": 2.0,
    "PrimarySubscriberAndOneDependent": 1.7,
    "PrimarySubscriberAndTwoDependents": 2.4,
    "PrimarySubscriberAndThreeOrMoreDependents": 3.1,
    "CoupleAndOneDependent": 2.7,
    "CoupleAndTwoDependents": 3.4,
    "CoupleAndThreeOrMoreDependents": 4.1,
}
"""What families pay for a dental plan, as times of one adult's rate."""
NO_TIERS = dict.fromkeys(TIERS, "")
FIRST_SHEET_ROW = 14


class Rate(NamedTuple):
    """What differs within a plan and area."""

    plan: Plan
    age: str
    rate: str
    tobacco_rate: str
    sheet_row: int


def block_rates(block: Block) -> Iterator[Rate]:
    """The rates of persons in a block, in the order of their sequence numbers."""
    dearer, cheaper = block.pair
    burden = [1.1 + 0.4 * chance(plan.component, "tobacco") for plan in block.pair]
    for index, age in enumerate(AGES):
        mean = block.cell.rates[index]
        for plan, rate, times in (
            (dearer, mean * (1 + block.spread), burden[0]),
            (cheaper, mean * (1 - block.spread), burden[1]),
        ):
            tobacco = f"{rate * (times if index else 1):.2f}" if plan.asks_tobacco else ""
            yield Rate(plan, age, f"{rate:.2f}", tobacco, FIRST_SHEET_ROW + index)
    if block.unpriced:
        for index, age in enumerate(AGES):
            yield Rate(block.unpriced, age, NO_RATE[block.cell.year], "", FIRST_SHEET_ROW + index)


def rate_records(blocks: Iterable[Block]) -> Iterator[dict[str, str]]:
    """The records as a file has them: every column of Rate.csv, raw text."""
    for block in blocks:
        for rate in block_rates(block):
            yield _same_for(rate.plan, block) | NO_TIERS | _own(rate)
        if block.family:
            yield _family_record(block.family, block)


def rate_events(blocks: Iterable[Block], source: int) -> Iterator[tuple[int, bytes]]:
    """(sequence number, event) of every record; a plan's common fields are encoded once per block."""
    head = orjson.dumps({"feed": FEED, "source": source, "origin": "simulator"})[:-1]
    now = Clock().now
    event = (
        b'%b,"row":%d,"sent_at":"%b","data":%b,'
        b'"Age":"%b","IndividualRate":"%b","IndividualTobaccoRate":"%b","RowNumber":"%d"}}'
    )
    for block in blocks:
        same = {
            plan: orjson.dumps(_same_for(plan, block) | NO_TIERS)[:-1]
            for plan in (*block.pair, block.unpriced)
            if plan is not None
        }
        row = block.first_row
        for plan, age, rate, tobacco, sheet_row in block_rates(block):
            texts = (age.encode(), rate.encode(), tobacco.encode(), sheet_row)
            yield row, event % (head, row, now(), same[plan], *texts)
            row += 1
        if block.family:
            data = orjson.dumps(_family_record(block.family, block))
            yield row, b'%b,"row":%d,"sent_at":"%b","data":%b}' % (head, row, now(), data)


def imported(plan: Plan) -> str:
    """When the plan's filing was imported: both of the publisher's forms occur, by year."""
    seconds = int(chance(plan.component, "filed") * 150 * 86_400)
    moment = datetime(plan.year - 1, 5, 1, 6, 0) + timedelta(seconds=seconds)
    if plan.year == 2015:
        return f"{moment.month}/{moment.day}/{moment.year} {moment.hour}:{moment.minute:02d}"
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def day(moment: date, year: int) -> str:
    """A date in the form its year's files have."""
    return f"{moment.month}/{moment.day}/{moment.year}" if year == 2015 else f"{moment:%Y-%m-%d}"


def tax_number(issuer: int) -> str:
    return f"{10 + issuer % 80}-{issuer * 7919 % 10_000_000:07d}"


def system(issuer: int) -> str:
    """The system an issuer files through."""
    return ("HIOS", "HIOS", "SERFF", "SERFF", "HIOS", "SERFF", "OPM")[issuer % 7]


def filing(plan: Plan) -> dict[str, str]:
    """The columns that rates and plans begin with: who filed the plan, when, and in which version."""
    return {
        "BusinessYear": str(plan.year),
        "StateCode": plan.state,
        "IssuerId": str(plan.issuer),
        "SourceName": system(plan.issuer),
        "VersionNum": str(1 + int(chance(plan.component, "version") * 9)),
        "ImportDate": imported(plan),
    }


def _same_for(plan: Plan, block: Block) -> dict[str, str]:
    year = plan.year
    return {
        **filing(plan),
        "IssuerId2": str(plan.issuer),
        "FederalTIN": tax_number(plan.issuer),
        "RateEffectiveDate": day(date(year, 1, 1), year),
        "RateExpirationDate": day(date(year, 12, 31), year),
        "PlanId": plan.component,
        "RatingAreaId": f"Rating Area {block.area}",
        "Tobacco": "Tobacco User/Non-Tobacco User" if plan.asks_tobacco else "No Preference",
    }


def _own(rate: Rate) -> dict[str, str]:
    return {
        "Age": rate.age,
        "IndividualRate": rate.rate,
        "IndividualTobaccoRate": rate.tobacco_rate,
        "RowNumber": str(rate.sheet_row),
    }


def _family_record(plan: Plan, block: Block) -> dict[str, str]:
    single = (24 if plan.metal == "Low" else 38) * (0.8 + 0.4 * chance(plan.component, block.area, "family"))
    tiers = {name: f"{single * times:.2f}" for name, times in TIERS.items()}
    own = _own(Rate(plan, "Family Option", f"{single:.2f}", "", FIRST_SHEET_ROW))
    return _same_for(plan, block) | tiers | own
