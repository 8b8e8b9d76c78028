"""Cases of the feed `parcel` by a seed, always the same: bytes for a topic, and what must become of them."""

from collections import deque
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from drills.hostile.tokens import (
    AGAIN,
    LARGE,
    LOADS,
    NO_ENVELOPE,
    OF_ENVELOPE,
    REFUSED,
    UNKNOWN,
    UNSEALED,
    VALUES,
    Fate,
    Members,
    object_of,
    text_of,
    token,
    tree,
)
from millrace.record.seal import Seal

FEED = "parcel"
SENT_AT = "2026-11-28T20:00:00.000Z"
REQUIRED, OPTIONAL = ("Year", "State", "Sender", "Posted", "Route"), ("Weight", "Name", "Fragile")
SOURCES = 20
SHARE_GOOD, SHARE_AGAIN = 2 / 5, 1 / 30
LARGE_EVERY, LARGE_BYTES = 10_000, 50_000
REMEMBERED = 500
"""How many of the newest cases may come again."""


Values = tuple[int, str, int, int, str, str, str, int | None]
"""A row of the feed: year, state, sender, weight, posted_at as text, name, route, fragile as 1 or 0."""


class Case(NamedTuple):
    """A record: its bytes, what must become of it, who it says that it is (None: its position in the topic says it).

    What says it has the producers' seal on its way; nothing else has. `values`: what the table must then have of it,
    where the record is as people write it.
    """

    value: bytes
    fate: Fate
    identity: tuple[int, int] | None
    values: Values | None = None


def as_sent(case: Case, seal: Seal) -> bytes:
    """Its bytes in the topic."""
    return seal.put_on(case.value) if case.identity is not None else case.value


def cases(seed: int, count: int) -> Iterator[Case]:
    """So many, two in five of them good; one in thirty has come before."""
    maker = Maker(Random(seed))
    known: deque[Case] = deque(maxlen=REMEMBERED)
    for number in range(1, count + 1):
        if known and maker.random.random() < SHARE_AGAIN:
            yield maker.random.choice(known)._replace(fate=AGAIN)
            continue
        case = maker.one(number)
        if case.identity is not None and len(case.value) < LARGE_BYTES:
            known.append(case)
        yield case


class Maker:
    """Makes cases, each under an identity of its own."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._sources = [random.getrandbits(62) + 1 for _ in range(SOURCES)]
        self._hostile: tuple[Callable[[int], Case], ...] = (
            *(self._value, self._unknown, self._of_envelope, self._no_envelope, self._missing, self._twice),
            *(self._unreadable_before, self._bytes, self._typed, self._unsealed),
        )

    def one(self, number: int) -> Case:
        """A case of any kind."""
        if number % LARGE_EVERY == 0:
            return self._large(number)
        is_good = self.random.random() < SHARE_GOOD
        return (self._good if is_good else self.random.choice(self._hostile))(number)

    def _good(self, number: int) -> Case:
        texts = self._texts()
        return self._of(number, as_members(texts), LOADS)._replace(values=values_of(texts))

    def _value(self, number: int) -> Case:
        """One value of the contract's is another."""
        header, value, fate = self.random.choice(VALUES)
        return self._of(number, put(self._data(), header, value), fate)

    def _unknown(self, number: int) -> Case:
        """A field that the contract does not know."""
        value, fate = self.random.choice(UNKNOWN)
        if self.random.random() < 1 / 2:
            value, fate = token(tree(self.random, 6)), LOADS
        return self._of(number, [*self._data(), (token(text_of(self.random, 5)), value)], fate)

    def _large(self, number: int) -> Case:
        name, value, fate = self.random.choice(LARGE)
        return self._of(number, [*self._data(), (name, value)], fate)

    def _of_envelope(self, number: int) -> Case:
        """One member of the envelope is another."""
        member, value, fate = self.random.choice(OF_ENVELOPE)
        return self._of(number, self._data(), fate, (member, value))

    def _no_envelope(self, number: int) -> Case:
        """What says who it is, or what it carries, does not."""
        case = self._of(number, self._data(), REFUSED, self.random.choice(NO_ENVELOPE))
        return case._replace(identity=None)

    def _missing(self, number: int) -> Case:
        """A field or a member is not there."""
        name = self.random.choice((*REQUIRED, *OPTIONAL, "feed", "sent_at", "origin", "source", "row", "data"))
        data = self._data()
        if name in {*REQUIRED, *OPTIONAL}:
            left = [member for member in data if member[0] != token(name)]
            return self._of(number, left, REFUSED if name in REQUIRED else LOADS)
        source, members = self._members(number, data)
        value = object_of([member for member in members if member[0] != token(name)]).encode()
        if name in {"source", "row", "data"}:
            return Case(value, REFUSED, None)
        return Case(value, REFUSED if name == "feed" else LOADS, (source, number))

    def _twice(self, number: int) -> Case:
        """A name stands twice. Of texts and of the envelope's members the last counts, as in most JSON readers.

        Beside a value that is no text the record is read by the strict reader, which refuses that.
        """
        data, kind = self._data(), self.random.randrange(4)
        if kind == 0:
            return self._of(number, [(token("Year"), '"1"'), *data], LOADS)
        if kind == 1:
            return self._of(number, [*data, (token("Year"), '"1"')], REFUSED)
        if kind == 2:
            return self._of(number, [(token("Year"), '"1"'), *data, (token("Extra"), "1")], REFUSED)
        source, members = self._members(number, data)
        return Case(object_of([(token("row"), "0"), *members]).encode(), LOADS, (source, number))

    def _unreadable_before(self, number: int) -> Case:
        """The producer could not read it either."""
        source, members = self._members(number, [])
        why = self.random.choice(('"the row has 2 fields"', "null", "1", token("y" * 1000)))
        bare = [member for member in members if member[0] != token("data")]
        value = object_of([*bare, (token("raw"), '"MSwy"'), (token("why"), why)])
        return Case(value.encode(), REFUSED, (source, number))

    def _bytes(self, number: int) -> Case:
        """Bytes that are no envelope, or an envelope that is broken or has something beside it."""
        whole = self._of(number, self._data(), LOADS)
        kind = self.random.randrange(6)
        if kind == 0:
            return whole._replace(value=b" \n" + whole.value[:-1] + b"\t }")
        broken = (
            whole.value[: self.random.randrange(1, len(whole.value))],
            whole.value + b"}",
            b"[" + whole.value + b"]",
            bytes(byte for byte in self.random.randbytes(self.random.randrange(40)) if byte not in b",{"),
            self.random.choice((b"", b" ", b"null", b"{}", b"[]", b"\xff\xfe{}", b"\xef\xbb\xbf", b'"', b"[" * 5000)),
        )
        return Case(broken[kind - 1], REFUSED, None)

    def _unsealed(self, number: int) -> Case:
        """As anyone may write it: what it claims counts for nothing, and what it may not claim refuses it."""
        more, fate = self.random.choice(UNSEALED)
        return self._of(number, self._data(), fate, more)._replace(identity=None)

    def _typed(self, _number: int) -> Case:
        """As a person types it: a line, or an object; good, or with too few or too many fields."""
        texts = {name.strip('"'): value.strip('"') for name, value in self._data()}
        line = ",".join(texts.values())
        value, fate = self.random.choice(
            (
                (line, LOADS),
                (token(texts), LOADS),
                (line + ",", REFUSED),
                (line.partition(",")[2], REFUSED),
                (f'{line}"', REFUSED),
                (token(texts | {"Year": "1"}), REFUSED),
                (object_of([(token(name), token(text)) for name, text in (*texts.items(), ("Year", "2014"))]), REFUSED),
            )
        )
        return Case(value.encode(), fate, None)

    def _of(self, number: int, data: Members, fate: Fate, changed: tuple[str, str] | None = None) -> Case:
        source, members = self._members(number, data)
        if changed:
            members = put(members, *changed)
        return Case(object_of(members).encode(), fate, (source, number))

    def _members(self, number: int, data: Members) -> tuple[int, Members]:
        source = self.random.choice(self._sources)
        values = {"feed": FEED, "source": source, "origin": "file", "row": number, "sent_at": SENT_AT}
        return source, [*((token(name), token(value)) for name, value in values.items()), ('"data"', object_of(data))]

    def _data(self) -> Members:
        return as_members(self._texts())

    def _texts(self) -> dict[str, str]:
        """A good record's, as people write it."""
        random = self.random
        letters = "".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=4))
        return {
            "Year": str(random.randint(2014, 2100)),
            "State": letters[:2],
            "Sender": str(random.randint(10_000, 99_999)),
            "Weight": str(random.randint(0, 32_767)),
            "Posted": f"20{random.randint(10, 99)}-{random.randint(1, 12):02}-{random.randint(1, 28):02} 10:11:12",
            "Name": text_of(random, random.randint(1, 60)),
            "Route": f"{letters[2:]}N{random.randint(0, 999):03}",
            "Fragile": random.choice(("yes", "No", "")),
        }


def as_members(texts: dict[str, str]) -> Members:
    """The texts as an object's members."""
    return [(token(name), token(value)) for name, value in texts.items()]


def values_of(texts: dict[str, str]) -> Values:
    """The row that must be made of them."""
    year, sender, weight = (int(texts[name]) for name in ("Year", "Sender", "Weight"))
    fragile = {"yes": 1, "No": 0, "": None}[texts["Fragile"]]
    return year, texts["State"], sender, weight, texts["Posted"], texts["Name"], texts["Route"], fragile


def put(members: Members, name: str, value: str) -> Members:
    """The members with another value under that name, or with one more."""
    others = [member for member in members if member[0] != token(name)]
    return [*others, (token(name), value)]
