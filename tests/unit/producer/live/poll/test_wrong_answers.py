"""A publisher that answers wrongly, late or not at all: one line, and the other places go on."""

from datetime import timedelta

import orjson
import pytest

from producer.live.http_client import open_client
from producer.live.poll import Round
from tests.unit.producer.live.poll.desk import AT, ENDPOINT, Desk, api, of_oslo, reply, weather
from tests.unit.producer.live.publisher_server import Reply

pytestmark = pytest.mark.bulk

WRONG = {
    "garbage": (lambda asked: Reply(b"<html>502</html>"), "no JSON"),
    "half a JSON": (lambda asked: Reply(orjson.dumps(weather(asked))[:200]), "no JSON"),
    "a list": (lambda asked: Reply(b"[]"), "no JSON object"),
    "empty": (lambda asked: Reply(b""), "no JSON"),
    "not UTF-8": (lambda asked: Reply(b'{"latitude": "\xff"}'), "no JSON"),
    "an error": (lambda asked: Reply(b'{"error": true, "reason": "Out of range"}'), "Out of range"),
    "another city": (lambda asked: reply(asked, latitude=48.85, longitude=2.35), "another place, 48.85, 2.35"),
    "no place": (lambda asked: reply(asked, latitude=None), "for which place"),
    "local time": (lambda asked: reply(asked, utc_offset_seconds=3600), "local time"),
    "other units": (
        lambda asked: reply(asked, current_units={**api().variables, "temperature_2m": "°F"}),
        "temperature_2m comes in °F, not in °C",
    ),
    "the future": (lambda asked: reply(asked, AT + timedelta(days=400)), "in the future"),
    "long ago": (lambda asked: reply(asked, AT - timedelta(days=9)), "more than two days old"),
    "no time": (lambda asked: reply(asked, current={"temperature_2m": 3}), "time is None"),
    "no weather": (lambda asked: reply(asked, current={}), "no present weather"),
    "a huge body": (lambda asked: Reply(b" " * 300_000), "more than 262,144 bytes"),
    "gone": (lambda asked: Reply(b"", 404), "nothing at that address"),
    "cut off": (lambda asked: Reply(orjson.dumps(weather(asked)), cut=50), "broke off"),
}


@pytest.mark.parametrize("how", WRONG)
def test_one_wrong_answer_is_one_line_and_the_others_go_on(desk: Desk, how: str) -> None:
    answer, sentence = WRONG[how]
    desk.publisher.decides(ENDPOINT, lambda asked: answer(asked) if of_oslo(asked) else reply(asked))
    assert desk.poll.round() == Round(3, answered=2, new=2)
    desk.poll.round()
    (line,) = desk.said
    assert sentence in line
    assert desk.cities == ["Paris", "Suva"]
    assert sentence in desk.store.place("weather", "Oslo, NO").trouble
    desk.publisher.decides(ENDPOINT, reply)
    assert desk.poll.round() == Round(3, answered=3, new=1)
    assert desk.said[1:] == ["weather: Oslo, NO answers again."]


def test_a_refused_answer_is_kept_with_its_reason(desk: Desk) -> None:
    desk.publisher.decides(ENDPOINT, lambda asked: Reply(b"<html>") if of_oslo(asked) else reply(asked))
    desk.poll.round()
    kept, reason = sorted((desk.folder / "refused").iterdir())
    assert kept.read_bytes() == b"<html>"
    assert "Oslo, NO: the answer is no JSON" in reason.read_text()
    assert str(kept) in desk.said[0]


def test_trouble_that_passes_is_asked_again(desk: Desk) -> None:
    replies = iter([Reply(b"", 500), Reply(b"", 502)])
    desk.publisher.decides(ENDPOINT, lambda asked: next(replies, None) or reply(asked))
    assert desk.poll.round().answered == 3
    assert desk.said == []


def test_a_publisher_that_fails_everywhere_ends_the_round(desk: Desk) -> None:
    desk.publisher.answers(ENDPOINT, Reply(b"", 500))
    done = desk.poll.round()
    assert done.answered == 0
    assert "trouble of its own (500 Internal Server Error)" in done.trouble


def test_too_many_questions_end_the_round_and_say_how_long_to_wait(desk: Desk) -> None:
    desk.publisher.decides(
        ENDPOINT, lambda asked: Reply(b"", 429, {"Retry-After": "120"}) if of_oslo(asked) else reply(asked)
    )
    done = desk.poll.round()
    assert (done.answered, done.wait) == (1, 120)
    assert "ask again in 120 s" in done.trouble
    assert len(desk.publisher.asked) == 2, "nobody is asked after that"


def test_a_short_wait_is_waited_through(desk: Desk) -> None:
    replies = iter([Reply(b"", 429, {"Retry-After": "3"})])
    desk.publisher.decides(ENDPOINT, lambda asked: next(replies, None) or reply(asked))
    assert desk.poll.round().answered == 3
    assert 3 in desk.slept


def test_no_server_is_said_once_and_costs_one_question(desk: Desk) -> None:
    desk.poll.base = "http://127.0.0.1:9"
    done = desk.poll.round()
    assert (done.answered, done.trouble) == (0, "127.0.0.1:9 cannot be reached (no connection): is there Internet?")
    assert desk.said == []


def test_a_slow_answer_is_given_up(desk: Desk) -> None:
    desk.poll.client = open_client(seconds=0.2)
    desk.publisher.decides(ENDPOINT, lambda asked: Reply(b"{}", delay=0.5) if of_oslo(asked) else reply(asked))
    assert desk.poll.round().answered == 2
    assert "stopped answering in the middle" in desk.said[0]
