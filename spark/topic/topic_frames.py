"""A topic's records as DataFrames of `value, partition, offset, timestamp`."""

from pyspark.sql import DataFrame, SparkSession

from millrace.kafka.topic_settings import FRAMING
from millrace.kafka_account import KafkaAccount, for_spark
from millrace.record.event import MAX_BYTES
from spark.topic.feed_topic import COLUMNS
from spark.topic.offset_range import OffsetRange
from spark.topic.offsets import Offsets, all_offsets

BATCH_RECORDS = 300_000
"""About five seconds' worth on two cores: so long its tasks may hold the places of other feeds'. A larger load costs
less for each record, as more of them add to the same keys of rollups."""
REQUEST_MS = 15_000
"""For an answer of Kafka's: after a cut network the next question is asked so soon."""
ONE_BY_ONE = 500
"""Records, as many as a consumer unpacks at once by itself. Each that is asked for alone takes two more answers."""
GROUP = "spark-kafka-source"
"""How Spark names the groups of its streams' readers, which are those that the account may use."""


def stream_of(spark: SparkSession, account: KafkaAccount, topic: str, start: Offsets) -> DataFrame:
    """The topic from there on, unbounded."""
    source = spark.readStream.format("kafka").options(**_options(account, topic))
    source = source.option("startingOffsets", all_offsets(topic, start))
    return source.option("maxOffsetsPerTrigger", str(BATCH_RECORDS)).load().select(*COLUMNS)


def part_of(spark: SparkSession, account: KafkaAccount, topic: str, wanted: OffsetRange) -> DataFrame:
    """The records of the range, read by consumers of its own; of a small one none is unpacked that lies behind it."""
    source = spark.read.format("kafka").options(**_options(account, topic))
    source = source.option("startingOffsets", all_offsets(topic, wanted.start))
    source = source.option("endingOffsets", all_offsets(topic, wanted.end)).option("groupIdPrefix", GROUP)
    if wanted.size <= ONE_BY_ONE:
        source = source.option("kafka.max.poll.records", "1").option("kafka.max.partition.fetch.bytes", "1")
    return source.load().select(*COLUMNS)


def unread(spark: SparkSession, partition: int, offset: int) -> DataFrame:
    """A record that is too large to be read: where it stands, without its value and time."""
    query = "SELECT cast(NULL AS binary), {partition}, cast({offset} AS bigint), cast(NULL AS timestamp)"
    return spark.sql(query, partition=partition, offset=offset).toDF(*COLUMNS)


def _options(account: KafkaAccount, topic: str) -> dict[str, str]:
    return {
        **for_spark(account.java()),
        "kafka.isolation.level": "read_committed",
        "kafka.request.timeout.ms": str(REQUEST_MS),
        "kafka.default.api.timeout.ms": str(2 * REQUEST_MS),
        "kafkaConsumer.pollTimeoutMs": str(2 * REQUEST_MS),
        "kafka.max.partition.fetch.bytes": str(MAX_BYTES + FRAMING),
        "subscribe": topic,
        "failOnDataLoss": "true",
    }
