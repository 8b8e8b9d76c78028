"""A file of which Kafka has lost records that it had acknowledged."""

import pytest

from millrace.errors import Refused
from tests.unit.producer.files.desk import Desk, many


@pytest.mark.parametrize("others", [0, 5_000], ids=["a topic that ended", "others have written since"])
def test_what_kafka_has_lost_of_a_sent_file_is_sent_again(desk: Desk, others: int) -> None:
    desk.send(many(3_000), once=True)
    assert desk.send(many(3_000), once=True).sent == 0
    del desk.broker.partitions[0][1_500:]
    desk.broker.publish(0, [b"another's"] * others)
    again = desk.send(many(3_000), once=True)
    assert again.sent > 0
    del desk.broker.partitions[0][1_500 : 1_500 + others]
    assert sorted(set(desk.rows)) == list(range(1, 3_001))


def test_a_send_whose_records_kafka_loses_meanwhile_is_not_done(desk: Desk) -> None:
    def lose(done: int, _all: int) -> None:
        if done == 3_000:
            del desk.broker.partitions[0][10:]

    with pytest.raises(Refused, match=r"^Kafka has lost records of x\.csv that it had acknowledged; send it again\.$"):
        desk.send(many(3_000), progress=lose)
    desk.send(many(3_000))
    assert sorted(set(desk.rows)) == list(range(1, 3_001))
