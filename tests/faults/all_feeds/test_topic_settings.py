"""A topic that is made anew after Kafka was restarted is not compacted because its namesake was."""

from contextlib import closing

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource

from instruments import own_feed
from instruments.failpoints import DEADLINE
from instruments.tools import wait_until
from lab.host import remote
from lab.observe.access import kafka_account

SECONDS = 60
COMPACTED = {"cleanup.policy": "compact"}


@pytest.mark.full
def test_a_topic_made_anew_takes_records_without_a_key(parcel: None) -> None:
    with closing(KafkaAdminClient(**kafka_account("admin").client())) as admin:
        admin.alter_configs([ConfigResource("topic", own_feed.FEED, COMPACTED)])
    own_feed.take_away()
    remote.run("kafka", "sudo systemctl restart kafka", timeout=120)
    own_feed.switch_on()
    with closing(KafkaProducer(**kafka_account("person").client())) as producer:
        producer.send(own_feed.FEED, own_feed.record("without a key").encode()).get(timeout=SECONDS)
    wait_until(lambda: own_feed.committed_ends() == own_feed.topic_ends(), "it is loaded", DEADLINE)
    assert own_feed.rows(f"SELECT COUNT(*) AS n FROM v_{own_feed.FEED} WHERE name = 'without a key'") == [{"n": 1}]
