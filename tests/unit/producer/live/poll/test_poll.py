"""A poller against a publisher on loopback: what it sends, once each, and what it remembers."""

from datetime import timedelta

import orjson
import pytest

from millrace.record.identity import api_source
from producer.live.poll import Round
from producer.live.store import Store
from tests.unit.producer.live.poll.desk import AT, ENDPOINT, NOW, PLACES, Desk, reply, weather
from tests.unit.producer.live.publisher_server import Asked, Reply


def test_every_place_becomes_one_event(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, reply)
    assert desk.poll.round() == Round(3, answered=3, new=3)
    assert desk.cities == ["Oslo", "Paris", "Suva"]
    paris = next(event for event in desk.events if event["data"]["city"] == "Paris")
    assert (paris["origin"], paris["row"]) == ("api", int(AT.timestamp()))
    asked = f"{desk.publisher.base}/api.open-meteo.com/v1/forecast"
    assert paris["source"] == api_source("weather", asked, "Paris, FR")
    assert paris["data"]["city_latitude"] == "48.8566"
    assert paris["data"]["current.temperature_2m"] == "7.5"
    assert orjson.loads(paris["data"]["@message"])["current_units"]["snowfall"] == "cm"
    assert desk.publisher.asked[0].params["timezone"] == "GMT"
    assert desk.publisher.asked[0].params["current"].startswith("temperature_2m,relative_humidity_2m,")


def test_a_number_stays_as_the_publisher_wrote_it(desk: Desk) -> None:
    def spaced(asked: Asked) -> Reply:
        body = orjson.dumps(weather(asked)).replace(b'"elevation":38.0', b' "elevation" : 38.00')
        return Reply(body)

    desk.publisher.decides(ENDPOINT, spaced)
    desk.poll.round()
    assert {event["data"]["elevation"] for event in desk.events} == {"38.00"}


@pytest.mark.bulk
def test_a_day_never_sends_a_row_twice_and_misses_none(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, lambda asked: reply(asked, desk.now - timedelta(minutes=desk.now.minute % 15)))
    desk.poll.places = PLACES[:1]
    for _ in range(24 * 6):
        desk.poll.round()
        desk.now += timedelta(minutes=10)
        if desk.now.hour % 5 == 0 and desk.now.minute < 10:
            desk.begin()
            desk.poll.places = PLACES[:1]
    rows = [(event["source"], event["row"]) for event in desk.events]
    assert len(rows) == len(set(rows)) == 24 * 4


def test_what_is_known_is_not_given_again(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, lambda asked: Reply(orjson.dumps(weather(asked)), etag='"v1"'))
    assert desk.poll.round().new == 3
    assert desk.poll.round() == Round(3, answered=3, new=0)
    assert {asked.headers.get("If-None-Match") for asked in desk.publisher.asked[3:]} == {'"v1"'}
    desk.uuid = "made anew"
    assert desk.poll.round().new == 3, "a topic made anew is filled from the start"


def test_kafka_away_keeps_observations_until_it_is_back(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, reply)
    desk.broker.fail_after = 0
    assert desk.poll.round().new == 3
    desk.poll.round()
    assert desk.events == []
    assert [line for line in desk.said if "wait on this machine" in line] == desk.said[:1]
    desk.begin()
    desk.broker.fail_after = None
    desk.publisher.answers(ENDPOINT, Reply(b"", 503))
    assert desk.poll.round().answered == 0
    assert desk.cities == ["Oslo", "Paris", "Suva"]


def test_a_kill_between_kafka_and_the_memory_repeats_the_same_identity(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publisher.decides(ENDPOINT, reply)
    monkeypatch.setattr(Store, "sent", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        desk.poll.round()
    monkeypatch.undo()
    desk.begin()
    desk.poll.round()
    rows = [(event["source"], event["row"]) for event in desk.events]
    assert len(rows) == 6
    assert len(set(rows)) == 3


def test_our_own_wrong_clock_refuses_nothing_and_is_said_once(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, reply)
    desk.now = NOW - timedelta(days=30)
    desk.publisher.clock = lambda: NOW
    assert desk.poll.round().new == 3
    desk.poll.round()
    assert desk.said == ["weather: this machine's clock is behind the publisher's, whose time counts."]


def test_an_observation_before_the_last_counts_once_and_is_said(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, reply)
    desk.poll.round()
    desk.publisher.decides(ENDPOINT, lambda asked: reply(asked, AT - timedelta(minutes=30)))
    assert desk.poll.round().new == 3
    assert desk.poll.round().new == 0
    assert desk.said[0] == "weather: Paris, FR goes back to 2026-11-24 08:30 UTC; it counts all the same."
    assert desk.store.place("weather", "Paris, FR").observed == int(AT.timestamp())


def test_a_redirect_is_followed(desk: Desk) -> None:
    def moved(asked: Asked) -> Reply:
        position = f"latitude={asked.params['latitude']}&longitude={asked.params['longitude']}"
        return Reply(b"", 301, {"Location": f"{{base}}/new.example/v2?{position}"})

    desk.publisher.decides(ENDPOINT, moved)
    desk.publisher.decides("https://new.example/v2", reply)
    assert desk.poll.round().answered == 3
