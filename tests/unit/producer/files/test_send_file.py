"""Sending a file: what is refused before the first record, what is sent, and what a kill leaves."""

from base64 import b64decode

import pytest

from millrace.errors import Refused
from millrace.record.identity import file_source
from tests.unit.producer.files.desk import CONTRACT, Desk, many
from tests.unit.producer.memory_topic import MemoryPublisher


def test_records_arrive_as_they_stand(desk: Desk) -> None:
    result = desk.send(',Day,Item,Colour\n0,1," a\nb ",\U0001f600\n', name="x.csv")
    assert (result.records, result.sent, result.skipped, result.unreadable) == (1, 1, 0, 0)
    (event,) = desk.events
    assert event["data"] == {"Day": "1", "Item": " a\nb ", "Colour": "\U0001f600"}
    assert (event["feed"], event["source"], event["row"]) == ("shop", result.source, 1)


def test_an_unreadable_record_is_sent_raw_with_its_reason(desk: Desk) -> None:
    result = desk.send(b"Day,Item\n1,a,b\n2,\xff\n3,c\n")
    assert (result.sent, result.unreadable) == (3, 2)
    read = [(e["row"], e.get("why"), b64decode(e.get("raw", ""))) for e in desk.events]
    assert read == [
        (1, "the row has 3 fields, the header has 2", b"1,a,b\n"),
        (2, "the row is not UTF-8 text", b"2,\xff\n"),
        (3, None, b""),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "x.csv is empty; a header and at least one record are needed."),
        (b"\xef\xbb\xbf", "x.csv: line 1 is blank, the header must stand there; remove the line."),
        (b"Day,Item\n", "x.csv has a header but no record; nothing was sent."),
        (b"Day,Item\r\n\r\n", "x.csv has a header but no record; nothing was sent."),
        (b"\nDay,Item\n1,a\n", "x.csv: line 1 is blank, the header must stand there; remove the line."),
        (b"Day,Itm\n1,a\n", "x.csv: the column Item of shop is missing; did you mean Itm?"),
        (b"A,B\n1,a\n", "x.csv: the columns Day, Item of shop are missing; the header has A, B."),
        (b"1,a\n2,b\n", "x.csv: the columns Day, Item of shop are missing; the header has 1, a."),
        (b"Day;Item\n1;a\n", "x.csv: its columns are parted by semicolons, the feed shop wants commas."),
        (
            b"Day;Itm\n1;a\n",
            "x.csv: its columns are parted by semicolons, the feed shop wants commas. It has no column Item either.",
        ),
        (b"Day\tItem\n1\ta\n", "x.csv: its columns are parted by tabs, the feed shop wants commas."),
        (b"Day,Item,Day\n1,a,2\n", "x.csv: the header names Day more than once; give each column its own name."),
        (b"D\xffy,Item\n1,a\n", "x.csv: the header is not UTF-8 text; save it so."),
        (
            b'Day,"Item\n1,a\n',
            "x.csv: a quote in the header is never closed; each column's name must stand in one line.",
        ),
        (
            b'Day,"Item\nof sale"\n1,a\n',
            "x.csv: a column's name goes on in the next line; each column's name must stand in one line.",
        ),
        ("Day,Item\n1,a\n".encode("utf-16-le"), "x.csv is no text, or UTF-16 without its mark; save it as UTF-8."),
        (
            "Day,Item\n1,a\n".encode("utf-16") + b"\0",
            "x.csv begins as UTF-16 text, but is none throughout; save it as UTF-8.",
        ),
        (b"Day,Item\r1,a\r", "x.csv: the lines end with carriage returns alone; save it with ordinary line ends."),
        (
            b"Day,Item\n1,a\n2," + b"x" * (9 << 20) + b"\n",
            "x.csv: record 2 at line 3 is too large (9,437,323 bytes as an event, 8,384,512 are allowed); shorten "
            "it, or look for a quote that is never closed.",
        ),
    ],
)
def test_a_wrong_file_is_refused_before_anything_is_sent(desk: Desk, content: bytes, said: str) -> None:
    with pytest.raises(Refused) as refused:
        desk.send(content)
    assert str(refused.value) == said
    assert desk.broker.events == []
    assert desk.journal.named("shop", "x.csv") == []
    assert list((desk.folder / "spool").iterdir()) == []


def test_an_empty_header_name_is_refused_where_the_contract_does_not_ignore_it(desk: Desk) -> None:
    strict = CONTRACT.model_copy(update={"ignore": ()})
    with pytest.raises(Refused, match=r"^x\.csv: column 2 of the header has no name; name it or remove it\.$"):
        desk.send("Day,,Item\n1,2,a\n", contract=strict)


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (b"\xef\xbb\xbfDay,Item\n1,a\n", {"Day": "1", "Item": "a"}),
        (b"Day,Item\r\n1,a\r\n", {"Day": "1", "Item": "a"}),
        (b'"Day" ,Item\n1,a\n', {"Day": "1", "Item": "a"}),
        (b" Day , Item \n1,a\n", {"Day": "1", "Item": "a"}),
    ],
)
def test_byte_order_mark_and_line_ends_leave_no_trace(desk: Desk, content: bytes, row: dict[str, str]) -> None:
    desk.send(content)
    assert desk.events[0]["data"] == row


def test_blank_lines_above_the_header_pass_where_the_contract_says_so(desk: Desk) -> None:
    layout = CONTRACT.source.model_copy(update={"leading_blank_lines": 1})
    desk.send("\nDay,Item\n1,a\n", contract=CONTRACT.model_copy(update={"source": layout}))
    assert desk.events[0]["data"] == {"Day": "1", "Item": "a"}


def test_a_missing_file_a_folder_and_a_missing_topic_are_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match=r"nowhere\.csv does not exist\.$"):
        desk.send_path(desk.folder / "nowhere.csv")
    with pytest.raises(Refused, match=r"is a folder; name one file\.$"):
        desk.send_path(desk.folder)
    desk.uuid = None
    said = r"^Kafka has no topic shop; `make up` creates those .+ in lab\.yml, `make feed-on FEED=shop` this one\.$"
    with pytest.raises(Refused, match=said):
        desk.send("Day,Item\n1,a\n")


def test_the_same_content_sent_again_keeps_its_identity_under_any_name(desk: Desk) -> None:
    first = desk.send("Day,Item\n1,a\n")
    again = desk.send("Day,Item\n1,a\n")
    renamed = desk.send("Day,Item\n1,a\n", name="y.csv")
    assert first.source == again.source == renamed.source == desk.events[0]["source"]
    assert [event["row"] for event in desk.events] == [1, 1, 1]


def test_other_content_of_a_known_name_is_refused_with_both_ways_out(desk: Desk) -> None:
    desk.send("Day,Item\n1,a\n")
    with pytest.raises(Refused) as refused:
        desk.send("Day,Item\n1,b\n")
    assert str(refused.value) == (
        "A file x.csv with other content was sent to shop before; add AS_NEW=1 if both count, "
        "or REPLACE=1 if this one takes its place."
    )
    assert len(desk.events) == 1


def test_as_new_counts_both_and_replace_names_the_old_on_every_record(desk: Desk) -> None:
    first = desk.send("Day,Item\n1,a\n")
    second = desk.send("Day,Item\n1,b\n", again="as_new")
    third = desk.send("Day,Item\n1,c\n2,d\n", again="replace")
    assert len({first.source, second.source, third.source}) == 3
    assert [event.get("replaces") for event in desk.events] == [None, None, second.source, second.source]


def test_a_version_grows_with_every_claim_and_stays_without_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([5_000, 4_000, 3_000, 2_000])
    monkeypatch.setattr("producer.kafka.journal.time_ns", lambda: next(clock) * 1_000_000)
    old, new = "Day,Item\n1,a\n", "Day,Item\n1,b\n"
    desk.send(old)
    desk.send(new, again="replace")
    desk.send(new)
    desk.send(old, again="as_new")
    desk.send(old, name="y.csv")
    assert [event["version"] for event in desk.events] == [5_000, 5_001, 5_001, 5_002, 5_002]


def test_what_was_replaced_counts_again_under_another_name(desk: Desk) -> None:
    desk.send("Day,Item\n1,a\n")
    desk.send("Day,Item\n1,b\n", again="replace")
    desk.send("Day,Item\n1,a\n", name="y.csv")
    old, new, again = desk.events
    assert (old["source"], old["version"] < new["version"] < again["version"]) == (again["source"], True)


def test_what_was_replaced_is_not_taken_for_sent(desk: Desk) -> None:
    """A landing folder would put it aside without a word, and none of its rows would count."""
    desk.send("Day,Item\n1,a\n", once=True)
    desk.send("Day,Item\n1,b\n", again="replace")
    with pytest.raises(Refused, match=r"A file x\.csv with other content was sent"):
        desk.send("Day,Item\n1,a\n", once=True)


def test_an_interrupted_send_that_was_replaced_meanwhile_begins_anew(desk: Desk) -> None:
    desk.broker.fail_after = 1_200
    with pytest.raises(Refused):
        desk.send(many(3_000))
    desk.broker.fail_after = None
    desk.send("Day,Item\n1,b\n", again="replace")
    assert desk.send(many(3_000), again="as_new").skipped == 0


def test_a_claim_is_repeated_with_its_version(desk: Desk) -> None:
    """So that nothing depends on where a send was interrupted, and which of its records were lost."""
    desk.send("Day,Item\n1,a\n")
    desk.send("Day,Item\n1,b\n", again="replace")
    desk.send("Day,Item\n1,b\n")
    _, first, again = desk.events
    assert [first.pop("sent_at") <= again.pop("sent_at"), first] == [True, again]


def test_both_partitions_are_used_and_the_ends_bound_the_send(desk: Desk) -> None:
    result = desk.send(many(2_500))
    assert result.end_offsets == {0: 1_500, 1: 1_000}
    assert desk.rows == list(range(1, 2_501))


def test_an_interrupted_send_goes_on_where_kafka_stopped(desk: Desk) -> None:
    desk.broker.fail_after = 1_200
    with pytest.raises(Refused, match="stopped answering"):
        desk.send(many(3_000))
    assert len(desk.events) == 1_000
    desk.broker.fail_after = None
    result = desk.send(many(3_000))
    assert (result.records, result.sent + result.skipped) == (3_000, 3_000)
    assert sorted(set(desk.rows)) == list(range(1, 3_001))
    assert result.skipped > 0


def test_an_interrupted_send_starts_over_when_the_topic_was_made_anew(desk: Desk) -> None:
    desk.broker.fail_after = 1_200
    with pytest.raises(Refused):
        desk.send(many(3_000))
    desk.broker = MemoryPublisher()
    desk.uuid = "second"
    assert desk.send(many(3_000)).skipped == 0
    assert desk.rows == list(range(1, 3_001))


def test_progress_is_told_and_the_spool_is_empty_afterwards(desk: Desk) -> None:
    steps: list[tuple[int, int]] = []
    desk.send(many(2_400), progress=lambda done, of: steps.append((done, of)))
    assert steps == [(1_000, 2_400), (2_000, 2_400), (2_400, 2_400)]
    assert list((desk.folder / "spool").iterdir()) == []


def test_the_source_is_the_digest_of_the_content(desk: Desk) -> None:
    result = desk.send("Day,Item\n1,a\n")
    entry = desk.journal.entry("shop", result.source)
    assert entry is not None
    assert (result.source, entry.state) == (file_source("shop", entry.content), "sent")
