"""A feed's contract changes while its records keep coming: none is lost, and no other feed so much as pauses."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import orjson
import pytest
import yaml
from kafka import KafkaProducer

from instruments import own_feed
from instruments.own_feed import COLOUR, FEED, FOLDER, GOOD, differences, lay, switch_on, take_away
from instruments.tools import Warehouse, millrace, wait_until
from lab.observe.access import kafka_account, settings
from lab.observe.warehouse import warehouse
from millrace.contract.contract import Contract
from millrace.settings import Lab

pytestmark = pytest.mark.usefixtures("parcel")
STEP_SECONDS = 240
PER_SECOND = 20
STATES = "SELECT f.feed, f.state, a.epoch FROM pipeline_feed f, pipeline_app a WHERE a.app = 'millrace-stream'"


@pytest.fixture(scope="module")
def contract(parcel: None) -> Iterator[dict[str, Any]]:
    """The feed's contract, which each test changes further; in the end the feed is as it was.

    Its weight is made an int first, so that int → bigint is what the test widens.
    """
    content: dict[str, Any] = yaml.safe_load((FOLDER / FEED / "contract.yaml").read_text(encoding="utf-8"))
    column(content, "weight")["type"] = "int"
    lay(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
    yield content
    take_away()
    switch_on()


class Trickle:
    """Records typed into the topic, one after the other, each with a name of its own."""

    def __init__(self, lab: Lab) -> None:
        self.producer = KafkaProducer(**kafka_account("person").client(), acks="all")
        self.run_id, self.sent = f"{random.getrandbits(32):x}", 0
        self._stop = Event()
        self._thread = Thread(target=self._send)

    def _send(self) -> None:
        while not self._stop.wait(1 / PER_SECOND):
            record = {**GOOD, "Name": f"{self.run_id} {self.sent}", "Weight": str(self.sent % 100)}
            self.producer.send(FEED, orjson.dumps({**record, "Colour": ("red", "blue")[self.sent % 2]}))
            self.sent += 1

    def __enter__(self) -> "Trickle":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()
        self.producer.flush()
        self.producer.close()


@contextmanager
def nobody_pauses() -> Iterator[None]:
    """Fails if another feed was seen in another state than running, or the application was started anew."""
    seen: set[tuple[Any, ...]] = set()
    done = Event()

    def watch() -> None:
        with warehouse(settings()) as connection:
            while not done.wait(0.1):
                rows = Warehouse(connection).rows(STATES)
                seen.update(tuple(row.values()) for row in rows if row["feed"] != FEED)

    with warehouse(settings()) as connection:
        before = Warehouse(connection).rows("SELECT feed, state FROM pipeline_feed")
    others = {row["feed"] for row in before if row["state"] == "running" and row["feed"] != FEED}
    assert others
    thread = Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    assert {feed for feed, *_ in seen} >= others
    assert {state for feed, state, _ in seen if feed in others} == {"running"}
    assert len({epoch for *_, epoch in seen}) == 1


def change(lab: Lab, mysql: Warehouse, content: dict[str, Any]) -> str:
    """The contract is changed under a trickle; each record of it is there, all sums fit. Gives its own name."""
    version = Contract.model_validate(content).version
    with Trickle(lab) as trickle:
        arrived = f"SELECT COUNT(*) FROM v_{FEED} WHERE name LIKE '{trickle.run_id} %'"
        wait_until(lambda: mysql.one(arrived) > 0, "the trickle arrives", STEP_SECONDS)
        with nobody_pauses():
            lay(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
            made = f"SELECT version, state, to_fill FROM pipeline_contract WHERE feed = '{FEED}'"
            (row,) = mysql.rows(made)
            assert (row["version"], row["state"]) == (version, "in_use")
            goal = trickle.sent + PER_SECOND
            wait_until(lambda: mysql.one(arrived) > goal, "it arrives with the new contract", STEP_SECONDS)
    wait_until(lambda: mysql.one(arrived) >= trickle.sent, "all of it has arrived", STEP_SECONDS)
    wait_until(lambda: mysql.rows(made)[0]["to_fill"] is None, "what was in extra has moved", STEP_SECONDS)
    assert mysql.one(arrived) == trickle.sent
    newest = "SELECT contract_version FROM pipeline_load WHERE feed = :feed ORDER BY load_id DESC LIMIT 1"
    assert mysql.one(newest, feed=FEED) == version
    fits(content)
    return trickle.run_id


def fits(content: dict[str, Any]) -> None:
    assert differences(content) == []


def column(content: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in content["columns"] if one["name"] == name)


def test_a_column_is_added_and_filled_from_extra(lab: Lab, mysql: Warehouse, contract: dict[str, Any]) -> None:
    contract["columns"].append(COLOUR)
    contract["rollups"].append(
        {
            "name": f"{FEED}_by_colour",
            "comment": "Parcels per colour",
            "by": ["colour"],
            "measures": [{"name": "parcels", "type": "bigint", "sum": "1", "comment": "Parcels"}],
        }
    )
    name = change(lab, mysql, contract)
    rows = f"SELECT COUNT(*) FROM v_{FEED} WHERE name LIKE '{name} %' AND"
    assert mysql.one(f"{rows} (colour IS NULL OR extra IS NOT NULL)") == 0


def test_a_type_is_widened_and_replay_takes_in_what_now_fits(
    lab: Lab, mysql: Warehouse, contract: dict[str, Any], nonce: str
) -> None:
    producer = KafkaProducer(**kafka_account("person").client(), acks="all")
    producer.send(FEED, orjson.dumps({**GOOD, "Name": nonce, "Weight": "3000000000"}))
    producer.close()
    refused = f"SELECT COUNT(*) FROM v_quarantine WHERE feed = '{FEED}' AND INSTR(raw, '{nonce}') > 0"
    as_int = "AND reasons->>'$[0].reason' LIKE 'is outside int,%' AND resolved_at IS NULL"
    wait_until(lambda: mysql.one(f"{refused} {as_int}") == 1, "it is refused as no int")
    column(contract, "weight")["type"] = "bigint"
    change(lab, mysql, contract)
    ran = millrace("replay", FEED)
    assert ran.code == 0, ran.err
    wait_until(lambda: mysql.one(f"{refused} AND resolved_at IS NOT NULL") == 1, "it is taken in")
    assert mysql.one(f"SELECT weight FROM v_{FEED} WHERE name = '{nonce}'") == 3_000_000_000
    fits(contract)


def test_a_rollup_counts_other_rows(lab: Lab, mysql: Warehouse, contract: dict[str, Any]) -> None:
    contract["rollups"][0]["where"] = "weight >= 50"
    change(lab, mysql, contract)
    rows = mysql.one(f"SELECT COUNT(*) FROM v_{FEED} WHERE weight >= 50")
    assert mysql.one(f"SELECT SUM(parcels) FROM {own_feed.ROLLUP}") == rows


def test_a_column_has_another_name(lab: Lab, mysql: Warehouse, contract: dict[str, Any]) -> None:
    column(contract, "sender").update(name="sent_by", was="sender")
    contract["rollups"][0]["by"] = ["year", "state", "sent_by", "route"]
    change(lab, mysql, contract)
    assert mysql.one(f"SELECT COUNT(*) FROM v_{FEED} WHERE sent_by IS NULL") == 0


def test_what_would_lose_data_is_refused_and_the_feed_goes_on(
    lab: Lab, mysql: Warehouse, contract: dict[str, Any]
) -> None:
    narrower = {**contract, "columns": [one for one in contract["columns"] if one["name"] != "colour"], "rollups": []}
    with pytest.raises(Exception, match="its table has the column colour and its contract has not"):
        lay(yaml.safe_dump(narrower, sort_keys=False))
    change(lab, mysql, contract)
