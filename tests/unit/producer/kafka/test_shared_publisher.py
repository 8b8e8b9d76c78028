"""A connection to Kafka that outlives one file."""

from producer.kafka.shared_publisher import KeptPublisher
from tests.unit.producer.memory_topic import MemoryPublisher


def test_a_publisher_is_kept_while_all_is_acknowledged() -> None:
    made: list[MemoryPublisher] = []

    def make() -> MemoryPublisher:
        made.append(MemoryPublisher(fail_after=2))
        return made[-1]

    kept = KeptPublisher(make)
    kept.publish(0, [b"a"])
    kept.close()
    kept.publish(0, [b"b"])
    kept.close()
    assert (len(made), made[0].closed) == (1, False)
    kept.publish(0, [b"c"])
    kept.close()
    assert made[0].closed
    kept.publish(0, [b"d"])
    kept.end()
    assert (len(made), made[1].closed) == (2, True)
