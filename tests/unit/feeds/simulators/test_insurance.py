"""The simulated plans and rates carry the real set's marks, and its means."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import islice, takewhile
from pathlib import Path

import orjson
import pytest

from feeds.insurance_plan.simulator import plan_records
from feeds.insurance_rate.calibration import AGES, cells
from feeds.insurance_rate.market import Block, blocks
from feeds.insurance_rate.simulator import rate_events, rate_records
from millrace.contract.contract import load_contract
from producer.kafka.journal import Journal
from producer.simulate.pace import Pace
from producer.simulate.run import simulate
from producer.simulate.simulated_feed import Simulated
from tests.unit.producer.memory_kafka import MemoryKafka

SEED = 2016
DEMO_ROWS = 200_000
ROOT = Path(__file__).parents[4]
MEANS = ROOT.parent / "shared" / "data" / "insurance" / "rate_mean_by_state_age_metal.csv"


def blocks_of(rows: int, seed: int = SEED) -> Iterator[Block]:
    return takewhile(lambda block: block.first_row <= rows, blocks(seed))


@cache
def demo_rates() -> list[dict[str, str]]:
    return list(islice(rate_records(blocks_of(DEMO_ROWS)), DEMO_ROWS))


@cache
def demo_plans() -> list[dict[str, str]]:
    return [record for _, record in plan_records(blocks_of(DEMO_ROWS))]


def means(rates: list[dict[str, str]]) -> dict[tuple[str, str, str, str], float]:
    """Mean rate per year, state, age and metal level, without rates that stand for none."""
    metal = {(plan["BusinessYear"], plan["StandardComponentId"]): plan["MetalLevel"] for plan in demo_plans()}
    sums: dict[tuple[str, str, str, str], list[float]] = defaultdict(list)
    for rate in rates:
        if float(rate["IndividualRate"]) < 9999 and rate["Age"] != "Family Option":
            year = rate["BusinessYear"]
            key = (year, rate["StateCode"], rate["Age"].removesuffix("-20"), metal[year, rate["PlanId"]])
            sums[key].append(float(rate["IndividualRate"]))
    return {key: sum(values) / len(values) for key, values in sums.items()}


@pytest.mark.bulk
@pytest.mark.parametrize("rows", [1, 93, 4_999, 20_001, 77_777, DEMO_ROWS])
def test_wherever_it_stops_every_mean_lies_within_two_percent(rows: int) -> None:
    wanted = {
        (str(cell.year), cell.state, age.removesuffix("-20").removesuffix(" and over"), cell.metal): rate
        for cell in cells()
        for age, rate in zip(AGES, cell.rates, strict=True)
    }
    drawn = means(demo_rates()[:rows])
    assert drawn
    assert all(abs(mean / wanted[key[0], key[1], key[2].split()[0], key[3]] - 1) < 0.02 for key, mean in drawn.items())


@pytest.mark.bulk
@pytest.mark.skipif(not MEANS.exists(), reason="the published means are not on this machine (../shared/data)")
def test_the_demo_meets_the_published_means_at_their_seven_ages() -> None:
    drawn = means(demo_rates())
    with MEANS.open(encoding="utf-8", newline="") as file:
        published = list(csv.DictReader(file))
    assert len(published) == 3_752
    for line in published:
        age = "0" if line["aca_age"] == "10" else line["aca_age"]
        mean = drawn[line["BusinessYear"], line["StateCode"], age, line["MetalLevel"]]
        assert abs(mean / float(line["rate"]) - 1) < 0.02, line


def test_the_marks_of_the_real_set() -> None:
    rates, plans = demo_rates(), demo_plans()
    count = len(rates)
    assert all(re.fullmatch(r"\d{5}[A-Z]{2}\d{7}", rate["PlanId"]) for rate in rates)
    assert all(re.fullmatch(r"\d{5}[A-Z]{2}\d{7}-0[0-6]", plan["PlanId"]) for plan in plans)
    assert {rate["Age"] for rate in rates} == {*AGES, "Family Option"}
    tobacco = Counter(rate["Tobacco"] for rate in rates)
    assert abs(tobacco["No Preference"] / count - 0.615) < 0.01
    assert abs(sum(not rate["IndividualTobaccoRate"] for rate in rates) / count - 0.61) < 0.02
    sentinels = Counter(r["IndividualRate"] for r in rates if float(r["IndividualRate"]) >= 9999)
    assert set(sentinels) == {"9999", "999999"}
    assert 0 < sum(sentinels.values()) / count < 0.01
    assert {bool(re.match(r"\d{4}-", rate["ImportDate"])) for rate in rates} == {True, False}


def test_every_rate_has_its_plan_and_no_plan_comes_twice() -> None:
    known = {(plan["BusinessYear"], plan["StandardComponentId"]) for plan in demo_plans()}
    assert {(rate["BusinessYear"], rate["PlanId"]) for rate in demo_rates()} <= known
    keys = Counter((plan["BusinessYear"], plan["PlanId"]) for plan in demo_plans())
    assert max(keys.values()) == 1


def test_no_rate_comes_twice() -> None:
    keys = Counter((r["BusinessYear"], r["PlanId"], r["RatingAreaId"], r["Age"]) for r in demo_rates())
    assert max(keys.values()) == 1


def test_records_have_the_columns_of_their_contracts() -> None:
    known = {column.from_ for column in load_contract("insurance_plan").columns}
    assert set(demo_rates()[0]) == {column.from_ for column in load_contract("insurance_rate").columns}
    assert set(demo_plans()[0]) <= known


def test_events_carry_the_records_numbered_from_one() -> None:
    events = [orjson.loads(event) for _, event in islice(rate_events(blocks(SEED), 7), 20_000)]
    assert [event["row"] for event in events] == list(range(1, 20_001))
    assert [event["data"] for event in events] == demo_rates()[:20_000]


def test_another_seed_draws_other_rates() -> None:
    assert list(islice(rate_records(blocks(1)), 50)) != demo_rates()[:50]


class Lab(MemoryKafka):
    """Two feeds, whose plans go ahead of their rates."""

    def run(self, rows: int, count: int = 0) -> Simulated:
        """A run, and `count` more at a rate."""
        rate = 2_000 if count else 0
        return simulate(self.outlet, "insurance_rate", seed=SEED, first=rows, pace=Pace(rate), count=count)

    def rows(self, feed: str) -> list[int]:
        return sorted(orjson.loads(event)["row"] for event in self.topics[feed].events)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    journal = Journal(tmp_path / "journal.db")
    yield Lab(journal)
    journal.close()


def test_a_run_sends_the_plans_and_the_rates_once(lab: Lab) -> None:
    done = lab.run(5_000)
    assert lab.rows("insurance_rate") == list(range(1, 5_001))
    plans = sum(block.plan_rows for block in blocks_of(5_000))
    assert lab.rows("insurance_plan") == list(range(1, plans + 1))
    assert (done.sent, done.rows) == ({"insurance_plan": plans, "insurance_rate": 5_000}, 5_000)
    assert sum(done.end_offsets["insurance_rate"].values()) == 5_000


def test_a_second_run_sends_nothing_and_a_longer_one_the_rest(lab: Lab) -> None:
    lab.run(1_000)
    again = lab.run(1_000)
    assert (again.sent, again.rows) == ({"insurance_plan": 0, "insurance_rate": 0}, 1_000)
    lab.run(3_333)
    assert lab.rows("insurance_rate") == list(range(1, 3_334))
    assert len(lab.rows("insurance_plan")) == len(set(lab.rows("insurance_plan")))


def test_a_trickle_goes_on_behind_the_load_and_brings_its_plans(lab: Lab) -> None:
    lab.run(100)
    done = lab.run(100, count=700)
    assert (done.sent["insurance_rate"], done.rows) == (700, 800)
    assert lab.rows("insurance_rate") == list(range(1, done.rows + 1))
    rated = {orjson.loads(event)["data"]["PlanId"] for event in lab.topics["insurance_rate"].events}
    planned = {orjson.loads(event)["data"]["StandardComponentId"] for event in lab.topics["insurance_plan"].events}
    assert rated <= planned


def test_a_topic_made_anew_gets_everything_again(lab: Lab) -> None:
    lab.run(500)
    lab.topics.clear()
    lab.uuid = "second"
    lab.run(500)
    assert lab.rows("insurance_rate") == list(range(1, 501))
    assert lab.rows("insurance_plan")[0] == 1
