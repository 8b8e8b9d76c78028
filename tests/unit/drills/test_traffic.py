"""Of the traffic one record in a hundred is bad: which, how, and what is to be said of it."""

import csv
import runpy
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest

from drills import traffic
from drills.records import APPENDED, Compared
from drills.replacements import BAD as BAD_VERSION
from drills.replacements import FEED, RECORDS, write_networks
from drills.traffic import BAD, PER_SECOND, PYTHON, Bad, Traffic, is_bad, simulator, spoiling
from millrace.contract.contract import load_contract
from millrace.record.event import EventWriter
from spark.clean.clean_batch import clean
from tests.unit.spark.records import decoded

SEED = 7


@pytest.mark.parametrize("feed", PER_SECOND)
def test_the_producer_makes_each_hundredth_record_bad(feed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the program that is sent there does it, from any record on."""
    made, called = simulator(feed), ["-c", "lab", "simulate", feed, f"--seed={SEED}"]
    good, started = list(islice(made.records(SEED), 250)), []
    monkeypatch.setattr(made, "records", made.records)
    monkeypatch.setattr(sys, "argv", [*called])
    monkeypatch.setattr(runpy, "run_module", lambda name, **how: started.append((name, how, list(sys.argv))))
    exec(spoiling(feed), {})  # noqa: S102 - ours
    assert started == [("lab", {"run_name": "__main__", "alter_sys": True}, called[1:])]
    bad = BAD[feed]
    expected = [one | {bad.field: bad.text} if number % 100 == 0 else one for number, one in enumerate(good, start=1)]
    assert expected[99] != good[99]
    assert list(islice(made.records(SEED), 250)) == expected
    assert list(islice(made.records(SEED, 150), 100)) == expected[150:]


def test_the_simulators_are_started_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the arguments that drills.memory knows them by."""
    ran: list[str] = []
    monkeypatch.setattr(traffic.remote, "run", lambda _machine, script: ran.append(script))
    Traffic(SEED).start()
    for feed, script in zip(PER_SECOND, ran, strict=True):
        assert f"{PYTHON} -P -c 'import importlib, runpy, sys; " in script
        assert f" lab simulate {feed} --seed=7 --first=0 --rate=350 --count=" in script


def cleaned(feed: str, records: Iterable[dict[str, str]]) -> pa.RecordBatch:
    """What the stream makes of the records."""
    contract, writer = load_contract(feed), EventWriter(feed, 5, (), origin="simulator")
    events = [writer.encode_texts(number, record) for number, record in enumerate(records, start=1)]
    return clean(decoded(contract, events), contract)


def refused(feed: str, records: Iterable[dict[str, str]]) -> list[Any]:
    """Why the stream refuses each record; None where it does not."""
    reasons = cleaned(feed, records)["reasons"].to_pylist()
    return [None if each is None else orjson.loads(each) for each in reasons]


@pytest.mark.parametrize(("feed", "compared"), APPENDED.items())
def test_values_are_compared_that_the_stream_makes(feed: str, compared: Compared) -> None:
    records = list(islice(simulator(feed).records(SEED), 250))
    made = cleaned(feed, records)
    columns = [made[name].to_pylist() for name in compared.columns.split(", ")]
    assert list(zip(*columns, strict=True)) == [compared.of(record) for record in records]


@pytest.mark.parametrize(("feed", "bad"), BAD.items())
def test_what_is_bad_is_refused_for_that_alone(feed: str, bad: Bad) -> None:
    records = list(islice(simulator(feed).records(SEED), 250))
    assert refused(feed, records) == [None] * 250
    assert refused(feed, [record | {bad.field: bad.text} for record in records]) == [bad.reasons] * 250


def test_as_many_records_of_a_version_are_bad(tmp_path: Path) -> None:
    expected = {True: [BAD_VERSION.reasons if is_bad(number + 1) else None for number in range(RECORDS)]}
    expected[False] = [None] * RECORDS
    for some_bad, reasons in expected.items():
        write_networks(file := tmp_path / "networks.csv", RECORDS, "x", some_bad=some_bad)
        with file.open(encoding="utf-8", newline="") as text:
            assert refused(FEED, csv.DictReader(text)) == reasons
