"""Records as they may stand in a topic of the feed `shop`: what their texts are, or why they are refused."""

from millrace.record.event import encode_event
from millrace.record.limits import DEEPEST_JSON, LONGEST_JSON_KEY, MOST_FIELDS
from tests.unit.spark.records import SENT_AT

DEEP = f"the record is nested deeper than {DEEPEST_JSON} levels"
LONG_NAME = f"the record has a field whose name is longer than {LONGEST_JSON_KEY} bytes"
TOO_MUCH = "the record has more than 10000 fields, or 33554432 characters in them"
OTHER_FIELDS = "the line does not have the 3 fields of the contract"
HEAD = b'{"feed":"shop","source":1,"row":2,'
LONG = b"x" * LONGEST_JSON_KEY
QUOTED_BRACKETS = b'[{\\"' * 200


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


def dotted(levels: int) -> str:
    return ".".join("a" * levels)


def envelope(data: bytes, more: bytes = b"") -> bytes:
    return HEAD + more + b'"data":' + data + b"}"


def sent(at: str) -> bytes:
    return envelope(b'{"Day":"1"}', b'"sent_at":"%b",' % at.encode())


READABLE: dict[str, tuple[bytes, dict[str, str]]] = {
    "a line": (b'1,"a,b",c', {"Day": "1", "Item": "a,b", "Note": "c"}),
    "an object": (b' {"Day": 1, "x": {"y": null, "z": 1.50}}', {"Day": "1", "x.z": "1.50"}),
    "an envelope": (envelope(b'{"Day":"1","New":""}'), {"Day": "1", "New": ""}),
    "numbers in an envelope": (
        envelope(b'{"Day":12345678901234567890.10,"New":[1e5]}'),
        {"Day": "12345678901234567890.10", "New.0": "1e5"},
    ),
    "only unknown fields are nested": (
        envelope(b'{"Day":"1","New":{"a":1.50}}'),
        {"Day": "1", "New.a": "1.50"},
    ),
    "an envelope without a row is an object": (
        b'{"feed":"shop","source":1,"data":{"Day":"1"}}',
        {"feed": "shop", "source": "1", "data.Day": "1"},
    ),
    "the deepest envelope": (
        envelope(b'{"Day":"1","New":' + nested(DEEPEST_JSON - 2) + b"}"),
        {"Day": "1", f"New.{dotted(DEEPEST_JSON - 2)}": "1"},
    ),
    "the deepest object": (nested(DEEPEST_JSON), {dotted(DEEPEST_JSON): "1"}),
    "brackets in a text are no levels": (b'{"Day": "%b"}' % QUOTED_BRACKETS, {"Day": '[{"' * 200}),
    "the longest name": (b'{"%b": 1}' % LONG, {LONG.decode(): "1"}),
    "a tree beside the data": (envelope(b'{"Day":"1"}', b'"more":' + nested(500) + b","), {"Day": "1"}),
}
UNREADABLE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "the record is empty"),
    "blanks": (b" \n", "the record is empty"),
    "no text": (b"\xff", "the record is not UTF-8 text"),
    "too few fields": (b"1,2", OTHER_FIELDS),
    "a list": (b"[1]", OTHER_FIELDS),
    "broken JSON": (b'{"Day": tru}', "the record is not valid JSON"),
    "another feed": (encode_event("toy", 1, 2, SENT_AT, data={}), "the record belongs to the feed toy"),
    "a feed that is a tree": (
        envelope(b"{}").replace(b'"shop"', nested(900)),
        "the record belongs to the feed ?",
    ),
    "unreadable before": (
        encode_event("shop", 1, 2, SENT_AT, raw=b"1,2", why="the row has 2 fields"),
        "the row has 2 fields",
    ),
    "for no reason": (HEAD + b'"raw":"!"}', "the record is unreadable"),
    "for a long reason": (HEAD + b'"raw":"MQ==","why":"%b"}' % (b"y" * 10**6), "y" * 500),
    "half a character in a name that stands twice": (
        b'{"\\ud83d": 1, "\\ud83d": 2}',
        "the record names \\ud83d twice",
    ),
    "half a character in a name with two values": (
        b'{"\\ud83d": {"b": 1}, "\\ud83d.b": 2}',
        "the record holds half a character in '\\ud83d.b'",
    ),
    "many fields": (b'{"a":[%b]}' % b",".join([b"1"] * (MOST_FIELDS + 1)), TOO_MUCH),
    "a long name many times": (b'{"%b":[%b]}' % (LONG[:-5], b",".join([b"1"] * 9000)), TOO_MUCH),
    "too long a name": (b'{"%bx": 1}' % LONG, LONG_NAME),
    "too long a name, in two parts": (b'{"%b": {"": 1}}' % LONG, LONG_NAME),
    "too long a name in an envelope": (envelope(b'{"Day":"1","%b":"2"}' % ("é" * 32_768).encode()), LONG_NAME),
    "too long a name deep in an envelope": (envelope(b'{"Day":"1","New":{"%b":1}}' % LONG), LONG_NAME),
    "nested lists": (b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}", DEEP),
    "nested and cut off": (b'{"a":' * 5000, DEEP),
    **{
        f"an object nested {levels} levels": (nested(levels), DEEP)
        for levels in (DEEPEST_JSON + 1, 253, 255, 990, 1023, 1025, 5000, 10_000, 100_000)
    },
    **{
        f"an envelope nested {levels} levels": (envelope(nested(levels - 1)), DEEP)
        for levels in (DEEPEST_JSON + 1, 253, 255, 1000)
    },
    **{
        f"sent at {at[:30]}": (sent(at), f"the record says it was sent in the year {year}, not 1970 to 9998")
        for at, year in (
            ("0000-01-01T00:00:00Z", "0000"),
            ("0000-00-00 00:00:00", "0000"),
            ("0001-01-01T00:00:00+14:00", "0001"),
            ("1969-12-31T23:59:59Z", "1969"),
            ("9999-12-31T23:59:59-14:00", "9999"),
            ("10000-01-01T00:00:00Z", "10000"),
            ("+10000-01-01", "10000"),
            ("-0001-01-01", "0001"),
            ("1" * 10**6 + "-01-01", "1" * 100),
        )
    },
}
