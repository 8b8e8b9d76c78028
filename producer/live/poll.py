"""One round of questions to an API: every place asked, what is new kept on disk, then sent to Kafka.

One place's trouble never stops the others; the publisher's own (away, busy, broken) ends the round.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx

from millrace.contract.column import MESSAGE
from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.kafka.broker import present_uuid
from millrace.record.event import encode_event, timestamp
from millrace.record.identity import api_source
from millrace.record.json_record import NotJson
from millrace.record.seal import Seal
from producer.files.json_file import read_record
from producer.kafka.backpressure import Backpressure, ReadUpTo
from producer.kafka.event_sender import EventSender
from producer.kafka.outlet import Topic
from producer.kafka.publisher import Publisher
from producer.live import open_meteo
from producer.live.errors import Trouble
from producer.live.http_client import Answer, ask, patiently, rebased
from producer.live.open_meteo import Observation
from producer.live.publishers import Api, Place
from producer.live.refused_answers import RefusedAnswers
from producer.live.store import PlaceState, Store, Waiting

ATTEMPTS = 3
LONGEST_WAIT = 10.0
MOST_BYTES = 256 * 1024
FAILING_IN_A_ROW = 3
"""After so many places in a row without any answer, the publisher itself is taken to be broken."""


@dataclass(frozen=True)
class Round:
    """What a round brought. `trouble` is the publisher's own, `wait` the seconds it asks for."""

    places: int
    answered: int = 0
    new: int = 0
    trouble: str = ""
    wait: float = 0.0


@dataclass
class Poll:
    """A feed's API, asked for its places. `say` gets one line per thing that is new or wrong."""

    contract: Contract
    api: Api
    page: str
    places: tuple[Place, ...]
    store: Store
    client: httpx.Client
    topic: Topic
    publisher: Callable[[], Publisher]
    seal: Seal
    refused: RefusedAnswers
    base: str = ""
    read_up_to: ReadUpTo | None = None
    say: Callable[[str], None] = lambda _line: None
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    stopped: Callable[[], bool] = lambda: False
    _said: dict[str, str] = field(default_factory=dict, init=False)

    @property
    def feed(self) -> str:
        return self.contract.feed

    @property
    def _endpoint(self) -> str:
        """The address that is asked and names the source: what a test's server says is never the publisher's."""
        return rebased(self.api.endpoint, self.base)

    def round(self) -> Round:
        """Ask for every place once and send what is new; what waits from an earlier round or run goes first."""
        uuid = self._send()
        done, failing = Round(len(self.places)), 0
        for number, place in enumerate(self.places):
            if self.stopped():
                break
            if number:
                self.sleep(self.api.pause)
            try:
                is_new = self._ask(place, uuid)
            except Trouble as trouble:
                failing += trouble.kind == "failing"
                if trouble.kind in {"offline", "busy"} or (failing >= FAILING_IN_A_ROW and not done.answered):
                    done = replace(done, trouble=str(trouble), wait=trouble.wait or 0.0)
                    break
            else:
                done = replace(done, answered=done.answered + 1, new=done.new + is_new)
        self._send()
        return done

    def _ask(self, place: Place, uuid: str) -> bool:
        """Whether the place has an observation that was not known; Trouble, written down, where it has none."""
        state = self.store.place(self.feed, place.label)
        body = b""
        try:
            answer = self._answer(place, uuid)
            body = answer.body or b""
            is_new, observed = self._take(place, answer, uuid, state)
        except Trouble as trouble:
            if str(trouble) != state.trouble and trouble.kind not in {"offline", "busy"}:
                self.say(f"{self.feed}: {trouble}{self.refused.keep(self.feed, place.label, body, str(trouble))}")
            self.store.put_place(self.feed, replace(state, trouble=str(trouble)))
            raise
        if state.trouble:
            self.say(f"{self.feed}: {place.label} answers again.")
        self.store.put_place(self.feed, PlaceState(place.label, observed, self.now().timestamp()))
        return is_new

    def _answer(self, place: Place, uuid: str) -> Answer:
        params = open_meteo.question(self.api, place)
        known = self.store.validators(self._address(place), uuid)

        def question() -> Answer:
            return ask(self.client, self._endpoint, page=self.page, params=params, known=known, most_bytes=MOST_BYTES)

        return patiently(question, attempts=ATTEMPTS, longest_wait=LONGEST_WAIT, sleep=self.sleep)

    def _take(self, place: Place, answer: Answer, uuid: str, state: PlaceState) -> tuple[bool, int | None]:
        """Whether the answer is new, and the time of the newest observation; it is on disk before the answer counts."""
        self._compare_clocks(answer)
        if answer.body is None:
            return False, state.observed
        seen = open_meteo.present(self.api, place, answer.body, answer.headers, self.now())
        is_new = self.store.keep(self.feed, uuid, self._waiting(seen))
        self.store.remember(self._address(place), uuid, answer.validators)
        if is_new and state.observed is not None and seen.row < state.observed:
            self.say(f"{self.feed}: {place.label} goes back to {seen.at:%Y-%m-%d %H:%M} UTC; it counts all the same.")
        return is_new, max(seen.row, state.observed or 0)

    def _waiting(self, seen: Observation) -> Waiting:
        try:
            data = read_record(seen.message)
        except NotJson as error:
            raise Trouble("wrong", f"{seen.place.label}: the answer {error}.") from None
        data = {name: text for name, text in data.items() if name not in self.contract.ignore}
        message = {MESSAGE: seen.message} if self.contract.keeps_message else {}
        source = api_source(self.feed, self._endpoint, seen.place.label)
        event = encode_event(self.feed, source, seen.row, timestamp(), data={**data, **message}, origin="api")
        return Waiting(source, seen.row, event)

    def _send(self) -> str:
        """Send what waits, and return the topic's UUID. With Kafka away everything waits, and one line says so."""
        try:
            uuid = present_uuid(self.topic, self.feed)
            if waiting := self.store.waiting(self.feed):
                self._publish(waiting, uuid)
        except Refused as refused:
            self._say_once("Kafka", f"observations wait on this machine until Kafka takes them: {refused}")
            return ""
        self._say_once("Kafka", "")
        return uuid

    def _publish(self, waiting: list[Waiting], uuid: str) -> None:
        start = self.topic.latest_offsets(self.feed)
        target = self.publisher()
        try:
            backpressure = Backpressure(self.feed, self.topic.retention_bytes, start, self.read_up_to)
            EventSender(target, sorted(start), backpressure, self.seal).send(enumerate(each.event for each in waiting))
        finally:
            target.close()
        self.store.sent(self.feed, uuid, waiting)

    def _compare_clocks(self, answer: Answer) -> None:
        apart = open_meteo.clock_apart(answer.headers, self.now())
        way = "behind" if apart > 0 else "ahead of"
        line = f"this machine's clock is {way} the publisher's, whose time counts." if apart else ""
        self._say_once("clock", line)

    def _say_once(self, about: str, line: str) -> None:
        """Say a line when it begins to be true, not every round."""
        if line and line != self._said.get(about):
            self.say(f"{self.feed}: {line}")
        self._said[about] = line

    def _address(self, place: Place) -> str:
        return f"{self._endpoint}?{urlencode(open_meteo.question(self.api, place))}"
