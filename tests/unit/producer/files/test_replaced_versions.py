"""What a version of a file takes the place of, where an earlier one may not have come through."""

import pytest

from millrace.errors import Refused
from producer.kafka.journal import Position
from tests.unit.producer.files.desk import Desk


def test_a_version_that_kafka_may_have_nothing_of_is_replaced_with_what_it_would_have_replaced(desk: Desk) -> None:
    """A send is killed behind its entry in the journal; what is newer must not stand beside what is older."""
    first = desk.send("Day,Item\n1,a\n")
    begun = [desk.begin(f"Day,Item\n1,{item}\n", again="replace") for item in "bc"]
    desk.send("Day,Item\n1,d\n", again="replace")
    assert desk.events[-1]["replaces"] == [begun[1], begun[0], first.source]


@pytest.mark.parametrize("has_come", ["all", "part", "nothing", "lost"])
def test_a_version_that_kafka_has_records_of_is_replaced_alone(desk: Desk, has_come: str) -> None:
    first = desk.send("Day,Item\n1,a\n")
    second = desk.begin("Day,Item\n1,b\n2,b\n", again="replace")
    if has_come == "all":
        desk.send("Day,Item\n1,b\n2,b\n", again="replace")
    elif has_come != "nothing":
        desk.journal.acknowledge("shop", second, 1, [Position(0, 999, 1)] if has_come == "lost" else [])
    desk.send("Day,Item\n1,c\n", again="replace")
    alone = has_come in {"all", "part"}
    assert desk.events[-1]["replaces"] == (second if alone else [second, first.source])


def test_what_was_sent_to_a_topic_that_is_gone_may_never_have_been_loaded(desk: Desk) -> None:
    first = desk.send("Day,Item\n1,a\n")
    second = desk.send("Day,Item\n1,b\n", again="replace")
    desk.uuid = "another"
    third = desk.send("Day,Item\n1,c\n", again="replace")
    assert desk.events[-1]["replaces"] == [second.source, first.source]
    desk.send("Day,Item\n1,d\n", again="replace")
    assert desk.events[-1]["replaces"] == third.source


@pytest.mark.parametrize(("loaded", "oldest"), [(None, 0), (0, 0), (1, 1), (2, 2)])
def test_of_versions_that_came_to_nothing_together_all_make_room(desk: Desk, loaded: int | None, oldest: int) -> None:
    """A topic, or what was sent while a backup was taken, is gone with several versions; each named the one before."""
    sent = [desk.send("Day,Item\n1,a\n").source]
    sent += [desk.send(f"Day,Item\n1,{item}\n", again="replace").source for item in "bcd"]
    desk.uuid = "another"
    desk.loaded = set() if loaded is None else {sent[loaded]}
    desk.send("Day,Item\n1,e\n", again="replace")
    assert desk.events[-1]["replaces"] == sent[oldest:][::-1]


def test_what_counts_under_another_name_since_is_left_alone(desk: Desk) -> None:
    desk.send("Day,Item\n1,a\n")
    second = desk.begin("Day,Item\n1,b\n", again="replace")
    desk.send("Day,Item\n1,a\n", name="y.csv")
    desk.send("Day,Item\n1,c\n", again="replace")
    assert desk.events[-1]["replaces"] == second


def test_a_version_that_is_undone_in_between_breaks_no_chain(desk: Desk) -> None:
    first = desk.send("Day,Item\n1,a\n")
    desk.begin("Day,Item\n1,b\n", again="replace")
    third = desk.begin("Day,Item\n1,c\n", again="replace")
    desk.send("Day,Item\n1,b\n", again="replace")
    assert desk.events[-1]["replaces"] == [third, first.source]


def test_a_version_that_is_sent_under_another_name_breaks_no_chain(desk: Desk) -> None:
    first = desk.send("Day,Item\n1,a\n")
    desk.begin("Day,Item\n1,b\n", again="replace")
    third = desk.begin("Day,Item\n1,c\n", again="replace")
    desk.send("Day,Item\n1,b\n", name="y.csv")
    desk.send("Day,Item\n1,d\n", again="replace")
    assert desk.events[-1]["replaces"] == [third, first.source]


def test_too_many_versions_that_never_came_through_are_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each event names all of them; the newest, which is sent to its end, names no more than it did."""
    monkeypatch.setattr("producer.files.send_file.MOST_REPLACED", 2)
    desk.send("Day,Item\n1,a\n")
    for item in "bc":
        desk.begin(f"Day,Item\n1,{item}\n", again="replace")
    with pytest.raises(Refused, match=r"^None of the last 3 versions of x\.csv has arrived; send the newest again\.$"):
        desk.send("Day,Item\n1,d\n", again="replace")
    third = desk.send("Day,Item\n1,c\n", again="replace")
    desk.send("Day,Item\n1,d\n", again="replace")
    assert desk.events[-1]["replaces"] == third.source


def test_what_came_back_does_not_replace_itself(desk: Desk) -> None:
    desk.send("Day,Item\n1,a\n")
    second = desk.begin("Day,Item\n1,b\n", again="replace")
    desk.send("Day,Item\n1,a\n", again="replace")
    assert desk.events[-1]["replaces"] == second
