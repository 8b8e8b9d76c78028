"""What a person reads when Kafka does not take a batch: a refusal is told as one, silence as silence."""

import pytest
from kafka.errors import InvalidRecordError, KafkaTimeoutError, NotEnoughReplicasError, TopicAuthorizationFailedError
from kafka.producer.future import FutureProduceResult, FutureRecordMetadata
from kafka.structs import TopicPartition

from millrace.errors import Refused
from producer.kafka.publisher import KafkaReceipt

SILENT = (
    "Kafka at kafka:9092 stopped answering ({}); see `make status`, then send again: what it has acknowledged is not "
    "sent twice."
)
COMPACTED = "Compacted topic cannot accept message without key in topic partition shares-0."


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (InvalidRecordError(COMPACTED), f"Kafka at kafka:9092 refuses that (INVALID_RECORD): {COMPACTED}"),
        (
            InvalidRecordError(None),
            "Kafka at kafka:9092 refuses that (INVALID_RECORD): "
            "This record has failed the validation on broker and hence will be rejected.",
        ),
        (
            TopicAuthorizationFailedError("shares"),
            "Kafka at kafka:9092 refuses that (TOPIC_AUTHORIZATION_FAILED): shares.",
        ),
        (KafkaTimeoutError("30 s"), SILENT.format("KafkaTimeoutError")),
        (NotEnoughReplicasError(None), SILENT.format("NotEnoughReplicasError")),
    ],
)
def test_a_batch_that_is_not_acknowledged_says_why(error: Exception, sentence: str) -> None:
    produced = FutureProduceResult(TopicPartition("shares", 0))
    metadata = FutureRecordMetadata(produced, 0, None, None, -1, -1, -1)
    produced.failure(error)
    with pytest.raises(Refused) as refused:
        KafkaReceipt("kafka:9092", [metadata], 1).end_offset()
    assert str(refused.value) == sentence
