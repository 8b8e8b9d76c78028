"""The first example: counts the words of a Kafka topic while you type them.

    spark-submit /opt/millrace/app/spark/jobs/wordcount.py TOPIC [--kafka HOST:PORT] [--trigger SECONDS]

Prints the counts so far whenever new lines arrived; Ctrl-C ends it. docs/wordcount.md walks through it.
"""

import argparse
import sys
from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from millrace.errors import Refused
from millrace.kafka_account import PEOPLES, for_spark, read_properties

SHOWN = 1000


def words(lines: DataFrame) -> DataFrame:
    """Kafka records → one lower-case word per row; punctuation between words counts for nothing."""
    line = F.lower(F.col("value").cast("string"))
    return lines.select(F.explode(F.split(line, r"[^\p{L}\p{N}']+")).alias("word")).filter("word <> ''")


def count_words(lines: DataFrame) -> DataFrame:
    """Kafka records → word, count; the most frequent first, equal ones by the alphabet."""
    return lines.transform(words).groupBy("word").count().orderBy(F.desc("count"), "word")


def read_lines(spark: SparkSession, client: dict[str, str], topic: str) -> DataFrame:
    """Every record of the topic, from its first, with a Kafka client of those settings."""
    reader = spark.readStream.format("kafka").options(**for_spark(client))
    return reader.option("subscribe", topic).option("startingOffsets", "earliest").load()


def main(arguments: Sequence[str]) -> int | str:
    """Counts until Ctrl-C; why it could not, where it could not begin."""
    parser = argparse.ArgumentParser(prog="wordcount.py", description="Counts the words of a Kafka topic.")
    parser.add_argument("topic")
    parser.add_argument("--kafka", help="host:port of a broker without accounts; the lab's own, unless given")
    parser.add_argument("--trigger", type=int, default=1, help="seconds between two looks at the topic")
    given = parser.parse_args(arguments)
    try:
        client = {"bootstrap.servers": given.kafka} if given.kafka else read_properties(PEOPLES)
    except Refused as refused:
        return f"✗ {refused}"
    kafka = client["bootstrap.servers"]
    # Two partitions are plenty for a few words, and every partition of a count is a task per look.
    spark = SparkSession.builder.appName("wordcount").config("spark.sql.shuffle.partitions", "2").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    counts = count_words(read_lines(spark, client, given.topic))
    writer = counts.writeStream.outputMode("complete").format("console").option("numRows", SHOWN)
    query = writer.option("truncate", "false").trigger(processingTime=f"{given.trigger} seconds").start()
    print(f"Counting the words of {given.topic} at {kafka}; Ctrl-C ends it.", flush=True)
    try:
        query.awaitTermination()
    except KeyboardInterrupt:
        query.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
